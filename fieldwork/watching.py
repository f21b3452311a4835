"""Whether visits can be taken in now, for whoever watches the field app. Counts nothing and names nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from errors import JournalNotWritten, StorageError
from fieldwork.backups.keeping import backups_in
from fieldwork.freshness import Clock
from fieldwork.progress import last_upkeep
from fieldwork.study import Study
from storage.journal_key import signer_in
from storage.meta import recognise
from storage.stores import engines_of

FRESH = 1.0  # seconds that one look serves everybody who asks
PATIENCE = 5.0  # seconds; a look that takes longer means that a store does not answer


@dataclass(frozen=True)
class Seen:
    """What one look found. `stores`: by name, whether each answers in the version of this app. `has_keys`: whether a
    visit could be sealed and a staff act written down. Days are None where there is none, or nobody could tell."""

    stores: Mapping[str, bool]
    has_keys: bool
    upkeep: date | None = None
    backup: date | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a visit that comes now would be kept."""
        return self.has_keys and all(self.stores.values())


NOT_YET = Seen({"research": False, "identity": False, "office": False}, False)


@dataclass
class Watch:
    """Looks when it is asked, one look at a time. `study` gives the study of now; `clock` tells seconds."""

    study: Callable[[], Study]
    backups: Path | None
    clock: Clock
    seen: Seen = NOT_YET
    begun: float = float("-inf")
    ended: float = float("-inf")
    lock: Lock = field(default_factory=Lock)

    def look(self) -> Seen:
        """What is so now, or was so a moment ago."""
        if self.clock() - self.ended < FRESH:
            return self.seen
        if not self.lock.acquire(blocking=False):
            # Another thread is looking. While it waits for a store in vain, so would every visit.
            return NOT_YET if self.clock() - self.begun > PATIENCE else self.seen
        try:
            self.begun = self.clock()
            self.seen = seen_now(self.study(), self.backups)
        except (StorageError, SQLAlchemyError):
            self.seen = NOT_YET  # a store went away between two questions
        finally:
            self.ended = self.clock()
            self.lock.release()
        return self.seen


def seen_now(study: Study, backups: Path | None) -> Seen:
    """Ask every store and look at every key."""
    stores = {store: _answers(engine, store) for store, engine in engines_of(study.stores).items()}
    has_keys = study.is_open and _can_sign(study.stores.office.journal_key)
    upkeep = last_upkeep(study.stores.office) if stores["office"] else None
    kept = backups_in(backups) if backups else {}
    return Seen(stores, has_keys, upkeep, max(kept.values(), default=None))


def ages(seen: Seen, today: date) -> dict[str, int]:
    """How many days ago each of those was that ever were."""
    days = {"upkeep_age_days": seen.upkeep, "backup_age_days": seen.backup}
    return {name: (today - day).days for name, day in days.items() if day}


def today() -> date:
    """The day as the days of files are told."""
    return datetime.now(UTC).date()


def _answers(engine: Engine, store: str) -> bool:
    try:
        recognise(engine, store)
    except (StorageError, SQLAlchemyError):
        return False
    return True


def _can_sign(path: Path | None) -> bool:
    try:
        signer_in(path)
    except JournalNotWritten:
        return False
    return True
