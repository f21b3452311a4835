"""What the desk keeps beside the releases, each note sealed to the research key in a file of its own.

Whoever has the folder sees how many notes there are and about how long each is, never what one says. A note that does
not open stops what needs it: silence would be taken for there being none. Whoever reads notes to decide what may be
told next has them alone until that is written down.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from errors import EnvelopeError, ReleaseError
from privacy.documents import canonical
from privacy.envelope import RECORD_ID, Context, Envelope, block_length
from privacy.keys import PublicKey
from privacy.opening import PrivateKey
from privacy.sealing import seal

FOLDER, MAGIC = "desk-notes", b"AMNNOTE1"
UNWRITABLE = "The desk's notes in {} cannot be written, so this was not done."
UNREADABLE = (
    "A note of the desk ({}) does not open with the keys that were given. It may need another research key of this "
    "study: add its key file. Nothing was released."
)

GONE = (
    "A note of the desk ({}) was there and is gone, so nothing was done. Put it back from your backup; if it was taken "
    "away on purpose, lock the desk and open the records again."
)


def keep_note(releases: Path, key: PublicKey, study: str, kind: str, document: Mapping[str, Any]) -> str:
    """Seal a note and write it whole; returns its name. Raises ReleaseError where the folder cannot be written."""
    note_id = secrets.token_bytes(RECORD_ID)
    sealed = seal(document, key, _context(study, kind, note_id), _padded(len(canonical(document))))
    folder = releases / FOLDER
    beside = folder / f".{note_id.hex()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(MAGIC + note_id + sealed.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        return beside.rename(folder / f"{kind}-{note_id.hex()}.note").name
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise ReleaseError(UNWRITABLE.format(folder)) from None


@contextmanager
def turn(releases: Path) -> Iterator[None]:
    """One after the other: from reading what was told before to writing down what will be. Raises ReleaseError.

    Two at once would each find that the other was not there. The lock ends with the process, however that ends; it is
    not to be taken twice by one.
    """
    folder = releases / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise ReleaseError(UNWRITABLE.format(folder)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def notes(releases: Path, keys: Sequence[PrivateKey], study: str, kind: str) -> Iterator[dict[str, Any]]:
    """Every note of this kind. Raises ReleaseError for one that does not open."""
    for path in sorted((releases / FOLDER).glob(f"{kind}-*.note")):
        yield _opened(path, keys, study, kind)


class Notebook:
    """The notes of one kind while a desk is open: each is opened once. Another desk's are read when they come."""

    def __init__(self, releases: Path, keys: Sequence[PrivateKey], study: str, kind: str) -> None:
        self._releases, self._keys, self._study, self._kind = releases, keys, study, kind
        self._seen: set[str] = set()

    def news(self) -> list[dict[str, Any]]:
        """The notes that were not read yet. Raises ReleaseError for one that does not open, or is gone."""
        # Names are listed each time: a folder's own time is too coarse to tell that another desk wrote beside us.
        found = {name for name in self._names() if name.startswith(f"{self._kind}-") and name.endswith(".note")}
        if gone := sorted(self._seen - found):
            raise ReleaseError(GONE.format(gone[0]))
        fresh = sorted(found - self._seen)
        told = [_opened(self._releases / FOLDER / name, self._keys, self._study, self._kind) for name in fresh]
        self._seen = found
        return told

    def keep(self, document: Mapping[str, Any]) -> None:
        """Seal a note to the newest key. Raises ReleaseError; then it is not kept."""
        self._seen.add(keep_note(self._releases, self._keys[-1].public(), self._study, self._kind, document))

    def _names(self) -> list[str]:
        folder = self._releases / FOLDER
        return os.listdir(folder) if folder.exists() else []


def _opened(path: Path, keys: Sequence[PrivateKey], study: str, kind: str) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        note_id, envelope = data[len(MAGIC) :][:RECORD_ID], Envelope.parse(data[len(MAGIC) + RECORD_ID :])
        for key in keys:
            if envelope.key_id == key.public().key_id(envelope.suite) and data.startswith(MAGIC):
                return key.open(envelope, _context(study, kind, note_id))
    except (OSError, EnvelopeError):
        pass
    raise ReleaseError(UNREADABLE.format(path.name))


def _context(study: str, kind: str, note_id: bytes) -> Context:
    return Context("research", study, hashlib.sha256(f"amanah desk note 1 {kind}".encode()).hexdigest(), note_id)


def _padded(length: int) -> int:
    """A power of two of blocks: a little more or less said shows nothing."""
    return 1 << (block_length(length) - 1).bit_length()
