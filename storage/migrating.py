"""Take stores forwards to the version of their tables that this Amanah needs. Loses no row, and goes through none.

Each store goes in one transaction, with all of its steps and the line that says its version: killed at any moment, it
is as it was or as it should be, and the next run goes on. Nobody else may have a store open meanwhile. A step is a
file of Alembic's form in storage/migrations/, named by the version that it leads to; docs/migrations.md.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from errors import StorageError
from storage.engines import AGAIN_AFTER, checkpoint, is_sqlite, open_engine
from storage.journal import COMMAND_LINE, Act, append_entry
from storage.journal_key import Signer, signer_in
from storage.meta import SCHEMA, Standing, recognise_name, refuse_others, stamp, standing_of, told_by
from storage.stores import Addresses
from storage.tombstones import remember_within

if TYPE_CHECKING:
    from alembic.script import Script

FOLDER = Path(__file__).parent / "migrations"
# The office first: its journal says that the stores go forwards before a vault does.
ORDER = ("office", "research", "identity")
PATIENCE = 2_000  # milliseconds for somebody who is just leaving
# Somebody's connections, of any role: a role that is nobody's superuser is told no more than this of others. The
# server's own workers are nobody's.
OTHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
    "and usesysid is not null"
)


@dataclass(frozen=True)
class _Office:
    """What goes into the office beside its steps: withdrawals that only files remember, and an entry of the journal."""

    signer: Signer
    tombstone_files: Sequence[Path]
    today: date


def standings(addresses: Addresses) -> tuple[Standing, ...]:
    """Where each store stands, whatever its version. Raises StorageError."""
    with ExitStack() as opened:
        return tuple(standing_of(opened.enter_context(_opened(addresses, store)), store) for store in ORDER)


def migrate_stores(addresses: Addresses, tombstone_files: Sequence[Path], today: date) -> Iterator[Standing]:
    """Take each store forwards that is behind, and yield where it stood. Raises StorageError, SchemaOther.

    Nothing is begun where one of the stores is in use, a later Amanah's, or too old. What the tombstone files remember
    the office remembers before it goes, since a step may change what stands in both.
    """
    office = _Office(signer_in(addresses.journal_key), tombstone_files, today)
    with ExitStack() as opened:
        engines = {store: opened.enter_context(_opened(addresses, store, alone=True)) for store in ORDER}
        found = [standing_of(engine, store) for store, engine in engines.items()]
        refuse_others(standing for standing in found if not standing.can_migrate)
        for standing in found:
            if standing.version != SCHEMA:
                _migrate(engines[standing.store], standing, office)
                yield standing


def steps(store: str, version: int) -> Iterator[Script]:
    """The steps of a store that lead beyond this version, in their order. A store has none for what is another's."""
    # Loaded where it is used: the field app needs none of it.
    from alembic.script import ScriptDirectory

    folder = str(FOLDER / store)
    scripts = ScriptDirectory(folder, version_locations=[folder])
    return reversed([step for step in scripts.walk_revisions() if int(step.revision) > version])


def take_steps(connection: Connection, store: str, version: int) -> None:
    """Take a store beyond this version, within a transaction."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    with Operations.context(MigrationContext.configure(connection)):
        for step in steps(store, version):
            step.module.upgrade()


def _migrate(engine: Engine, standing: Standing, office: _Office) -> None:
    store, version = standing.store, standing.version
    try:
        with _in_turn(engine) as connection:
            # Two runs may have found the same: whoever waited finds that it is done.
            if told_by(connection, "schema") != version:
                return
            if store == "office":
                remember_within(connection, office.tombstone_files)
            take_steps(connection, store, int(version))
            stamp(connection)
            if store == "office":
                detail = f"{version} → {SCHEMA}"
                append_entry(connection, office.signer, COMMAND_LINE, Act.MIGRATED, office.today, detail=detail)
    except SQLAlchemyError as error:
        why = str(error.__cause__ or error).partition("\n")[0]
        raise StorageError(f"The {store} store was not taken forwards and is as it was: {why}") from None
    # What a table held that was written anew must not linger in the log.
    checkpoint(engine)


@contextmanager
def _in_turn(engine: Engine) -> Iterator[Connection]:
    """A transaction that nobody else reads or writes beside, from before the version is read."""
    first = "begin exclusive" if is_sqlite(engine) else "lock table meta in access exclusive mode"
    with engine.begin() as connection:
        connection.exec_driver_sql(first)
        yield connection


@contextmanager
def _opened(addresses: Addresses, store: str, alone: bool = False) -> Iterator[Engine]:
    engine = open_engine(getattr(addresses, store))
    try:
        if alone:
            _refuse_company(engine, store)
        recognise_name(engine, store)
        yield engine
    finally:
        engine.dispose()


def _refuse_company(engine: Engine, store: str) -> None:
    """Make sure that nobody else has the store open. SQLite keeps it so until the engine goes."""
    if is_sqlite(engine):
        event.listen(engine, "connect", lambda connection, _record: _shut_others_out(connection, store), insert=True)
        return
    until = time.monotonic() + PATIENCE / 1000
    # Who has just let go is still listed for a moment.
    while _others(engine):
        if time.monotonic() >= until:
            raise _in_use(store)
        time.sleep(AGAIN_AFTER)


def _others(engine: Engine) -> int:
    # Each time in a transaction of its own: within one, the server tells what it told before.
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(OTHERS).scalar_one())


def _shut_others_out(connection: Any, store: str) -> None:
    connection.execute(f"pragma busy_timeout = {PATIENCE}")
    connection.execute("pragma locking_mode = exclusive")
    try:
        # In this mode the lock that is taken here is kept: whoever had the file open would be in its way.
        connection.execute("begin exclusive")
        connection.execute("commit")
    except sqlite3.OperationalError:
        connection.close()
        raise _in_use(store) from None


def _in_use(store: str) -> StorageError:
    return StorageError(
        f"The {store} store is in use. Stop the field app, the desk, and whatever else has it open, and run "
        "`flask migrate` again. Nothing was changed."
    )
