"""Who may be the second of two people: somebody who was not made for it. Goes by the signed journal, by no table.

Whoever proposes something could invite somebody, or reset a colleague, open the link themselves and confirm under that
name. So whoever confirms has had their place for longer than a proposal can wait, and their colleagues have had a week
to see who came. A new instance has nobody of whom that could be said: in its first week it is not asked.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from storage.journal import Act, Entry
from storage.journal_vouched import first_day, vouched_entries
from storage.office import Office

SETTLING = timedelta(days=7)


class Place(StrEnum):
    """How long somebody has had their place on the staff."""

    SETTLED = "settled"
    NEW = "new"
    FIRST_WEEK = "first week"  # new, as everybody is here


def place_of(office: Office, name: str, today: date) -> Place:
    """Since when this member has been what they are: they joined, or were let in again, reset, given a role.

    Whoever no entry names was put into the table by nobody of the staff, and is new for good. Raises JournalBroken.
    """
    last = next((entry.day for entry in vouched_entries(office) if _made(entry, name)), None)
    latest = today - SETTLING
    if last is not None and last < latest.isoformat():
        return Place.SETTLED
    return Place.FIRST_WEEK if first_day(office) >= latest else Place.NEW


def _made(entry: Entry, name: str) -> bool:
    """Whether this entry made somebody what they are."""
    if entry.act == Act.STAFF_JOINED:
        return entry.actor == name
    if entry.act == Act.STAFF_ROLE_CHANGED:
        return entry.detail.rpartition(", ")[0] == name
    return entry.act in (Act.STAFF_ENABLED, Act.STAFF_RESET) and entry.detail == name
