"""Copy one store into a SQLite file of its own, whichever engine it is on, and load such a file into PostgreSQL.

A copy is one moment of the store, and its rows lie in key order: neither the place of a row nor the file's log tells
when somebody came. Sealed envelopes stay as they are; nothing here could open one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, Table, create_engine, insert, inspect, select

from errors import BackupRefused
from storage import office, sign_ins, staff_links, stores, throttle, vaults  # noqa: F401 (stores: all tables of the office are known with it)
from storage.engines import is_sqlite
from storage.meta import meta
from storage.passkeys import spent_challenges

Store = Literal["research", "identity", "office"]
STORES: tuple[Store, ...] = ("research", "identity", "office")
AT_ONCE = 500  # rows
# What lasts minutes or days at most and opens a door: a copy that is put back must not open it again. These are also
# the office's only times to the minute.
PASSING = (
    sign_ins.sign_ins,
    sign_ins.half_sign_ins,
    sign_ins.totp_offers,
    spent_challenges,
    staff_links.staff_links,
    throttle.throttle,
    office.enrolments,
)


def tables_of(store: Store) -> tuple[Table, ...]:
    """Every table of a store."""
    if store == "office":
        return (meta, *office.metadata.sorted_tables)
    return (meta, *(table for table in vaults.metadata.sorted_tables if store == "identity" or table.name != "limits"))


def copy_store(engine: Engine, store: Store, path: Path) -> None:
    """Write a store into a new SQLite file (0600) and make it durable. Others may read and write meanwhile.

    Raises OSError, SQLAlchemyError, sqlite3.Error where it cannot be written or read whole.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if is_sqlite(engine):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum into ?", (str(path),))
    else:
        _copy_rows(engine, store, path)
    if store == "office":
        _leave_out_passing(path)
    make_durable(path)


def check_copy(path: Path, store: Store) -> None:
    """Check that a file is a whole SQLite database with a store's tables. Changes nothing. Raises BackupRefused."""
    if not {table.name for table in tables_of(store)} <= _tables_in(path):
        raise BackupRefused(f"{path.name} is damaged: it is no whole copy of the {store} store. Nothing was changed.")


def check_whole(path: Path) -> None:
    """Check that a file is a whole SQLite database, of whatever version. Changes nothing. Raises BackupRefused."""
    _tables_in(path)


def load_store(connection: Connection, store: Store, path: Path) -> None:
    """Put a copy in the place of everything in this PostgreSQL store, in the transaction that is open."""
    tables = tables_of(store)
    for table in tables:
        table.create(connection, checkfirst=True)
    names = ", ".join(f'"{table.name}"' for table in tables)
    connection.exec_driver_sql(f"truncate {names}")
    copied = create_engine(f"sqlite:///file:{path.absolute()}?mode=ro&immutable=1&uri=true")
    try:
        with copied.connect() as source:
            for table in tables:
                _rows_across(source, connection, table)
                _count_on(connection, table)
    finally:
        copied.dispose()


def has_rows(engine: Engine) -> bool:
    """Whether this database is in use: a store's table is there and says something."""
    if not inspect(engine).has_table(meta.name):
        return False
    with engine.connect() as connection:
        return connection.execute(select(meta).limit(1)).first() is not None


def make_durable(path: Path) -> None:
    """Have a file or a folder's list of names on the disk before anything builds upon it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # A folder cannot be asked so everywhere.
        with suppress(PermissionError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tables_in(path: Path) -> set[str]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            whole = copy.execute("pragma integrity_check").fetchall() == [("ok",)]
            names = {name for (name,) in copy.execute("select name from sqlite_master where type = 'table'")}
    except sqlite3.Error:
        whole, names = False, set()
    if not whole:
        raise BackupRefused(f"{path.name} is damaged: it is no whole database. Nothing was changed.")
    return names


def _copy_rows(engine: Engine, store: Store, path: Path) -> None:
    """From PostgreSQL: one snapshot, and rows by their key. pg_dump would write them as they came."""
    copy = create_engine(f"sqlite:///{path}")
    reading = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with reading as source, copy.begin() as target:
            for table in tables_of(store):
                table.create(target)
                _rows_across(source, target, table)
    finally:
        copy.dispose()


def _rows_across(source: Connection, target: Connection, table: Table) -> None:
    ordered = select(table).order_by(*table.primary_key).execution_options(yield_per=AT_ONCE)
    with source.execute(ordered) as found:
        for rows in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])


def _count_on(connection: Connection, table: Table) -> None:
    """Where the database numbers rows itself, go on after the last one."""
    column = table.autoincrement_column
    if column is not None:
        asked = f"select setval(pg_get_serial_sequence('{table.name}', '{column.name}'), max({column.name}))"
        connection.exec_driver_sql(f"{asked} from {table.name} having max({column.name}) is not null")  # noqa: S608 (our own names)


def _leave_out_passing(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        _shut(copy, PASSING)


def _shut(copy: sqlite3.Connection, emptied: Sequence[Table]) -> None:
    copy.execute("pragma secure_delete = on")
    for table in emptied:
        copy.execute(f"delete from {table.name}")  # noqa: S608 (our own names)
    copy.execute("vacuum")
