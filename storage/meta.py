"""What a store says of itself: which of the three it is, and the version of its tables. Nothing of a participant."""

from __future__ import annotations

from sqlalchemy import Column, Engine, MetaData, String, Table, select
from sqlalchemy.exc import SQLAlchemyError

from errors import SettingsError, StorageError, StoreAway
from storage.engines import is_sqlite, upsert

SCHEMA = "4"
metadata = MetaData()
meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)


def told(engine: Engine, name: str) -> str | None:
    """One fact, or None."""
    with engine.connect() as connection:
        return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def tell(engine: Engine, name: str, value: str) -> None:
    """Set one fact."""
    stated = upsert(engine, meta).values(name=name, value=value)
    with engine.begin() as connection:
        connection.execute(stated.on_conflict_do_update(index_elements=meta.primary_key, set_={"value": value}))


def claim(engine: Engine, store: str) -> None:
    """Make this database the store of this name. Raises SettingsError when it is another one already."""
    metadata.create_all(engine)
    found = told(engine, "store")
    if found not in (None, store):
        # Two spellings of one address would otherwise put both vaults side by side.
        raise SettingsError(f"{store.upper()}_DATABASE must differ from {str(found).upper()}_DATABASE.")
    tell(engine, "store", store)
    tell(engine, "schema", SCHEMA)


def recognise(engine: Engine, store: str) -> None:
    """Check that this database is the store of this name, in this version. Raises StorageError."""
    try:
        found, schema = told(engine, "store"), told(engine, "schema")
    except StoreAway:
        if is_sqlite(engine):
            raise  # it says what its disk does not do
        raise StoreAway(
            f"The {store} store cannot be reached. Does its server run, and is {store.upper()}_DATABASE right?"
        ) from None
    except SQLAlchemyError:
        raise StorageError(
            f"The {store} store cannot be read. Is {store.upper()}_DATABASE right, and was `flask init` run?"
        ) from None
    if found != store:
        raise StorageError(f"{store.upper()}_DATABASE names another store ({found}). Nothing was opened.")
    if schema != SCHEMA:
        raise StorageError(
            f"The {store} store has version {schema}, and this Amanah needs {SCHEMA}. "
            "Use the Amanah that made it, or make a new instance with `flask init`."
        )
