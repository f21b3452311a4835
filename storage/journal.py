"""The journal: staff acts in a signed hash chain. Carries days, never clock times, and nothing about a participant.

An entry is written before its act; where it cannot be written, the act does not happen. Nothing here changes or
removes an entry. The format is documented in docs/journal.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select
from sqlalchemy.exc import SQLAlchemyError

from errors import JournalBroken, JournalNotWritten, NotGranted
from storage.engines import is_sqlite
from storage.journal_key import Signer, fingerprint, is_signed, signer_in
from storage.office import Office, instruments, journal

FORMAT = "amanah-journal-1"
FIRST = "0" * 64
SIGNED = b"amanah-journal-1 entry\n"  # stands before an entry where it is signed, so that nothing else can pass for one
COMMAND_LINE = "command line"  # the actor of a flask command: who that was, the machine's own log knows
AT_ONCE = 200  # entries read at once
TURN = 0x616D616E  # the number of PostgreSQL's advisory lock that one process at a time holds while it writes


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
    STAFF_SIGNED_OUT = "staff_signed_out"
    EVERYBODY_SIGNED_OUT = "everybody_signed_out"
    STAFF_CHANGE_REFUSED = "staff_change_refused"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_REFUSED = "passkey_refused"
    PROPOSED = "proposed"
    PROPOSAL_CONFIRMED = "proposal_confirmed"
    PROPOSAL_REFUSED = "proposal_refused"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PROPOSAL_EXPIRED = "proposal_expired"
    PROPOSAL_OVERTAKEN = "proposal_overtaken"
    STAFF_REMOVED = "staff_removed"
    RETENTION_CHANGED = "retention_changed"
    RETENTION_TASK_DONE = "retention_task_done"
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    TEXT_REVIEWED = "text_reviewed"
    SECOND_FACTOR_SET = "second_factor_set"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (the name of an act)
    JOURNAL_KEY_RENEWED = "journal_key_renewed"
    CHECKPOINT_MADE = "checkpoint_made"
    SIGNED_IN = "signed_in"
    NOT_PERMITTED = "not_permitted"
    ADOPTION_REFUSED = "adoption_refused"
    DRAFT_FORM_BROUGHT = "draft_form_brought"
    DRAFT_NAMED = "draft_named"
    DRAFT_CLASSIFIED = "draft_classified"
    DRAFT_DROPPED = "draft_dropped"
    OUTBOX_TAKEN_IN = "outbox_taken_in"
    MIGRATED = "migrated"
    CERTIFICATE_MADE = "certificate_made"
    LINKS_DESTROYED = "links_destroyed"
    CONTACT_EXPIRED = "contact_expired"
    CONSENT_EXPIRED = "consent_expired"
    STUDY_ENDED = "study_ended"
    DESTRUCTION_AGREED = "destruction_agreed"
    DESTRUCTION_BEGUN = "destruction_begun"
    STUDY_DESTROYED = "study_destroyed"
    BACKUP_MADE = "backup_made"
    BACKUPS_DESTROYED = "backups_destroyed"
    BACKUP_RESTORED = "backup_restored"
    RESTORE_REHEARSED = "restore_rehearsed"
    PEOPLE_SIMULATED = "people_simulated"
    WAVE_INVITATIONS_MADE = "wave_invitations_made"
    RELEASE_MADE = "release_made"
    RELEASE_REFUSED = "release_refused"
    OPEN_TEXT_REVIEWED = "open_text_reviewed"
    NOISE_PAID = "noise_paid"
    KEYS_MADE = "keys_made"
    KEY_ROTATED = "key_rotated"
    KEY_RECOVERED = "key_recovered"
    PASSPHRASE_CHANGED = "passphrase_changed"  # noqa: S105 (the name of an act)
    CUSTODIANS_CHANGED = "custodians_changed"
    REHEARSED = "rehearsed"
    IDENTITIES_OPENED = "identities_opened"
    CONTACT_LIST_MADE = "contact_list_made"
    LETTERS_MADE = "letters_made"
    CONSENT_COUNTED = "consent_counted"
    CONSENT_SHOWN = "consent_shown"
    ORDER_MADE = "order_made"
    ORDER_CARRIED_OUT = "order_carried_out"


# What is written at the desk, in its own journal: it has no `init`, and begins with any of these.
AT_THE_DESK = frozenset(
    {
        Act.RELEASE_MADE,
        Act.RELEASE_REFUSED,
        Act.OPEN_TEXT_REVIEWED,
        Act.NOISE_PAID,
        Act.KEYS_MADE,
        Act.KEY_ROTATED,
        Act.KEY_RECOVERED,
        Act.PASSPHRASE_CHANGED,
        Act.CUSTODIANS_CHANGED,
        Act.REHEARSED,
        Act.IDENTITIES_OPENED,
        Act.CONTACT_LIST_MADE,
        Act.LETTERS_MADE,
        Act.WAVE_INVITATIONS_MADE,
        Act.CONSENT_COUNTED,
        Act.CONSENT_SHOWN,
        Act.ORDER_MADE,
    }
)


@dataclass(frozen=True)
class Entry:
    """One act of a member of staff. `before` is the hash of the entry before it, `key` the public key that signs it."""

    number: int
    actor: str
    act: str
    day: str
    count: int
    reason: str
    detail: str
    before: str
    key: str
    format: str = FORMAT

    @property
    def written(self) -> str:
        """The entry as it is stored, hashed and signed: canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def hash(self) -> str:
        """SHA-256 of the entry, which holds the hash before it: the chain."""
        return hashlib.sha256(self.written.encode()).hexdigest()

    @property
    def signed(self) -> bytes:
        """What the key signs."""
        return SIGNED + self.written.encode()


