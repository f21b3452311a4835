"""Open a database so that what must be durable is durable and what is erased is gone. Asserts it, never assumes it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from errors import SettingsError, StorageError, StoreAway, StoreLost
from storage import disks
from storage.alone import AT_ONCE, begin_where_it_is_needed
from storage.away import in_words
from storage.pauses import ask_after_a_pause
from storage.reaching import check_server, reached

# SQLite: pragma → what it must read back as.
PRAGMAS: dict[str, Any] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "busy_timeout": 15_000,
}
AGAIN_AFTER = 0.02  # seconds
FILE = "file"  # which one a connection has open
# Connections that a process keeps to a store: two for each thread of a server, so that none is made anew in a crowd.
# The one that was used last is used next: it still knows pages and statements.
POOLED = 16
SPELLED = {"synchronous": "FULL", "secure_delete": "ON", "foreign_keys": "ON"}


def open_engine(url: str, new: bool = False) -> Engine:
    """The engine of a SQLite or PostgreSQL address; a SQLite file is made only if `new`.

    Raises SettingsError for an address that is no such one, StorageError for a file that is missing or another's.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise SettingsError("A database address is not a valid SQLAlchemy URL.") from None
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _sqlite(address, new)
    if backend == "postgresql":
        return _postgresql(address)
    raise SettingsError(f"Databases are SQLite or PostgreSQL, not {backend}.")


def is_sqlite(engine: Engine) -> bool:
    """Whether this is SQLite."""
    return engine.dialect.name == "sqlite"


def upsert(engine: Engine, table: Table) -> Any:
    """An INSERT that can say what to do when the key is there already, in this engine's own dialect."""
    return inserting(engine)(table)


def inserting(engine: Engine) -> Callable[[Table], Any]:
    """What makes such an INSERT."""
    if is_sqlite(engine):
        return sqlite.insert
    # Loaded where it is used: it would cost every other start a tenth of its time.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


@contextmanager
def at_once(engine: Engine) -> Iterator[Connection]:
    """A connection for one statement, which is a transaction by itself: with PostgreSQL none is begun and ended for it.

    SQLite begins none for what only reads, and pays nothing for beginning one for what writes.
    """
    if is_sqlite(engine):
        with engine.begin() as connection:
            yield connection
    else:
        with engine.connect().execution_options(**{AT_ONCE: True}) as connection:
            yield connection


def size_of(engine: Engine) -> int:
    """How many bytes the database takes, SQLite's write-ahead log included."""
    if is_sqlite(engine):
        path = Path(str(engine.url.database))
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.is_file())
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("select pg_database_size(current_database())").scalar_one())


def checkpoint(engine: Engine) -> None:
    """Empty SQLite's write-ahead log into the database, so that erased bytes do not linger in it.

    Raises StorageError when somebody reads for so long that it cannot be emptied: the caller must not say "erased".
    """
    if not is_sqlite(engine):
        return
    until = time.monotonic() + PRAGMAS["busy_timeout"] / 1000
    while not _is_emptied(engine):
        if time.monotonic() >= until:
            raise StorageError("The store is being read, so erased records are not gone from it yet. Please try again.")
        # SQLite waits for readers by itself, and not for somebody else who is emptying the log this very moment.
        time.sleep(AGAIN_AFTER)


def _is_emptied(engine: Engine) -> bool:
    with engine.connect() as connection:
        busy, *_ = connection.exec_driver_sql("pragma wal_checkpoint(truncate)").one()
    return not busy


def shorten_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log if nobody is in the way, without waiting; else whoever comes next empties it.

    For what is no promise to anyone: the less order the log holds, the less a seized disk tells.
    """
    if not is_sqlite(engine):
        return
    with engine.connect() as connection, suppress(StoreAway):
        connection.exec_driver_sql("pragma busy_timeout = 0")
        try:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql(f"pragma busy_timeout = {PRAGMAS['busy_timeout']}")


def _postgresql(address: URL) -> Engine:
    engine = create_engine(reached(address), hide_parameters=True, pool_size=POOLED, pool_use_lifo=True)
    ask_after_a_pause(engine)
    begin_where_it_is_needed(engine)
    event.listen(engine, "connect", check_server)
    event.listen(engine, "handle_error", in_words, retval=True)
    return engine


def _sqlite(address: URL, new: bool) -> Engine:
    if address.database in (None, "", ":memory:"):
        raise SettingsError("A SQLite address must name a file.")
    path = Path(str(address.database))
    _guard(path, new)
    engine = create_engine(address, hide_parameters=True, pool_size=POOLED, pool_use_lifo=True)
    event.listen(engine, "do_connect", lambda *_: _refuse_lost(path))
    event.listen(engine, "connect", _set_pragmas)
    _follow(engine, path)
    event.listen(engine, "handle_error", disks.in_words, retval=True)
    return engine


def _follow(engine: Engine, path: Path) -> None:
    """Let no connection be used once its file is not at its place any more.

    SQLite does not notice: what is written then is said to be kept, and goes when the connection is closed.
    """

    def note(_connection: object, record: Any) -> None:
        record.info[FILE] = _which(path)

    def check(_connection: object, record: Any, _fairy: object) -> None:
        if record.info.get(FILE) != _which(path):
            raise DisconnectionError  # the pool opens another, or says that the store is lost

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", check)


def _which(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _guard(path: Path, new: bool) -> None:
    """Make sure that the file is there and its owner's only. -wal and -shm take the mode of their database."""
    if new:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        raise StorageError(f"There is no store at {path}. Was `flask init` run?") from None
    except PermissionError:
        raise StorageError(f"{path} belongs to somebody else. Nothing was opened.") from None


def _refuse_lost(path: Path) -> None:
    """SQLite would make an empty database in the place of one that is gone."""
    if not path.exists():
        raise StoreLost(
            f"The store {path} is missing, and it does not come back by itself. See whether its disk is mounted; else "
            "put a backup back (docs/backup.md)."
        )


def _set_pragmas(connection: Any, record: Any) -> None:
    for name, wanted in PRAGMAS.items():
        connection.execute(f"pragma {name} = {SPELLED.get(name, wanted)}")
        found = connection.execute(f"pragma {name}").fetchone()[0]
        if found != wanted:
            connection.close()
            raise StorageError(f"SQLite's {name} is {found!r} and must be {wanted!r}. Nothing was opened.")
