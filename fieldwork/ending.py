"""Whether the study is over: since when, and how far its destruction is. The signed journal says it, no table does.

From the end on no visit begins. What was sealed before may still be on its way, so it is taken for two weeks more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain
from typing import Any

from errors import JournalBroken, JournalNotWritten, StudyOver
from storage.journal import Act, Entry
from storage.journal_newest import Newest
from storage.journal_vouched import readable_entries, vouched_entries
from storage.office import Office

LATE = timedelta(days=14)  # after the end: as long as for an invitation that has run out
OVER = "This study is over and takes no more answers. Nothing was kept."
ACTS = (Act.STUDY_ENDED, Act.DESTRUCTION_AGREED, Act.DESTRUCTION_BEGUN, Act.STUDY_DESTROYED)
# By the hash of the newest entry of all, as for a legal hold: a long journal is gone through once.
_found: Newest[Ending | None] = Newest()


@dataclass(frozen=True)
class Begun:
    """A destruction that was begun, as its entry says it. `number`, `hash`: of that entry. `told`: what it decided."""

    day: date
    number: int
    hash: str
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ending:
    """A study that is over. `agreed`: digests of what two people agreed to destroy. `certificate`: its SHA-256."""

    day: date
    agreed: tuple[str, ...] = ()
    begun: Begun | None = None
    destroyed: date | None = None
    certificate: str = ""

    @property
    def takes_until(self) -> date:
        """The last day on which what was sealed before the end is taken."""
        return self.day + LATE


def ending_of(office: Office) -> Ending | None:
    """How far the end of the study is; None while it goes on.

    Where the journal does not hold, the entries count that this instance's key signed: a study that was ended by its
    people does not go on because somebody damaged a journal.
    """
    try:
        return _vouched(office)
    except (JournalBroken, JournalNotWritten):
        return _read([entry for entry, is_ours in readable_entries(office) if is_ours])


def refuse_new(ending: Ending | None) -> None:
    """Refuse what begins a visit. Raises StudyOver."""
    if ending:
        raise StudyOver(OVER)


def refuse_late(ending: Ending | None, today: date) -> None:
    """Refuse what comes too late, though it was begun before the end. Raises StudyOver."""
    if ending and (ending.begun or today > ending.takes_until):
        raise StudyOver(OVER)


def _vouched(office: Office) -> Ending | None:
    entries = vouched_entries(office)
    newest = next(entries, None)
    if newest is None:
        return None
    return _found.get(newest.hash, lambda: _read(chain([newest], entries)))


def _read(newest_first: Iterable[Entry]) -> Ending | None:
    found: Ending | None = None
    for entry in reversed([entry for entry in newest_first if entry.act in ACTS]):
        found = _with(found or Ending(date.fromisoformat(entry.day)), entry)
    return found


def _with(found: Ending, entry: Entry) -> Ending:
    day = date.fromisoformat(entry.day)
    if entry.act == Act.DESTRUCTION_AGREED:
        return replace(found, agreed=(*found.agreed, entry.detail))
    if entry.act == Act.DESTRUCTION_BEGUN:
        return (
            found
            if found.begun
            else replace(found, begun=Begun(day, entry.number, entry.hash, json.loads(entry.detail)))
        )
    if entry.act == Act.STUDY_DESTROYED:
        return replace(found, destroyed=day, certificate=entry.detail)
    return found
