"""The three stores of an instance. Refuses to open any that is of another version, or two in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from errors import SettingsError
from storage import approvals, notices, passkeys, sign_ins, staff, staff_links, throttle  # noqa: F401 (their tables are the office's: create_all must see them)
from storage.engines import open_engine
from storage.gathering import Gathering
from storage.meta import claim, recognise_name, refuse_others, standing_of
from storage.office import Office, create_office
from storage.vaults import Vault, create_vault


@dataclass(frozen=True)
class Addresses:
    """SQLAlchemy URLs of the three stores, and the file of the journal's key, which lies in none of them."""

    research: str
    identity: str
    office: str
    journal_key: Path | None = None


@dataclass(frozen=True)
class Stores:
    """Both vaults and the office. `arriving`: the visits that are brought at this moment."""

    research: Vault
    identity: Vault
    office: Office
    arriving: Gathering[Any, Any] = field(default_factory=lambda: Gathering(), repr=False, compare=False)


def create_stores(addresses: Addresses) -> Stores:
    """Make the tables of all three stores. Raises SettingsError, StorageError."""
    stores = _connect(addresses, new=True)
    _each(stores, claim)
    create_vault(stores.research)
    create_vault(stores.identity)
    create_office(stores.office)
    return stores


def open_stores(addresses: Addresses) -> Stores:
    """The three stores.

    Raises StorageError when one is missing, another, or cannot be read, SchemaOther when one is of another version.
    """
    stores = _connect(addresses, new=False)
    _each(stores, recognise_name)
    with _or_closed(stores):
        # All at once: whoever must migrate is told of every store that it concerns.
        refuse_others(standing_of(engine, store) for store, engine in engines_of(stores).items())
    return stores


def close_stores(stores: Stores) -> None:
    """Let go of every connection."""
    for engine in engines_of(stores).values():
        engine.dispose()


def engines_of(stores: Stores) -> dict[str, Engine]:
    """The engine of each store, by the store's name."""
    return {
        "research": stores.research.engine,
        "identity": stores.identity.engine,
        "office": stores.office.engine,
    }


def _each(stores: Stores, check: Callable[[Engine, str], None]) -> None:
    with _or_closed(stores):
        for store, engine in engines_of(stores).items():
            check(engine, store)


@contextmanager
def _or_closed(stores: Stores) -> Iterator[None]:
    try:
        yield
    except BaseException:
        close_stores(stores)
        raise


def _connect(addresses: Addresses, new: bool) -> Stores:
    if len({addresses.research, addresses.identity, addresses.office}) < 3:
        raise SettingsError("IDENTITY_DATABASE, RESEARCH_DATABASE and OFFICE_DATABASE must differ from each other.")
    return Stores(
        Vault(open_engine(addresses.research, new), "research"),
        Vault(open_engine(addresses.identity, new), "identity"),
        Office(open_engine(addresses.office, new), addresses.journal_key),
    )
