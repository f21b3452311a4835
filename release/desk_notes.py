"""What the desk keeps beside the releases, each note sealed to the research key in a file of its own.

Whoever has the folder sees how many notes there are and about how long each is, never what one says. A note that does
not open stops what needs it: silence would be taken for there being none.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from errors import EnvelopeError, ReleaseError
from privacy.documents import canonical
from privacy.envelope import RECORD_ID, Context, Envelope, block_length
from privacy.keys import PublicKey
from privacy.opening import PrivateKey
from privacy.sealing import seal

FOLDER, MAGIC = "desk-notes", b"AMNNOTE1"
UNREADABLE = (
    "A note of the desk ({}) does not open with the keys that were given. It may need another research key of this "
    "study: add its key file. Nothing was released."
)


def keep_note(releases: Path, key: PublicKey, study: str, kind: str, document: Mapping[str, Any]) -> None:
    """Seal a note and write it whole. Raises ReleaseError where the folder cannot be written."""
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
        beside.rename(folder / f"{kind}-{note_id.hex()}.note")
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise ReleaseError(f"The desk's notes in {folder} cannot be written, so this was not done.") from None


def notes(releases: Path, keys: Sequence[PrivateKey], study: str, kind: str) -> Iterator[dict[str, Any]]:
    """Every note of this kind. Raises ReleaseError for one that does not open."""
    for path in sorted((releases / FOLDER).glob(f"{kind}-*.note")):
        yield _opened(path, keys, study, kind)


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
