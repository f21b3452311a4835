"""What a member is to be told of their own sign-in, as the office keeps it: two counts and how far they have read.

Holds no address, no time, and no name that nobody has: what is tried under an unknown name is counted in one row for
all of them, so that it takes as long to count as what is tried under a member's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, String, Table, and_, case, or_, select

from storage.engines import upsert
from storage.journal import Entry, entry_in
from storage.office import Office, journal, metadata

NOBODY = ""  # whose row unknown names share; no member is called so
MOST = 100  # more are not counted
notices = Table(
    "notices",
    metadata,
    Column("name", String, primary_key=True),
    Column("failed", Integer, nullable=False),  # wrong passwords and codes
    Column("halves", Integer, nullable=False),  # right passwords that no right code followed
    Column("read_up_to", Integer, nullable=False),  # the number of the last entry of the journal that was read
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Counted:
    """What stands in a member's row."""

    failed: int = 0
    halves: int = 0
    read_up_to: int = 0


def counted_for(office: Office, name: str) -> Counted:
    """What stands in this member's row."""
    asked = select(notices.c.failed, notices.c.halves, notices.c.read_up_to).where(notices.c.name == name)
    with office.engine.connect() as connection:
        row = connection.execute(asked).first()
    return Counted(*row) if row else Counted()


def count_notice(office: Office, name: str | None, failed: int = 0, halves: int = 0, read_up_to: int = 0) -> None:
    """Add to a member's counts, or take away from them, and move on how far they have read. None: an unknown name."""
    told = {"failed": failed, "halves": halves, "read_up_to": read_up_to}
    first = {column: max(added, 0) for column, added in told.items()}
    after: dict[str, Any] = {
        "failed": _within(notices.c.failed + failed),
        "halves": _within(notices.c.halves + halves),
        "read_up_to": case((notices.c.read_up_to < read_up_to, read_up_to), else_=notices.c.read_up_to),
    }
    kept = upsert(office.engine, notices).values(name=name or NOBODY, **first)
    with office.engine.begin() as connection:
        connection.execute(kept.on_conflict_do_update(index_elements=notices.primary_key, set_=after))


def entries_naming(office: Office, after: int, name: str, acts: Iterable[str], to_all: str) -> tuple[Entry, ...]:
    """The entries after this number of one of these acts in which this name stands, and those of the act `to_all`.

    Newest first. The name may stand there as a part of another: who asks must look. Raises JournalBroken.
    """
    # The database looks for both in the entry as it is written, so that few of a long journal have to be read.
    written = json.dumps(name, ensure_ascii=False)[1:-1]
    named = and_(_holds(written), or_(*(_holds(f'"act":"{act}"') for act in acts)))
    asked = select(journal).where(journal.c.number > after, or_(named, _holds(f'"act":"{to_all}"')))
    with office.engine.connect() as connection:
        return tuple(entry_in(row) for row in connection.execute(asked.order_by(journal.c.number.desc())))


def _holds(text: str) -> ColumnElement[bool]:
    return journal.c.entry.contains(text, autoescape=True)


def _within(number: ColumnElement[int]) -> ColumnElement[int]:
    return case((number < 0, 0), (number > MOST, MOST), else_=number)
