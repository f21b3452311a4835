"""The journal: staff acts in a hash chain. Carries days, never clock times, and nothing about a participant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.exc import IntegrityError

from errors import JournalBroken
from storage.office import Office, instruments, journal

FIRST = "0" * 64
ATTEMPTS = 20


class Act(StrEnum):
    """What can be written down."""

    INIT = "init"
    KEYS_ADDED = "keys_added"
    STUDY_ADDED = "study_added"
    BUNDLE_MADE = "bundle_made"
    TABLET_ENROLMENT_OPENED = "tablet_enrolment_opened"
    TABLET_REVOKED = "tablet_revoked"
    INVITATIONS_MADE = "invitations_made"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    STAFF_INVITED = "staff_invited"
    STAFF_INVITATION_WITHDRAWN = "staff_invitation_withdrawn"
    STAFF_JOINED = "staff_joined"
    STAFF_ROLE_CHANGED = "staff_role_changed"
    STAFF_DISABLED = "staff_disabled"
    STAFF_ENABLED = "staff_enabled"
    STAFF_RESET = "staff_reset"
    STAFF_CHANGE_REFUSED = "staff_change_refused"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_REFUSED = "passkey_refused"
    PROPOSED = "proposed"
    PROPOSAL_CONFIRMED = "proposal_confirmed"
    PROPOSAL_REFUSED = "proposal_refused"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PROPOSAL_EXPIRED = "proposal_expired"
    STAFF_REMOVED = "staff_removed"
    RETENTION_CHANGED = "retention_changed"
    SECOND_FACTOR_SET = "second_factor_set"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (the name of an act)


@dataclass(frozen=True)
class Entry:
    """One act of a member of staff. `before` is the hash of the entry before it."""

    number: int
    actor: str
    act: str
    day: str
    count: int
    reason: str
    detail: str
    before: str

    @property
    def written(self) -> str:
        """The entry as it is stored and hashed: canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def hash(self) -> str:
        """SHA-256 of the entry, which holds the hash before it: the chain."""
        return hashlib.sha256(self.written.encode()).hexdigest()


def write_entry(
    office: Office, actor: str, act: Act, day: date, count: int = 0, reason: str = "", detail: str = ""
) -> None:
    """Write one act down. If this raises, the act must not happen."""
    for attempt in range(ATTEMPTS):
        with office.engine.connect() as connection:
            last = connection.execute(select(journal).order_by(journal.c.number.desc()).limit(1)).first()
        number, before = (last.number + 1, last.hash) if last else (1, FIRST)
        entry = Entry(number, actor, act.value, day.isoformat(), count, reason, detail, before)
        try:
            with office.engine.begin() as connection:
                connection.execute(insert(journal).values(number=number, entry=entry.written, hash=entry.hash))
            return
        except IntegrityError:
            # Somebody else wrote the entry of this number first: take the next one, after theirs.
            if attempt == ATTEMPTS - 1:
                raise


def read_journal(office: Office) -> tuple[Entry, ...]:
    """Every entry, first to last. Raises JournalBroken where one cannot be read."""
    return tuple(_entry(row.number, row.entry) for row in _stored(office))


def order_of_instruments(office: Office) -> tuple[str, ...]:
    """The digests of all instruments in the order in which staff added them, each where it was added first.

    The table of instruments has no order; the journal has. What no entry names comes first. Raises JournalBroken.
    """
    kept = instruments(office)
    added = [entry.detail for entry in read_journal(office) if entry.act == Act.STUDY_ADDED]
    return tuple(dict.fromkeys([*sorted(kept.keys() - set(added)), *(digest for digest in added if digest in kept)]))


def head(office: Office) -> tuple[int, str]:
    """How many entries there are, and the hash of the last: the anchor to keep outside."""
    stored = _stored(office)
    return (len(stored), stored[-1].hash) if stored else (0, FIRST)


def verify_journal(office: Office, anchor: tuple[int, str] | None = None) -> int:
    """Check the chain, and against an anchor that was kept outside. Returns how many entries; raises JournalBroken."""
    stored = _stored(office)
    before = FIRST
    for place, row in enumerate(stored, 1):
        entry = _entry(place, row.entry)
        found = (entry.number, row.number, entry.before, entry.written, entry.hash)
        if found != (place, place, before, row.entry, row.hash):
            raise _broken(place)
        before = row.hash
    if anchor and (len(stored) < anchor[0] or (stored[anchor[0] - 1].hash if anchor[0] else FIRST) != anchor[1]):
        raise JournalBroken(f"The journal does not hold what it held at entry {anchor[0]}.")
    return len(stored)


def _stored(office: Office) -> Sequence[Row[Any]]:
    with office.engine.connect() as connection:
        return connection.execute(select(journal).order_by(journal.c.number)).all()


def _entry(number: int, written: str) -> Entry:
    try:
        return Entry(**json.loads(written))
    except (ValueError, TypeError):
        raise _broken(number) from None


def _broken(number: int) -> JournalBroken:
    return JournalBroken(f"The journal does not hold at entry {number}: it was changed, moved or taken out.")
