"""Stored instances of each version of the stores (tests/vectors/instances), put where a test wants them."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table
from sqlalchemy.types import Boolean, Date, DateTime, LargeBinary

from storage import meta
from storage.engines import open_engine
from storage.meta import SCHEMA
from storage.migrating import ORDER, steps
from storage.stores import Addresses

INSTANCES = Path(__file__).parent / "vectors" / "instances"
VERSIONS = sorted((folder.name for folder in INSTANCES.iterdir() if folder.is_dir()), key=int)
BEHIND = [version for version in VERSIONS if version != SCHEMA]


@dataclass(frozen=True)
class Kept:
    """A stored instance: its version, and what a test must know of it."""

    version: str
    day: date
    passphrase: str
    receipts: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return INSTANCES / self.version


def kept(version: str) -> Kept:
    note = json.loads((INSTANCES / version / "note.json").read_text("utf-8"))
    return Kept(version, date.fromisoformat(note["day"]), note["passphrase"], tuple(note["receipts"]))


def put(instance: Kept, addresses: Addresses, folder: Path) -> Addresses:
    """Put a stored instance at these addresses, its journal's key and tombstones in this folder."""
    for name in ("journal.key", "tombstones.txt"):
        shutil.copy(instance.folder / name, folder)
    for store in ORDER:
        lines = gzip.decompress((instance.folder / f"{store}.sql.gz").read_bytes()).decode()
        address = getattr(addresses, store)
        if address.startswith("sqlite"):
            with closing(sqlite3.connect(folder / f"{store}.db")) as connection:
                connection.executescript(lines)
            continue
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(lines)
            carry(connection, address, store, int(instance.version))
    return replace(addresses, journal_key=folder / "journal.key")


def carry(source: sqlite3.Connection, address: str, store: str, version: int) -> None:
    """Make the tables of that version on PostgreSQL, and fill them."""
    engine = open_engine(address)
    meta.metadata.create_all(engine)
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            for step in steps(store, 0):
                if int(step.revision) <= version:
                    step.module.upgrade()
        found = MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            source.row_factory = sqlite3.Row
            held = source.execute(f'select * from "{table.name}"').fetchall()
            if held:
                connection.execute(table.insert(), [typed(table, row) for row in held])
    engine.dispose()


def typed(table: Table, row: sqlite3.Row) -> dict[str, Any]:
    """A row of SQLite's, which knows neither days nor truth, as the other engine wants it."""
    return {column.name: of_type(column.type, row[column.name]) for column in table.columns}


def of_type(kind: object, value: Any) -> Any:
    if value is None:
        return None
    for wanted, made in ((DateTime, datetime.fromisoformat), (Date, date.fromisoformat), (Boolean, bool)):
        if isinstance(kind, wanted):
            return made(value)
    return bytes(value) if isinstance(kind, LargeBinary) else value
