"""Put a copy of a store in the place of the one that stands: a file by its name, a database in one transaction.

A file that is in the way is moved into a folder beside it. Each step can be done again after it was done or half done.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.engine import make_url

from errors import BackupRefused
from storage.engines import open_engine
from storage.meta import RESTORING, meta, tell, tell_by, told, told_by
from storage.migrating import OTHERS
from storage.store_copies import Store, copy_store, has_rows, load_store, make_durable

READY = ".restored"  # a copy that waits beside the file whose place it takes
LOGS = ("-wal", "-shm")
PATIENCE = 2.0  # seconds


def file_of(address: str) -> Path | None:
    """The file of a SQLite address; None for a PostgreSQL one."""
    told = make_url(address)
    return Path(str(told.database)) if told.get_backend_name() == "sqlite" else None


def is_there(address: str) -> bool:
    """Whether a store stands at this address, whole or not. Raises StorageError, SQLAlchemyError."""
    if (path := file_of(address)) is not None:
        return path.exists()
    with _engine(address) as engine:
        return has_rows(engine)


def refuse_company(address: str) -> None:
    """Raise BackupRefused where others are connected to this database: a server on another machine, say."""
    if file_of(address) is not None:
        return
    with _engine(address) as engine, engine.connect() as connection:
        _refuse_others(connection)


def keep_aside(address: str, store: Store, aside: Path) -> None:
    """Copy what stands in a database into this folder, so that it can be looked at later. A file is moved instead."""
    if file_of(address) is not None or (aside / f"{store}.db").exists():
        return
    with _engine(address) as engine:
        if has_rows(engine):
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy_store(engine, store, aside / f"{store}.db")


def bring_beside(address: str, copy: Path) -> None:
    """Put a copy beside the file whose place it will take: from there on, a new name is enough."""
    path = file_of(address)
    if path is None:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(path.name + READY)
    shutil.copyfile(copy, beside)
    beside.chmod(0o600)
    make_durable(beside)
    make_durable(path.parent)


def drop_beside(address: str) -> None:
    """Take away a copy that waits, where it will not be put in place."""
    if (path := file_of(address)) is not None:
        path.with_name(path.name + READY).unlink(missing_ok=True)


def give_name(address: str, aside: str) -> None:
    """Let the copy that waits be the store; what stood there goes into the folder `aside` beside it. Else nothing."""
    path = file_of(address)
    if path is None or not (beside := path.with_name(path.name + READY)).exists():
        return
    # The logs first: beside another database they would be taken for its own.
    for old in (*(path.with_name(path.name + log) for log in LOGS), path):
        if old.exists():
            folder = path.parent / aside
            folder.mkdir(mode=0o700, exist_ok=True)
            old.rename(folder / old.name)
    make_durable(path.parent)
    beside.rename(path)
    make_durable(path.parent)


def shut_out(address: str) -> None:
    """Have nobody open this database until its copy is in place, on whatever machine. A file is held by its folder."""
    if file_of(address) is None:
        with _engine(address) as engine:
            meta.create(engine, checkfirst=True)
            tell(engine, "store", RESTORING)


def let_in(address: str, store: Store) -> None:
    """Take that back, where nothing will be put in place."""
    if not is_shut(address):
        return
    with _engine(address) as engine, engine.begin() as connection:
        if told_by(connection, "schema"):
            tell_by(connection, "store", store)
        else:
            connection.execute(delete(meta))  # it was empty


def is_shut(address: str) -> bool:
    """Whether this database still waits for its copy."""
    if file_of(address) is not None:
        return False
    with _engine(address) as engine:
        return has_rows(engine) and told(engine, "store") == RESTORING


@contextmanager
def loaded(copies: dict[Store, tuple[str, Path]]) -> Iterator[list[Connection]]:
    """Load copies into their databases, each in a transaction that only whoever is given it commits.

    Raises BackupRefused where others came meanwhile: from here on they wait until it is committed.
    """
    with ExitStack() as open_ones:
        connections = []
        for store, (address, copy) in copies.items():
            if file_of(address) is None:
                engine = open_ones.enter_context(_engine(address))
                connection = open_ones.enter_context(engine.connect())
                load_store(connection, store, copy)
                _refuse_others(connection)
                connections.append(connection)
        yield connections


def _refuse_others(connection: Connection) -> None:
    """Somebody who hangs up is counted for a moment longer: so we look again before we say it."""
    until = time.monotonic() + PATIENCE
    while connection.exec_driver_sql(OTHERS).scalar_one():
        if time.monotonic() > until:
            raise BackupRefused(
                f"Others are connected to the database {connection.engine.url.database} at this moment. Stop every "
                "server first, on every machine. Nothing was changed."
            )
        time.sleep(0.05)
        # A transaction is otherwise told the same until its end.
        connection.exec_driver_sql("select pg_stat_clear_snapshot()")


@contextmanager
def _engine(address: str) -> Iterator[Engine]:
    engine = open_engine(address)
    try:
        yield engine
    finally:
        engine.dispose()
