"""Keys in the making at the desk, and where their task stands. In memory only: what was typed and drawn is in no cookie
and no address, and goes with locking, with idleness, with the end of the task."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flask_babel import gettext

from release.ceremony import Ceremony, begin, refuse_passphrases
from release.ceremony_record import Record
from release.custody import PrivateKey
from release.rings import Keyring
from release.seats import Seat, Turn

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
    are_printed: bool = False
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
            return gettext(
                "The desk forgot the keys that were in the making. Nothing was made: sheets that were printed open "
                "nothing. Destroy them, and begin anew."
            )
        return gettext("The desk forgot what was typed. Nothing was made, and nothing was changed.")

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
        self.first = ()
