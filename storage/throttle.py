"""How often somebody has tried, as the office keeps it: counts under keyed hashes. Holds no name and no address.

Its times are handed in rounded (fieldwork/staff/throttling.py): they date nothing that lies beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.office import Office, metadata

throttle = Table(
    "throttle",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", DateTime, nullable=False),  # before this, nothing more under this key
    Column("forget", DateTime, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Count:
    """What is known of one key."""

    failures: int
    until: datetime


def count_of(office: Office, key: bytes) -> Count | None:
    """The count under this key."""
    with office.engine.connect() as connection:
        row = connection.execute(select(throttle).where(throttle.c.key == key)).first()
    return Count(row.failures, row.until.replace(tzinfo=UTC)) if row else None


def replace_count(office: Office, key: bytes, before: Count | None, after: Count, forget: datetime) -> bool:
    """Put a count in the place of the one that was read. False when somebody else has changed it in between."""
    row = {"failures": after.failures, "until": _naive(after.until), "forget": _naive(forget)}
    try:
        with office.engine.begin() as connection:
            if before is None:
                connection.execute(insert(throttle).values(key=key, **row))
                return True
            same = (throttle.c.failures == before.failures) & (throttle.c.until == _naive(before.until))
            return connection.execute(update(throttle).where(same & (throttle.c.key == key)).values(row)).rowcount == 1
    except IntegrityError:
        return False


def clear_count(office: Office, key: bytes, only: Count | None = None) -> None:
    """Forget the count under this key; with `only`, if it is still that one."""
    here = throttle.c.key == key
    if only is not None:
        here &= (throttle.c.failures == only.failures) & (throttle.c.until == _naive(only.until))
    with office.engine.begin() as connection:
        connection.execute(delete(throttle).where(here))


def forget_counts(office: Office, now: datetime) -> None:
    """Delete the counts that have had their time."""
    with office.engine.begin() as connection:
        connection.execute(delete(throttle).where(throttle.c.forget <= _naive(now)))


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
