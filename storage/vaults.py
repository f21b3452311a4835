"""A vault: envelopes under random ids, and tags that find them until the cut-off. Holds no time, site or sequence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import (
    Column,
    Date,
    Engine,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from errors import IdTaken
from privacy.envelope import Envelope
from storage.engines import checkpoint, is_sqlite

metadata = MetaData()
# WITHOUT ROWID: SQLite otherwise keeps rows in order of arrival, whatever their key.
records = Table(
    "records",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    # SHA-256 of the envelope as it was delivered: the collector tells the same bytes from others without reading them.
    Column("digest", LargeBinary(32), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
tags = Table(
    "tags",
    metadata,
    Column("tag", LargeBinary(16), nullable=False),
    Column("id", LargeBinary(16), nullable=False),
    Column("until", Date, nullable=False),
    PrimaryKeyConstraint("tag", "id"),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Vault:
    """One vault. `purpose` is what its envelopes are sealed for."""

    engine: Engine
    purpose: Literal["research", "identity"]


def create_vault(vault: Vault) -> None:
    """Make the vault's tables."""
    metadata.create_all(vault.engine)


def deposit(
    vault: Vault, record_id: bytes, tag: bytes, envelope: Envelope, until: date, delivered: Envelope | None = None
) -> bool:
    """Keep an envelope. True when it is new, False when the same was kept already. Raises IdTaken for another.

    `delivered` is what the field sent, where that was wrapped once more on arrival: wrapping gives new bytes each
    time, so what tells a repeated delivery is the digest of what was sent.
    """
    sealed = envelope.to_bytes()
    digest = hashlib.sha256((delivered or envelope).to_bytes()).digest()
    try:
        with vault.engine.begin() as connection:
            # Tags before records, here and everywhere: two that lock in one order never wait for each other.
            connection.execute(insert(tags).values(tag=tag, id=record_id, until=until))
            connection.execute(insert(records).values(id=record_id, digest=digest, envelope=sealed))
        return True
    except IntegrityError:
        if _digest_of(vault, record_id) == digest:
            return False
        raise IdTaken("Another record has this id already.") from None


def take_back(vault: Vault, record_id: bytes) -> None:
    """Take one envelope and its tag out again, because what belongs to it could not be kept."""
    with vault.engine.begin() as connection:
        connection.execute(delete(tags).where(tags.c.id == record_id))
        connection.execute(delete(records).where(records.c.id == record_id))
    checkpoint(vault.engine)


def erase(vault: Vault, tag: bytes) -> int:
    """Erase every envelope with this tag, and the tag. Returns how many envelopes went. Raises StorageError."""
    with vault.engine.begin() as connection:
        ids = connection.scalars(delete(tags).where(tags.c.tag == tag).returning(tags.c.id)).all()
        connection.execute(delete(records).where(records.c.id.in_(ids)))
    checkpoint(vault.engine)
    return len(ids)


def until_of(vault: Vault, tag: bytes) -> date | None:
    """The day until which this tag is kept; None when it is not here."""
    with vault.engine.connect() as connection:
        found: date | None = connection.scalar(select(func.min(tags.c.until)).where(tags.c.tag == tag))
    return found


def rows(vault: Vault) -> Iterator[tuple[bytes, Envelope]]:
    """Every envelope with its id, in id order, a few hundred at a time."""
    asked = select(records.c.id, records.c.envelope).order_by(records.c.id)
    with vault.engine.connect().execution_options(yield_per=500) as connection, connection.execute(asked) as found:
        for row in found:
            yield bytes(row.id), Envelope.parse(bytes(row.envelope))


def count(vault: Vault) -> int:
    """How many envelopes the vault holds."""
    with vault.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(records)) or 0


def expire_tags(vault: Vault, today: date) -> int:
    """Delete the tags whose last day has passed. From then on their envelopes cannot be found."""
    with vault.engine.begin() as connection:
        gone = connection.execute(delete(tags).where(tags.c.until < today)).rowcount
    checkpoint(vault.engine)
    return gone


def rewrite(vault: Vault) -> None:
    """Write both tables anew in key order, so that the place of a row in the file does not tell when it came."""
    rewrite_tables(vault.engine, (tags, records))


def rewrite_tables(engine: Engine, tables: tuple[Table, ...]) -> None:
    """Write tables anew in key order. On PostgreSQL every row then has the one transaction's `xmin`."""
    if is_sqlite(engine):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum")
        checkpoint(engine)
        return
    with engine.begin() as connection:
        for table in tables:
            connection.exec_driver_sql(f"lock table {table.name} in access exclusive mode")
        for table in tables:
            key = ", ".join(column.name for column in table.primary_key)
            connection.exec_driver_sql(f"create temp table anew on commit drop as select * from {table.name}")  # noqa: S608 (our own names)
            connection.exec_driver_sql(f"truncate {table.name}")
            connection.exec_driver_sql(f"insert into {table.name} select * from anew order by {key}")  # noqa: S608 (our own names)
            connection.exec_driver_sql("drop table anew")


def _digest_of(vault: Vault, record_id: bytes) -> bytes | None:
    with vault.engine.connect() as connection:
        found = connection.scalar(select(records.c.digest).where(records.c.id == record_id))
    return None if found is None else bytes(found)
