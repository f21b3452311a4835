"""The three stores of an instance. Refuses to open any that is of another version, or two in one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from errors import SettingsError, StorageError
from storage.engines import open_engine
from storage.office import Office, create_office, tell, told
from storage.vaults import Vault, create_vault

SCHEMA = "1"


@dataclass(frozen=True)
class Addresses:
    """SQLAlchemy URLs of the three stores."""

    research: str
    identity: str
    office: str


@dataclass(frozen=True)
class Stores:
    """Both vaults and the office."""

    research: Vault
    identity: Vault
    office: Office


def create_stores(addresses: Addresses) -> Stores:
    """Make the tables of all three stores. Raises SettingsError, StorageError."""
    stores = _connect(addresses)
    create_vault(stores.research)
    create_vault(stores.identity)
    create_office(stores.office)
    tell(stores.office, "schema", SCHEMA)
    return stores


def open_stores(addresses: Addresses) -> Stores:
    """The three stores. Raises StorageError when they are of another version or cannot be read."""
    stores = _connect(addresses)
    try:
        found = told(stores.office, "schema")
    except SQLAlchemyError:
        raise StorageError("The office store cannot be read. Is its address right, and was `flask init` run?") from None
    if found != SCHEMA:
        raise StorageError(f"The stores have schema {found}, and this Amanah needs {SCHEMA}.")
    return stores


def _connect(addresses: Addresses) -> Stores:
    if len({addresses.research, addresses.identity, addresses.office}) < 3:
        raise SettingsError("IDENTITY_DATABASE, RESEARCH_DATABASE and OFFICE_DATABASE must differ from each other.")
    return Stores(
        Vault(open_engine(addresses.research), "research"),
        Vault(open_engine(addresses.identity), "identity"),
        Office(open_engine(addresses.office)),
    )
