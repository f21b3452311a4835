"""Check the journal from the first entry to the last, and say which entry does not hold, and why. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from errors import JournalBroken
from storage.checkpoints import Checkpoint
from storage.journal import AT_THE_DESK, FIRST, Act, Entry, broken, entry_in, fault_in
from storage.journal_key import fingerprint, public_in
from storage.office import Office, journal
from storage.reporting import REPORTED, Report, unheard

# With what a journal begins: an instance's, and the desk's own.
FIRST_ACTS = frozenset({Act.INIT}) | AT_THE_DESK


@dataclass(frozen=True)
class Whole:
    """A journal that holds: how many entries, the hash of the last, the keys that signed, and where each began."""

    entries: int
    head: str
    keys: tuple[tuple[int, str], ...]


def verify_journal(office: Office, checkpoints: Sequence[Checkpoint] = (), report: Report = unheard) -> Whole:
    """Check numbers, hashes, signatures and keys, against each checkpoint that was kept outside.

    `report` hears how many entries were checked, and of how many.

    Where the instance has its journal.key, the last entries must be signed by that. Raises JournalBroken, which names
    the first entry that does not hold.
    """
    place, before, key, keys = 0, FIRST, "", list[tuple[int, str]]()
    with office.engine.connect() as connection:
        whole = connection.scalar(select(func.count()).select_from(journal)) or 0
        every = select(journal).order_by(journal.c.number).execution_options(yield_per=500)
        with connection.execute(every) as rows:
            for place, row in enumerate(rows, 1):
                entry = _checked(place, row, before, key)
                if entry.key != key:
                    keys.append((place, entry.key))
                before, key = row.hash, entry.key
                if place % REPORTED == 0:
                    report(place, whole)
                _check_against(checkpoints, place, before, key)
    if not place:
        raise broken(1, "it is missing; every journal has a first entry, so its entries were deleted")
    _check_end(place, checkpoints)
    _check_key(office, keys)
    return Whole(place, before, tuple(keys))


def _checked(place: int, row: Row[Any], before: str, key: str) -> Entry:
    if row.number != place:
        raise broken(place, "it is missing" if row.number > place else f"an entry {row.number} stands before it")
    entry = entry_in(row)
    if place == 1 and entry.act not in FIRST_ACTS:
        raise broken(1, "a journal does not begin so: what stood before it was deleted")
    fault = fault_in(row, entry) or _fault_in_line(entry, before, key)
    if fault:
        raise broken(place, fault)
    return entry


def _fault_in_line(entry: Entry, before: str, key: str) -> str:
    if entry.before != before:
        return "it does not follow upon the entry before it"
    if key and entry.key != key and entry.act != Act.JOURNAL_KEY_RENEWED:
        return "it is signed by another key than the entry before it"
    return ""


def _check_against(checkpoints: Iterable[Checkpoint], place: int, found: str, key: str) -> None:
    for one in checkpoints:
        if one.entries == place and one.key != key:
            theirs, ours = (fingerprint(bytes.fromhex(public)) for public in (one.key, key))
            raise broken(place, f"the checkpoint of {one.day} is signed by the key {theirs}, and this entry by {ours}")
        if one.entries == place and one.head != found:
            raise broken(place, f"it is not the entry that the checkpoint of {one.day} names, so it was written anew")


def _check_end(entries: int, checkpoints: Iterable[Checkpoint]) -> None:
    """What a checkpoint names beyond the last entry was cut off."""
    for one in checkpoints:
        if one.entries > entries:
            why = f"it is missing; the checkpoint of {one.day} names {one.entries} entries, and there are {entries}"
            raise broken(entries + 1, why)


def _check_key(office: Office, keys: list[tuple[int, str]]) -> None:
    own = public_in(office.journal_key)
    if own and keys and keys[-1][1] != own.hex():
        since, found = keys[-1]
        raise JournalBroken(
            f"The journal does not hold from entry {since}: it is signed by the key "
            f"{fingerprint(bytes.fromhex(found))}, and this instance's is {fingerprint(own)}."
        )
