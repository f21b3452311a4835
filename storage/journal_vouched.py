"""Entries of the journal that the instance's own key vouches for: nobody who has the database alone can add to these.

The last entry must be signed by journal.key; every other one stands there by its hash in the one after it, so that one
signature vouches for them all. Read newest first and only as far as is wanted. Changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.exc import SQLAlchemyError

from errors import JournalBroken, JournalNotWritten
from storage.journal import AT_ONCE, Act, Entry, broken, entry_in, fault_in
from storage.journal_key import fingerprint, signer_in
from storage.office import Office, journal


def vouched_entries(office: Office) -> Iterator[Entry]:
    """Every entry, newest first. Raises JournalBroken where one does not hold, JournalNotWritten without a key."""
    own, number, expected = signer_in(office.journal_key).public.hex(), 0, ""
    for row in _newest_first(office):
        entry = entry_in(row)
        if not expected:
            _check_newest(row, entry, own)
        elif row.number != number or hashlib.sha256(row.entry.encode()).hexdigest() != expected:
            raise broken(number, "it is not the entry that the one after it names")
        number, expected = row.number - 1, entry.before
        yield entry
    if number:
        raise broken(number, "it is missing")


def readable_entries(office: Office) -> Iterator[tuple[Entry, bool]]:
    """Every entry that can still be read, newest first; and whether this instance's key signed it. Raises nothing.

    For what must rather believe a damaged journal than none at all: no chain vouches for these. Without journal.key all
    count as signed: whoever has the database alone cannot take that file.
    """
    try:
        own = signer_in(office.journal_key).public.hex()
    except JournalNotWritten:
        own = ""
    with suppress(JournalNotWritten):
        for row in _newest_first(office):
            with suppress(JournalBroken):
                entry = entry_in(row)
                yield entry, not own or (entry.key == own and not fault_in(row, entry))


def first_day(office: Office) -> date:
    """The day on which the journal begins. Raises JournalBroken where it has no first entry."""
    rows = _read(office, select(journal).where(journal.c.number == 1))
    if not rows:
        raise broken(1, "it is missing")
    return date.fromisoformat(entry_in(rows[0]).day)


def is_written(office: Office, actor: str, act: Act, detail: str) -> bool:
    """Whether this act of this person stands there."""
    wanted = (actor, act, detail)
    return any((entry.actor, entry.act, entry.detail) == wanted for entry in vouched_entries(office))


def _newest_first(office: Office) -> Iterator[Row[Any]]:
    number = 0
    while True:
        asked = select(journal).order_by(journal.c.number.desc()).limit(AT_ONCE)
        rows = _read(office, asked.where(journal.c.number < number) if number else asked)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        number = rows[-1].number


def _read(office: Office, asked: Select[Any]) -> Sequence[Row[Any]]:
    try:
        with office.engine.connect() as connection:
            return connection.execute(asked).all()
    except SQLAlchemyError:
        raise JournalNotWritten("The journal cannot be read, so this was not done. Nothing was changed.") from None


def _check_newest(row: Row[Any], entry: Entry, own: str) -> None:
    if fault := fault_in(row, entry):
        raise broken(row.number, fault)
    if entry.key != own:
        theirs, ours = (fingerprint(bytes.fromhex(key)) for key in (entry.key, own))
        raise JournalBroken(
            f"The journal does not hold at entry {row.number}: it is signed by the key {theirs}, and this instance's "
            f"is {ours}."
        )
