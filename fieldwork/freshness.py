"""Take up a new version or new keys while serving: look at the office now and then, and read the study anew.

A request keeps the study that it began with. What cannot be read changes nothing: the study stays as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from errors import AmanahError
from fieldwork.instance import Mark, mark_of, reread
from fieldwork.shared_sheets import fetch_sheets
from fieldwork.staff.paces import Paces
from fieldwork.staff.throttling import forget
from fieldwork.study import Study
from storage.engines import shorten_log

Clock = Callable[[], float]
EVERY = 3.0  # seconds between two looks, in each process


@dataclass
class Lookout:
    """Remembers when this process last looked, and what it saw then. `clock` tells seconds from any start."""

    folder: Path
    clock: Clock
    seen: Mark
    looked: float
    paces: Paces
    lock: Lock = field(default_factory=Lock)

    def look(self, study: Study) -> Study:
        """The study to serve from now on: the same one, unless something changed since the last look."""
        now = self.clock()
        # One thread looks; the others go on with what there is.
        if now - self.looked < EVERY or not self.lock.acquire(blocking=False):
            return study
        try:
            self.looked = now
            return self._renewed(study)
        except (AmanahError, SQLAlchemyError, OSError) as error:
            _warn("The study could not be read anew and stays as it was: %s", error)
            return study
        finally:
            self.lock.release()

    def _renewed(self, study: Study) -> Study:
        # Whoever was slowed down is forgotten in time, not when somebody next signs in.
        now = datetime.now(UTC)
        self.paces.forget(now)
        forget(study.stores.office, now)
        # What of the staff's stands before and after a visit's count must not lie in the log until night.
        shorten_log(study.stores.office.engine)
        # What is seen is read before the study is: a change in between is seen at the next look.
        try:
            fetch_sheets(study.stores.office, study.name, self.folder)
        except (AmanahError, OSError) as error:
            # The end of the study, its keys and terms are taken up all the same.
            _warn("The sheets of another machine could not be taken up: %s", error)
        mark = mark_of(study, self.folder)
        if mark == self.seen:
            return study
        renewed = reread(study, self.folder)
        self.seen = mark
        return renewed


def _warn(sentence: str, error: Exception) -> None:
    """A log gets the kind of an error and no message: that could name what it should not."""
    logging.getLogger(__name__).warning(sentence, type(error).__name__)


def look_out(study: Study, folder: Path, clock: Clock, paces: Paces) -> Lookout:
    """A lookout for a study that was just opened."""
    return Lookout(folder, clock, mark_of(study, folder), clock(), paces)
