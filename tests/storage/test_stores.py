"""The three stores are three, are the ones they should be, and are of this version; anything else is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from errors import SettingsError, StorageError
from storage.meta import tell
from storage.stores import Addresses, Stores, close_stores, create_stores, open_stores
from storage.vaults import count
from tests.storage.conftest import on_sqlite


def test_what_was_made_opens_again(stores: Stores, addresses: Addresses) -> None:
    opened = open_stores(addresses)
    assert (opened.research.purpose, opened.identity.purpose) == ("research", "identity")
    assert count(opened.research) == 0
    close_stores(opened)


def test_two_stores_never_share_an_address(addresses: Addresses) -> None:
    with pytest.raises(SettingsError, match="must differ"):
        create_stores(replace(addresses, identity=addresses.research))


def test_two_spellings_of_one_address_are_found_out(tmp_path: Path) -> None:
    same = replace(on_sqlite(tmp_path), identity=f"sqlite:///{tmp_path}/../{tmp_path.name}/research.db")
    with pytest.raises(SettingsError, match="IDENTITY_DATABASE must differ from RESEARCH_DATABASE"):
        create_stores(same)


def test_stores_that_changed_places_are_refused(stores: Stores, addresses: Addresses) -> None:
    swapped = Addresses(research=addresses.identity, identity=addresses.research, office=addresses.office)
    with pytest.raises(StorageError, match="RESEARCH_DATABASE names another store"):
        open_stores(swapped)


@pytest.mark.parametrize("store", ["research", "identity", "office"])
def test_a_store_of_another_version_is_refused_with_what_to_do(
    stores: Stores, addresses: Addresses, store: str
) -> None:
    tell(getattr(stores, store).engine, "schema", "0")
    with pytest.raises(StorageError, match=f"The {store} store has version 0.*flask init"):
        open_stores(addresses)


def test_a_store_that_was_never_made_is_refused(addresses: Addresses) -> None:
    with pytest.raises(StorageError, match="flask init"):
        open_stores(addresses)
