"""Long work in the background: how far it is, how long it goes on, whether somebody wants it no more. Does none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flask_babel import gettext, ngettext

from errors import Cancelled

Clock = Callable[[], float]

PATIENCE = 1.5  # seconds that a page waits for work before it shows how far it is
What = Literal["dataset", "release", "look", "written"]  # what of the desk the work makes


def awake() -> float:
    """Seconds that go on while the machine sleeps, where it can tell: a closed lid is idle time too."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass
class Work:
    """Long work in the background: how far it is, how it failed, whether somebody wants it no more."""

    what: What = "dataset"
    done: int = 0
    whole: int = 1
    error: str = ""
    is_stopped: bool = False
    began: float = 0.0
    clock: Clock = field(default=awake, repr=False)
    thread: threading.Thread | None = None

    def report(self, done: int, whole: int) -> None:
        """Move the progress bar. Raises Cancelled where somebody wants it no more."""
        self.done, self.whole = done, max(whole, 1)
        if self.is_stopped:
            raise Cancelled("It was cancelled. Nothing was written.")

    def stop(self) -> bool:
        """Whether somebody wants it no more."""
        return self.is_stopped

    @property
    def is_running(self) -> bool:
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def seconds_left(self) -> int | None:
        """How long it goes on if it goes on like this; None before that can be said."""
        if not self.done or self.done >= self.whole:
            return None
        return round((self.clock() - self.began) * (self.whole - self.done) / self.done)


def time_left(seconds: int) -> str:
    """How long it goes on, in words that do not change with every second."""
    if seconds < 60:
        return str(gettext("less than a minute left"))
    minutes = (seconds + 59) // 60
    return str(ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes))
