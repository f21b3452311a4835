"""The whole error tree, drawn once. Imports nothing, and no error carries an answer or a name.

AmanahError
├── SettingsError            a setting or an instance folder is wrong; nothing was started
│   └── PasswordRefused      this cannot be anybody's password; nothing was changed
├── InstrumentError          a study's sheets cannot be used; carries every problem with its place
│   └── ExpressionError      a relevant or constraint cannot be read
├── VisitError               a visit cannot be finished as it stands; nothing was kept
│   ├── NotEligible          the person is outside the study's group
│   ├── ConsentRefused       a required statement was answered No
│   ├── ConsentMissing       a required statement has no answer yet
│   │   └── ConsentAwaited   the parent or carer has not answered yet
│   └── AnswersRefused       an answer breaks a rule of the instrument
├── DeliveryRefused          what a device sent is not a delivery that this study can take; nothing was kept
├── StudyOver                the study has ended and takes no more; nothing was kept
├── NotAdmitted              no enrolled tablet and no live invitation stands behind this token
├── EnvelopeError            anything sealed does not open: one error for every cause
├── ShareError               the words of a share have a mistake in them, or two shares do not belong together
├── CeremonyError            keys cannot be made or changed as things stand; nothing was written
├── ReceiptError             a typed code has a mistake in it
├── StorageError             a store is unsafe, damaged or of another version
│   ├── SchemaOther          the tables of a store are of another version; nothing was opened
│   ├── IdTaken              other bytes already stand under this id
│   ├── Withdrawn            the record's tag has a tombstone
│   ├── StoreAway            a store cannot be reached now; the same may be tried again
│   │   ├── StoreLost        a file of a store is missing; somebody must bring it back, and then the same may be tried
│   │   └── ClockBehind      this machine's clock stands before a day that was here already; nothing was kept
│   ├── NotGranted           the database does not let the app's own role do this; nothing was changed
│   ├── BackupRefused        a backup cannot be made, believed or put back; the old state stands
│   ├── JournalBroken        the journal's chain does not hold
│   └── JournalNotWritten    an act cannot be written down; it did not happen
├── OrderRefused             an order of the custodians was altered, forged or is another study's; nothing was erased
├── DestructionRefused       a certificate of a destruction was altered, or is none
├── CheckpointRefused        a checkpoint of the journal was altered, or is another study's
├── ManifestError            a signed list of served files, or the key for it, cannot be believed
├── ReleaseError             a release cannot be made as specified; nothing was written
│   └── Cancelled            somebody ended it before it was whole; nothing was written
├── TooManyTries             tries come too fast; says how long to wait
└── NotPermitted             the person signed in may not do this
    └── SignInOver           a sign-in that was begun is over; it begins anew with name and password
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_TEXT = 80  # characters of a cell that a problem shows


class AmanahError(Exception):
    """Something a person can act on. Its text is one clear sentence for them."""


class SettingsError(AmanahError):
    """A setting or an instance folder is wrong; nothing was started."""


class PasswordRefused(SettingsError):
    """This cannot be anybody's password; nothing was changed."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a study's sheets, with its place and what to do. A warning alone refuses nothing."""

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    text: str | None = None  # what stands there
    is_warning: bool = False

    def __post_init__(self) -> None:
        if self.text is not None and len(self.text) > LONGEST_TEXT:
            object.__setattr__(self, "text", self.text[: LONGEST_TEXT - 1] + "…")

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        told = f"{place}: {self.message}"
        if self.text is not None and self.text not in self.message:
            told += f": {self.text!r}"
        return f"warning: {told}" if self.is_warning else told


class InstrumentError(AmanahError):
    """A study's sheets cannot be used; carries every problem with its place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ExpressionError(InstrumentError):
    """A relevant or constraint cannot be read."""


class VisitError(AmanahError):
    """A visit cannot be finished as it stands; nothing was kept."""


class NotEligible(VisitError):
    """The person is outside the study's group."""


class ConsentRefused(VisitError):
    """A required statement was answered No."""


class ConsentMissing(VisitError):
    """A required statement has no answer yet."""

    def __init__(self, statements: tuple[str, ...]) -> None:
        super().__init__("Some statements have no answer yet.")
        self.statements = statements


class ConsentAwaited(ConsentMissing):
    """The parent or carer has not answered yet."""


class AnswersRefused(VisitError):
    """An answer breaks a rule of the instrument."""


class DeliveryRefused(AmanahError):
    """What a device sent is not a delivery that this study can take; nothing was kept."""


class StudyOver(AmanahError):
    """The study has ended and takes no more; nothing was kept."""


class NotAdmitted(AmanahError):
    """No enrolled tablet and no live invitation stands behind this token."""


class EnvelopeError(AmanahError):
    """Anything sealed does not open: one error for every cause."""


class ShareError(AmanahError):
    """The words of a share have a mistake in them, or two shares do not belong together. Repeats no right word."""

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


class CeremonyError(AmanahError):
    """Keys cannot be made or changed as things stand; nothing was written."""


class ReceiptError(AmanahError):
    """A typed code has a mistake in it."""


class StorageError(AmanahError):
    """A store is unsafe, damaged or of another version."""


class SchemaOther(StorageError):
    """The tables of a store are of another version; nothing was opened. `found`: version by the store's name."""

    def __init__(self, message: str, found: Mapping[str, str]) -> None:
        super().__init__(message)
        self.found = found


class IdTaken(StorageError):
    """Other bytes already stand under this id."""


class Withdrawn(StorageError):
    """The record's tag has a tombstone."""


class StoreAway(StorageError):
    """A store cannot be reached now; the same may be tried again. What was sent may or may not have been kept."""


class StoreLost(StoreAway):
    """A file of a store is missing; somebody must bring it back, and then the same may be tried."""


class ClockBehind(StoreAway):
    """This machine's clock stands before a day that was here already; nothing was kept."""


class NotGranted(StorageError):
    """The database does not let the app's own role do this; nothing was changed."""


class BackupRefused(StorageError):
    """A backup cannot be made, believed or put back; the old state stands."""


class JournalBroken(StorageError):
    """The journal's chain does not hold."""


class ManifestError(AmanahError):
    """A signed list of served files, or the key for it, cannot be believed."""


class JournalNotWritten(StorageError):
    """An act cannot be written down; it did not happen."""


class CheckpointRefused(AmanahError):
    """A checkpoint of the journal was altered, or is another study's."""


class DestructionRefused(AmanahError):
    """A certificate of a destruction was altered, or is none."""


class OrderRefused(AmanahError):
    """An order of the custodians was altered, forged or is another study's; nothing was erased."""


class ReleaseError(AmanahError):
    """A release cannot be made as specified; nothing was written."""


class Cancelled(ReleaseError):
    """Somebody ended it before it was whole; nothing was written."""


class NotPermitted(AmanahError):
    """The person signed in may not do this."""


class SignInOver(NotPermitted):
    """A sign-in that was begun is over; it begins anew with name and password."""


class TooManyTries(AmanahError):
    """Tries come too fast. `wait`: seconds until the next may come; None where no more are taken."""

    def __init__(self, wait: int | None) -> None:
        super().__init__("Too many tries in a row.")
        self.wait = wait
