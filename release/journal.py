"""The desk's own journal: each release, each act of the custodians, beside the releases. Names nobody who takes part.

It is the field app's journal in small, in the same format with a key of its own: the desk is another machine, and
nothing leads from it to the instance.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from errors import AmanahError, Cancelled, JournalNotWritten
from storage.engines import open_engine
from storage.journal import COMMAND_LINE, read_journal, write_entry, write_once
from storage.journal import Act as Act
from storage.journal_check import verify_journal
from storage.journal_key import FILE, new_key_file
from storage.office import Office, create_journal

FOLDER, DATABASE = "release-journal", "journal.db"


@contextmanager
def desk_journal(releases: Path, new: bool = True) -> Iterator[Office]:
    """The journal beside the releases in this folder; made where there is none, if `new`.

    Raises JournalNotWritten, and StorageError where there is none to be read.
    """
    home = releases / FOLDER
    try:
        if new:
            _begin(home)
        office = Office(open_engine(f"sqlite:///{home}/{DATABASE}", new), home / FILE)
    except OSError:
        raise JournalNotWritten(f"The journal in {home} cannot be written, so this was not done.") from None
    try:
        _made(office, home)
        yield office
    finally:
        office.engine.dispose()


def _made(office: Office, home: Path) -> None:
    try:
        create_journal(office)
    except SQLAlchemyError:
        raise JournalNotWritten(f"The journal in {home} cannot be written, so this was not done.") from None


def _begin(home: Path) -> None:
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    if not (home / FILE).exists():
        with os.fdopen(os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new_key_file())


def write_act(
    releases: Path, actor: str, act: Act, today: date, *, count: int = 0, reason: str = "", detail: str = ""
) -> None:
    """Write an act of the desk down, before it happens. If this raises, it must not happen. Raises JournalNotWritten.

    `actor`: who does it as their key files name them, or COMMAND_LINE. Never a participant, in no part of it.
    """
    with desk_journal(releases) as office:
        write_entry(office, actor, act, today, count, reason, detail)


def write_release_made(releases: Path, purpose: str, today: date) -> None:
    """Write a release down, before it is. If this raises, it must not be written."""
    write_act(releases, COMMAND_LINE, Act.RELEASE_MADE, today, detail=purpose)


def write_words_reviewed(releases: Path, what: str, waiting: int, today: date) -> None:
    """Write down, before the first of a day, that people's own words are decided on; the same once a day.

    `waiting`: how many there are to look at, told in steps of five. Never whose, nor what was decided.
    """
    with desk_journal(releases) as office:
        write_once(office, COMMAND_LINE, Act.OPEN_TEXT_REVIEWED, today, what, count=waiting // 5 * 5)


def write_noise_paid(releases: Path, paid: Fraction, today: date) -> None:
    """Write down how much of the privacy budget is spent by now. If this raises, no noise may be drawn."""
    write_act(releases, COMMAND_LINE, Act.NOISE_PAID, today, detail=str(paid))


def noise_paid(releases: Path) -> Fraction:
    """How much of the privacy budget is spent by what the journal says; 0 where there is none. Raises JournalBroken."""
    if not (releases / FOLDER / DATABASE).exists():
        return Fraction(0)
    with desk_journal(releases, new=False) as office:
        entries = read_journal(office)
        if entries:
            verify_journal(office)
    return max((Fraction(one.detail) for one in entries if one.act == Act.NOISE_PAID), default=Fraction(0))


@contextmanager
def refused_releases_written(releases: Path, purpose: str, today: date) -> Iterator[None]:
    """Write it down when a release for this purpose is refused; the same once a day. To cancel one refuses nothing."""
    try:
        yield
    except (JournalNotWritten, Cancelled):
        raise
    except AmanahError:
        with desk_journal(releases) as office:
            write_once(office, COMMAND_LINE, Act.RELEASE_REFUSED, today, purpose)
        raise