@dataclass(frozen=True)
class Pen:
    """Who writes, into which journal, on which day: handed to a deed that writes itself down."""

    office: Office
    actor: str
    day: date

    def write(self, act: Act, count: int = 0, reason: str = "", detail: str = "") -> None:
        """Write one act down. If this raises, the act must not happen."""
        write_entry(self.office, self.actor, act, self.day, count, reason, detail)

    def write_once(self, act: Act, detail: str = "") -> None:
        """Write it down unless this person's same act stands there today already: nobody can flood the journal so."""
        write_once(self.office, self.actor, act, self.day, detail)


def write_entry(
    office: Office, actor: str, act: Act, day: date, count: int = 0, reason: str = "", detail: str = ""
) -> None:
    """Write one act down. If this raises, the act must not happen. Raises JournalNotWritten, JournalBroken."""
    signer = signer_in(office.journal_key)
    with _turn(office) as connection:
        append_entry(connection, signer, actor, act, day, count, reason, detail)


def write_once(
    office: Office, actor: str, act: Act, day: date, detail: str = "", reason: str = "", count: int = 0
) -> None:
    """Write one act down, unless the same one of the same person was written today already."""
    signer = signer_in(office.journal_key)
    with _turn(office) as connection:
        if not _stands(connection, actor, act, day, detail):
            append_entry(connection, signer, actor, act, day, count, reason, detail)


def append_entry(
    connection: Connection,
    signer: Signer,
    actor: str,
    act: Act,
    day: date,
    count: int = 0,
    reason: str = "",
    detail: str = "",
) -> None:
    """Write one act down within a transaction in which nobody else writes: the act and its entry stand, or neither.

    Raises JournalNotWritten, JournalBroken.
    """
    last = _last(connection)
    if last:
        _check_last(last, signer, act)
    number, before = (last.number + 1, last.hash) if last else (1, FIRST)
    entry = Entry(number, actor, act.value, day.isoformat(), count, reason, detail, before, signer.public.hex())
    row = {"number": number, "entry": entry.written, "hash": entry.hash, "signature": signer.sign(entry.signed)}
    connection.execute(insert(journal).values(row))


def read_journal(office: Office) -> tuple[Entry, ...]:
    """Every entry, first to last. Raises JournalBroken where one cannot be read."""
    with office.engine.connect() as connection:
        return tuple(entry_in(row) for row in connection.execute(select(journal).order_by(journal.c.number)))


def entries_before(office: Office, number: int = 0) -> Iterator[Entry]:
    """The entries, newest first; only those below this number if one is given. Read in parts, as far as is wanted."""
    while True:
        asked = _newest_first().limit(AT_ONCE)
        with office.engine.connect() as connection:
            rows = connection.execute(asked.where(journal.c.number < number) if number else asked).all()
        yield from map(entry_in, rows)
        if len(rows) < AT_ONCE:
            return
        number = rows[-1].number


