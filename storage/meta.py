"""What a store says of itself: which of the three it is, and the version of its tables. Nothing of a participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, select
from sqlalchemy.exc import SQLAlchemyError

from errors import SchemaOther, SettingsError, StorageError, StoreAway
from storage.engines import is_sqlite, upsert

SCHEMA = "4"
SINCE = "0.1.0"  # the first Amanah whose stores have this version
RESTORING = "being restored"  # in the place of a store's name: nobody opens it until its backup is in place
OLDEST = 3  # what `flask migrate` begins with: earlier ones signed no entry of their journal
metadata = MetaData()
meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Standing:
    """Which version the tables of a store have, and the first Amanah that knows it, where the store tells."""

    store: str
    version: str
    since: str = ""

    @property
    def is_newer(self) -> bool:
        """Whether a later Amanah took it forwards."""
        return self.version.isdecimal() and int(self.version) > int(SCHEMA)

    @property
    def can_migrate(self) -> bool:
        """Whether `flask migrate` takes it forwards."""
        return self.version.isdecimal() and OLDEST <= int(self.version) < int(SCHEMA)


def told(engine: Engine, name: str) -> str | None:
    """One fact, or None."""
    with engine.connect() as connection:
        return told_by(connection, name)


def told_by(connection: Connection, name: str) -> str | None:
    """One fact, or None, as a transaction sees it."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def tell(engine: Engine, name: str, value: str) -> None:
    """Set one fact."""
    tell_all(engine, {name: value})


def tell_all(engine: Engine, facts: Mapping[str, str]) -> None:
    """Set facts that belong together: nobody ever reads some of them from one telling and some from another."""
    with engine.begin() as connection:
        for name, value in sorted(facts.items()):
            tell_by(connection, name, value)


def tell_by(connection: Connection, name: str, value: str) -> None:
    """Set one fact within a transaction."""
    stated = upsert(connection.engine, meta).values(name=name, value=value)
    connection.execute(stated.on_conflict_do_update(index_elements=meta.primary_key, set_={"value": value}))


def stamp(connection: Connection) -> None:
    """Say within a transaction that the tables have the version of this Amanah."""
    tell_by(connection, "schema", SCHEMA)
    tell_by(connection, "since", SINCE)


def claim(engine: Engine, store: str) -> None:
    """Make this database the store of this name.

    Raises SettingsError when it is another one already, SchemaOther when its tables are of another version.
    """
    metadata.create_all(engine)
    found = told(engine, "store")
    if found not in (None, store):
        # Two spellings of one address would otherwise put both vaults side by side.
        raise SettingsError(f"{store.upper()}_DATABASE must differ from {str(found).upper()}_DATABASE.")
    if found == store:
        refuse_others((standing_of(engine, store),))
    with engine.begin() as connection:
        tell_by(connection, "store", store)
        stamp(connection)


def recognise(engine: Engine, store: str) -> None:
    """Check that this database is the store of this name, in this version. Raises StorageError, SchemaOther."""
    recognise_name(engine, store)
    refuse_others((standing_of(engine, store),))


def recognise_name(engine: Engine, store: str) -> None:
    """Check that this database is the store of this name, in whatever version. Raises StorageError."""
    try:
        found = told(engine, "store")
    except StoreAway:
        if is_sqlite(engine):
            raise  # it says what its disk does not do
        raise StoreAway(
            f"The {store} store cannot be reached. Does its server run, and is its address ({store}_database) right?"
        ) from None
    except SQLAlchemyError:
        raise StorageError(
            f"The {store} store cannot be read. Is AMANAH_{store.upper()}_DATABASE right, if it is set, and was "
            "`flask init` run? If its file is damaged, put a backup back with `flask restore`."
        ) from None
    if found == RESTORING:
        raise StorageError(
            f"A backup is being put back into the {store} store, or that was interrupted. Start the field app on the "
            "machine where it was begun, which goes on with it. Nothing was opened."
        )
    if found != store:
        raise StorageError(f"{store.upper()}_DATABASE names another store ({found}). Nothing was opened.")


def standing_of(engine: Engine, store: str) -> Standing:
    """Where this store stands."""
    return Standing(store, told(engine, "schema") or "none", told(engine, "since") or "")


def refuse_others(standings: Iterable[Standing]) -> None:
    """Name every store whose tables are not this Amanah's, and say what to do. Raises SchemaOther."""
    others = [standing for standing in standings if standing.version != SCHEMA]
    if others:
        known = ", ".join(f"the {other.store} store has version {other.version}" for other in others)
        told_what = f"{known[0].upper()}{known[1:]}, and this Amanah needs {SCHEMA}."
        raise SchemaOther(f"{told_what} {_what_to_do(others)}", {other.store: other.version for other in others})


def _what_to_do(others: Sequence[Standing]) -> str:
    if newer := [other for other in others if other.is_newer]:
        since = max(other.since for other in newer)
        which = f"Amanah {since} or newer" if since else "the Amanah that made it"
        return f"This Amanah is older than its store: use {which}. Nothing was opened."
    if all(other.can_migrate for other in others):
        return "Stop what uses them, make a backup with the Amanah that made them, and run `flask migrate`."
    return "No later Amanah reads that version. Use the one that made it, or make a new instance with `flask init`."
