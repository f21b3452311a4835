"""What two custodians hold open: the key and the people it opened. In memory only; forgotten when left alone.

It locks after ten minutes in which nobody pressed or typed anything, two minutes after its last page was closed (where
a script could tell that pages are open), and when the desk is locked or ends.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from flask_babel import lazy_gettext as _

from errors import AmanahError
from release.custody import Custodians, PrivateKey
from release.people import Contactable, Opened, open_identities
from release.requests import ConsentRecord
from release.source import Source
from views.work import Clock, Work, awake

NAME = "identities"
IDLE, UNHEARD = 600.0, 120.0  # seconds
LOCKED = _("The identity desk is locked. Nothing of it stays open.")
WENT_WRONG = "Something went wrong while opening the records. Nothing was written."


@dataclass
class Room:
    """The identity desk while it is in use. `repr` shows nothing of anybody."""

    source: Source | None = field(repr=False)
    clock: Clock = field(default=awake, repr=False)
    custodians: tuple[Custodians, ...] = field(default=(), repr=False)
    opened: Opened | None = field(default=None, repr=False)
    shown: ConsentRecord | None = field(default=None, repr=False)
    work: Work = field(default_factory=Work, repr=False)
    seen: float = 0.0
    heard: float | None = None

    def __post_init__(self) -> None:
        self.seen = self.clock()

    @property
    def keys(self) -> tuple[PrivateKey, ...]:
        """The identity keys that are open: the present one, and earlier ones where they were unlocked too."""
        return tuple(one.key for one in self.custodians)

    @property
    def actor(self) -> str:
        """All custodians who opened it, as their key files name them, the way the journal names them."""
        return " and ".join(dict.fromkeys(name for one in self.custodians for name in one.names))

    @property
    def patience(self) -> float:
        """How long the desk still waits: not at all once this was left alone."""
        return -1.0 if self.is_left(self.clock()) else IDLE

    @property
    def farewell(self) -> str:
        """What the home page says after it was locked."""
        return cast(str, LOCKED) if self.custodians else ""

    def is_left(self, now: float) -> bool:
        """Whether nobody is here any more."""
        last = self.seen if self.heard is None else max(self.seen, self.heard)
        return now - self.seen > IDLE or (self.heard is not None and now - last > UNHEARD)

    def notice(self) -> None:
        """Somebody asked for a page, or typed."""
        self.seen = self.clock()

    def hear(self, is_active: bool) -> None:
        """A page of this desk is still open; that alone is no sign that somebody is there."""
        self.heard = self.clock()
        if is_active:
            self.notice()

    def forget(self) -> None:
        """Overwrite the keys and let go of everybody."""
        for one in self.custodians:
            one.forget()
        self.work.is_stopped = True
        self.source = self.opened = self.shown = None
        self.custodians, self.work = (), Work()

    def person(self, handle: str) -> Contactable | None:
        """Who stands on the list under this handle."""
        people = self.opened.people if self.opened else ()
        return next((one for one in people if secrets.compare_digest(one.handle, handle)), None)

    def open(self, new: Custodians, today: date) -> None:
        """Open the records in the background with this key, and with those that are open already."""
        source, custodians = self.source, (*self.custodians, new)
        if source is None:
            new.forget()
            return
        self.custodians, self.opened, self.shown = custodians, None, None
        self.work = work = Work(whole=max(len(source.records), 1), began=self.clock(), clock=self.clock)
        work.thread = threading.Thread(target=self._open, args=(work, source, self.keys, today), daemon=True)
        work.thread.start()

    def _open(self, work: Work, source: Source, keys: tuple[PrivateKey, ...], today: date) -> None:
        try:
            opened = open_identities(source, keys, today, secrets.token_bytes, work.report)
            # Locked meanwhile: what was opened is not wanted any more.
            if self.work is work:
                self.opened = opened
        except AmanahError as error:
            work.error = str(error)
        except Exception:
            # Its message could hold a name, so it is not shown.
            work.error = WENT_WRONG