def order_of_instruments(office: Office) -> tuple[str, ...]:
    """The digests of all instruments in the order in which staff added them, each where it was added first.

    The table of instruments has no order; the journal has. What no entry names comes first. Raises JournalBroken.
    """
    kept = instruments(office)
    told = select(journal).where(journal.c.entry.contains(f'"act":"{Act.STUDY_ADDED}"')).order_by(journal.c.number)
    with office.engine.connect() as connection:
        entries = [entry_in(row) for row in connection.execute(told)]
    added = [entry.detail for entry in entries if entry.act == Act.STUDY_ADDED]
    return tuple(dict.fromkeys([*sorted(kept.keys() - set(added)), *(digest for digest in added if digest in kept)]))


def head(office: Office) -> tuple[int, str]:
    """How many entries there are, and the hash of the last: the anchor to keep outside."""
    with office.engine.connect() as connection:
        last = _last(connection)
    return (last.number, last.hash) if last else (0, FIRST)


def entry_in(row: Row[Any]) -> Entry:
    """The entry that a row holds. Raises JournalBroken where it cannot be read."""
    try:
        return Entry(**json.loads(row.entry))
    except (ValueError, TypeError):
        raise broken(row.number, "it cannot be read") from None


def fault_in(row: Row[Any], entry: Entry) -> str:
    """What does not hold of an entry taken for itself, in words; "" where all holds."""
    if entry.format != FORMAT:
        return "it is of an unknown format"
    if entry.number != row.number:
        return f"it says that it is entry {entry.number}, so it was moved"
    if entry.written != row.entry or entry.hash != row.hash:
        return "its words and its hash do not go together, so one of them was changed"
    if not _is_key(entry.key) or not is_signed(bytes.fromhex(entry.key), row.signature, entry.signed):
        return "its signature is not right"
    return ""


def broken(number: int, why: str) -> JournalBroken:
    """The error that names an entry and what does not hold of it."""
    return JournalBroken(f"The journal does not hold at entry {number}: {why}.")


@contextmanager
def _turn(office: Office) -> Iterator[Connection]:
    """A transaction that nobody else writes beside, from before the last entry is read until the next one stands."""
    try:
        with office.engine.begin() as connection:
            waiting = "begin immediate" if is_sqlite(office.engine) else f"select pg_advisory_xact_lock({TURN})"
            connection.exec_driver_sql(waiting)
            yield connection
    except (SQLAlchemyError, NotGranted):
        raise JournalNotWritten("The journal cannot be written, so this was not done. Nothing was changed.") from None


def _check_last(last: Row[Any], signer: Signer, act: Act) -> None:
    """Nothing is built upon an entry that does not hold, nor upon one of another key."""
    entry = entry_in(last)
    if fault := fault_in(last, entry):
        raise broken(last.number, fault)
    if entry.key != signer.public.hex() and act is not Act.JOURNAL_KEY_RENEWED:
        raise JournalNotWritten(
            f"This journal is signed by the key {fingerprint(bytes.fromhex(entry.key))}, and journal.key is another "
            f"({fingerprint(signer.public)}). Nothing was done. Put the right file back; where it is lost, run "
            "`flask journal renew`."
        )


def _stands(connection: Connection, actor: str, act: Act, day: date, detail: str) -> bool:
    """Whether this was written on this day already: a look at the day's entries, the last first."""
    with connection.execute(_newest_first().execution_options(yield_per=50)) as rows:
        for entry in map(entry_in, rows):
            if entry.day != day.isoformat():
                return False
            if (entry.actor, entry.act, entry.detail) == (actor, act, detail):
                return True
    return False


def _newest_first() -> Select[Any]:
    return select(journal).order_by(journal.c.number.desc())


def _last(connection: Connection) -> Row[Any] | None:
    return connection.execute(_newest_first().limit(1)).first()


def _is_key(written: object) -> bool:
    return isinstance(written, str) and len(written) == 64 and set(written) <= set("0123456789abcdef")
