"""Open a database so that what must be durable is durable and what is erased is gone. Asserts it, never assumes it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from errors import SettingsError, StorageError

# pragma → what it must read back as.
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "busy_timeout": 15000}
SPELLED = {"synchronous": "FULL", "secure_delete": "ON", "foreign_keys": "ON"}


def open_engine(url: str) -> Engine:
    """The engine of a SQLite or PostgreSQL address. Raises SettingsError, StorageError."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise SettingsError("A database address is not a valid SQLAlchemy URL.") from None
    if backend == "sqlite":
        return _sqlite(url)
    if backend == "postgresql":
        return create_engine(_with_psycopg(url), hide_parameters=True, pool_pre_ping=True)
    raise SettingsError(f"Databases are SQLite or PostgreSQL, not {backend}.")


def is_sqlite(engine: Engine) -> bool:
    """Whether this is SQLite."""
    return engine.dialect.name == "sqlite"


def upsert(engine: Engine, table: Table) -> Any:
    """An INSERT that can say what to do when the key is there already, in this engine's own dialect."""
    return sqlite.insert(table) if is_sqlite(engine) else postgresql.insert(table)


def _with_psycopg(url: str) -> Any:
    return make_url(url).set(drivername="postgresql+psycopg")


def _sqlite(url: str) -> Engine:
    path = Path(make_url(url).database or "")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The file is made with its mode before SQLite sees it; -wal and -shm take the mode of their database.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, record: Any) -> None:
    for name, wanted in PRAGMAS.items():
        connection.execute(f"pragma {name} = {SPELLED.get(name, wanted)}")
        found = connection.execute(f"pragma {name}").fetchone()[0]
        if found != wanted:
            raise StorageError(f"SQLite's {name} is {found!r} and must be {wanted!r}. Nothing was opened.")


def checkpoint(engine: Engine) -> None:
    """Empty SQLite's write-ahead log into the database, so that erased bytes do not linger in it."""
    if is_sqlite(engine):
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
