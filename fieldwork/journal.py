"""The journal as staff meet it: read in pages and filtered, checked, and handed to a witness. Adds what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from errors import JournalBroken
from fieldwork.study import Study
from storage.checkpoints import Checkpoint, make_checkpoint
from storage.journal import Act, entries_before
from storage.journal import Entry as Entry
from storage.journal import Pen as Pen
from storage.journal_check import verify_journal
from storage.journal_key import fingerprint
from storage.reporting import Report, unheard

PAGE = 50  # entries on one page


@dataclass(frozen=True)
class Wanted:
    """Which entries are to be seen: those of an act, of a person (a part of the name is enough), of these days."""

    act: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is one of these."""
        named = self.person.casefold() in entry.actor.casefold()
        return named and self.act in ("", entry.act) and self._is_in_time(entry.day)

    def _is_in_time(self, day: str) -> bool:
        return (not self.since or self.since.isoformat() <= day) and (not self.until or day <= self.until.isoformat())


@dataclass(frozen=True)
class Verified:
    """What a check of the whole journal found. `broken`: what does not hold, in a sentence; "" where all holds."""

    entries: int
    broken: str
    keys: tuple[str, ...] = ()


def pen_of(study: Study, name: str, today: date) -> Pen:
    """What writes this person's acts down."""
    return Pen(study.stores.office, name, today)


def write_not_permitted(pen: Pen, asked: str) -> None:
    """Write down that somebody asked for what their role does not include; the same once a day."""
    pen.write_once(Act.NOT_PERMITTED, asked)


def acts() -> tuple[str, ...]:
    """All that can be written down."""
    return tuple(act.value for act in Act)


def read_page(study: Study, wanted: Wanted, before: int = 0) -> tuple[tuple[Entry, ...], int]:
    """The newest of the entries wanted, from below number `before` if that is given; and where the next page begins.

    That is 0 where there is no further page. Raises JournalBroken where an entry cannot be read.
    """
    found: list[Entry] = []
    for entry in filter(wanted.holds, entries_before(study.stores.office, before)):
        if len(found) == PAGE:
            return tuple(found), found[-1].number
        found.append(entry)
    return tuple(found), 0


def verified(study: Study, report: Report = unheard) -> Verified:
    """Check every entry. `report` hears how far it is."""
    try:
        whole = verify_journal(study.stores.office, report=report)
    except JournalBroken as told:
        return Verified(0, str(told))
    return Verified(whole.entries, "", tuple(fingerprint(bytes.fromhex(key)) for _, key in whole.keys))


def checkpoint(study: Study, actor: str, today: date) -> Checkpoint:
    """A new checkpoint of the journal. Raises JournalNotWritten."""
    return make_checkpoint(study.stores.office, study.name, actor, today)
