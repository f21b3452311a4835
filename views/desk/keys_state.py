"""Keys in the making at the desk, and where their task stands. In memory only: what was typed and drawn is in no cookie
and no address, and goes with locking, with idleness, with the end of the task."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from flask_babel import gettext

from errors import CeremonyError
from release.ceremony import Ceremony, Sheet, begin, finish, prove, recover, refuse_passphrases
from release.ceremony_record import Record
from release.custody import PrivateKey, unlock_identity
from release.rings import Keyring
from release.seats import Seat, Turn, refuse_strange, renew

Kind = Literal["new", "rotate", "recover", "custodians"]
NAME = "keys"  # under which the desk holds it
PATIENCE = 1800  # seconds: printing, and writing names on paper, takes longer than ten minutes without a page


@dataclass
class KeysTask:
    """One task about keys, from its first page to its record."""

    kind: Kind
    study: str
    ring: Keyring | None = None
    purposes: tuple[Literal["research", "identity"], ...] = ("research", "identity")
    seats: tuple[Seat, ...] = ()
    phrases: list[str] = field(default_factory=list, repr=False)
    turns: list[Turn] = field(default_factory=list, repr=False)
    key: PrivateKey | None = field(default=None, repr=False)
    ceremony: Ceremony | None = field(default=None, repr=False)
    first: tuple[str, ...] = field(default=(), repr=False)  # the words of the first sheet of two
    typed: tuple[str, ...] = field(default=(), repr=False)  # words of a sheet that is not right yet, one a box
    are_printed: bool = False
    drawn: str = field(default="", repr=False)  # words drawn for a holder, until they were shown
    said: str = ""
    record: Record | None = None
    folder: Path | None = None

    patience = PATIENCE

    @property
    def farewell(self) -> str:
        """What leaving before the end means."""
        if self.record is not None:
            return ""
        if self.ceremony is not None:
            return str(
                gettext(
                    "The desk forgot the keys that were in the making. Nothing was made: sheets that were printed open "
                    "nothing. Destroy them, and begin anew."
                )
            )
        return str(gettext("The desk forgot what was typed. Nothing was made, and nothing was changed."))

    @property
    def stage(self) -> str:
        """The endpoint of the page on which this task stands."""
        if self.record is not None:
            return "desk.keys_done"
        if self.kind in ("recover", "custodians") and self.key is None:
            return "desk.keys_prove" if self.kind == "recover" else "desk.keys_turn"
        if not self.seats:
            return "desk.keys_holders"
        if len(self.phrases) < len(self.seats):
            return "desk.keys_holder"
        if self.purpose_to_prove:
            return "desk.keys_prove" if self.are_printed else "desk.keys_sheets"
        return "desk.keys_finish"

    @property
    def seat(self) -> Seat:
        """Whose turn it is to choose a passphrase."""
        return self.seats[len(self.phrases)]

    @property
    def purpose_to_prove(self) -> str:
        """Of which key sheets are to be typed next; empty when all are proven."""
        return next(iter(self.ceremony.unproven()), "") if self.ceremony else ""

    @property
    def sheets_to_prove(self) -> tuple[Sheet, ...]:
        """The sheets of every key that is not proven yet."""
        if self.ceremony is None:
            return ()
        unproven = self.ceremony.unproven()
        return tuple(sheet for sheet in self.ceremony.sheets if sheet.purpose in unproven)

    @property
    def custodians(self) -> tuple[str, ...]:
        """The custodians of this task, by name."""
        return tuple(seat.name for seat in self.seats if seat.holder.custodian)

    def take_phrase(self, phrase: str) -> None:
        """The next holder's passphrase; after the last, the keys are drawn. Raises CeremonyError for a weak one."""
        taken = [*self.phrases, phrase]
        refuse_passphrases([seat.holder for seat in self.seats[: len(taken)]], taken, self.study)
        if len(taken) == len(self.seats) and self.kind in ("new", "rotate"):
            self.ceremony = begin(self.study, self.purposes, self.custodians, secrets.token_bytes, self.ring)
        self.phrases = taken

    def take_sheets(self, first: str, second: str) -> None:
        """Two sheets as typed: they prove a key of the ceremony, or make a lost one again. Raises ShareError."""
        if self.ceremony is not None:
            prove(self.ceremony, self.ceremony.unproven()[0], first, second)
        elif self.ring is not None:
            self.key = recover(self.ring, first, second)
            self.purposes = (self.key.purpose,)
        self.first = ()

    def take_turn(self, turn: Turn) -> None:
        """What one custodian brought; with the second one the identity key is open. Raises EnvelopeError."""
        self.turns.append(turn)
        if len(self.turns) < 2:
            return
        brought = [(one.data, one.passphrase) for one in self.turns]
        self.turns.clear()
        opened = unlock_identity(brought)
        if self.ring is not None:
            try:
                refuse_strange(opened.key, self.ring)
            except CeremonyError:
                opened.forget()
                raise
        self.key, self.purposes = opened.key, ("identity",)

    def write(self, folder: Path, today: date, releases: Path) -> None:
        """Write the files into this new folder, then forget every secret. Raises CeremonyError, JournalNotWritten."""
        actor = ", ".join(seat.name for seat in self.seats)
        if self.ceremony is not None:
            self.record = finish(self.ceremony, folder, self.phrases, today, releases=releases, actor=actor)
        elif self.key is not None and self.ring is not None:
            told = (self.key, self.custodians, self.ring, folder, self.phrases, today)
            is_recovery = self.kind == "recover"
            self.record = renew(*told, is_recovery=is_recovery, releases=releases, actor=actor)
        self.folder = folder
        self.forget()

    def forget(self) -> None:
        """Overwrite the keys, and let go of what was typed."""
        for one in (self.key, self.ceremony):
            if one is not None:
                one.forget()
        self.key = self.ceremony = None
        self.forget_typed()

    def forget_typed(self) -> None:
        """Let go of passphrases and words."""
        self.phrases.clear()
        self.turns.clear()
        self.first, self.typed, self.drawn = (), (), ""
