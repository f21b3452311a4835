"""What is erased is gone from the bytes on disk, and nothing says "erased" before that is so."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from errors import StorageError
from storage.engines import PRAGMAS, is_sqlite
from storage.stores import Stores, close_stores, create_stores
from storage.vaults import Vault, count, deposit, erase, expire_tags, records, rewrite
from tests.storage.conftest import UNTIL, bytes_at_rest, envelope, on_sqlite

MARKER = b"marker-of-amina-"


def fill(vault: Vault) -> bytes:
    """One envelope that ends in the marker, among others. Returns its tag."""
    tag = os.urandom(16)
    for _ in range(10):
        deposit(vault, os.urandom(16), os.urandom(16), envelope(), UNTIL)
    deposit(vault, os.urandom(16), tag, envelope(MARKER), UNTIL)
    for _ in range(10):
        deposit(vault, os.urandom(16), os.urandom(16), envelope(), UNTIL)
    assert MARKER in bytes_at_rest(vault), "the search itself must find"
    assert tag in bytes_at_rest(vault)
    return tag


@pytest.mark.parametrize("which", ["research", "identity"])
def test_on_sqlite_an_erased_envelope_is_gone_at_once(tmp_path: Path, which: str) -> None:
    stores = create_stores(on_sqlite(tmp_path))
    vault: Vault = getattr(stores, which)
    tag = fill(vault)
    erase(vault, tag)
    assert MARKER not in bytes_at_rest(vault)
    assert tag not in bytes_at_rest(vault)
    close_stores(stores)


def test_on_sqlite_an_expired_tag_is_gone_at_once(tmp_path: Path) -> None:
    stores = create_stores(on_sqlite(tmp_path))
    tag = fill(stores.research)
    expire_tags(stores.research, UNTIL.replace(year=2027))
    assert tag not in bytes_at_rest(stores.research)
    close_stores(stores)


def test_after_maintenance_it_is_gone_on_either_engine(stores: Stores) -> None:
    tag = fill(stores.research)
    erase(stores.research, tag)
    rewrite(stores.research)
    assert MARKER not in bytes_at_rest(stores.research)
    assert tag not in bytes_at_rest(stores.research)


def test_an_expired_tag_is_gone_too(stores: Stores) -> None:
    tag = fill(stores.identity)
    expire_tags(stores.identity, UNTIL.replace(year=2027))
    rewrite(stores.identity)
    assert tag not in bytes_at_rest(stores.identity)
    assert MARKER in bytes_at_rest(stores.identity)


def test_postgresql_keeps_an_erased_row_until_maintenance_so_the_search_can_fail(stores: Stores) -> None:
    if is_sqlite(stores.research.engine):
        return
    erase(stores.research, fill(stores.research))
    assert MARKER in bytes_at_rest(stores.research)


def test_without_secure_delete_the_bytes_stay_so_the_assertion_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRAGMAS, "secure_delete", 0)
    monkeypatch.setattr("storage.engines.SPELLED", {"synchronous": "FULL", "secure_delete": "OFF"})
    stores = create_stores(on_sqlite(tmp_path))
    erase(stores.research, fill(stores.research))
    assert MARKER in bytes_at_rest(stores.research)
    close_stores(stores)


def test_an_erasure_that_a_reader_holds_up_is_not_called_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    stores = create_stores(on_sqlite(tmp_path))
    tag = fill(stores.research)
    with stores.research.engine.connect() as reader:
        reading = reader.execute(records.select())
        reading.fetchone()
        with pytest.raises(StorageError, match="try again"):
            erase(stores.research, tag)
        assert MARKER in bytes_at_rest(stores.research)
        reading.close()
    assert erase(stores.research, tag) == 0
    assert MARKER not in bytes_at_rest(stores.research)
    assert count(stores.research) == 20
    close_stores(stores)


def test_many_who_erase_at_the_same_time_hold_nobody_up(tmp_path: Path) -> None:
    stores = create_stores(on_sqlite(tmp_path))
    tags = [os.urandom(16) for _ in range(8)]
    for tag in tags:
        deposit(stores.research, os.urandom(16), tag, envelope(), UNTIL)
    with ThreadPoolExecutor(8) as pool:
        erased = pool.map(lambda number: erase(stores.research, tags[number % 8]), range(400))
        assert sum(erased) == 8
    close_stores(stores)
