"""The key that signs the journal: an Ed25519 seed in a file of its own, apart from every store. Opens nothing sealed.

Whoever can write to the office store and has not this file can neither add an entry nor change one unseen. The file's
one line is documented in docs/journal.md, as is all that it signs.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from errors import JournalNotWritten
from storage.disks import answering

FILE = "journal.key"
SEED = 32  # bytes
LINE = re.compile(rb"amanah-journal-key-1 ([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Signer:
    """A journal's key. `public`: 32 bytes."""

    public: bytes
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""
        return self.private.sign(message)


def new_key_file(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """What a new journal.key holds."""
    return b"amanah-journal-key-1 " + random_bytes(SEED).hex().encode() + b"\n"


def signer_of(data: bytes) -> Signer:
    """The key that a file holds. Raises JournalNotWritten for a file that is no journal's key."""
    found = LINE.fullmatch(data)
    if not found:
        raise JournalNotWritten("The file journal.key is damaged, so nothing that must be written down can be done.")
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(found.group(1).decode()))
    return Signer(private.public_key().public_bytes_raw(), private)


def signer_in(path: Path | None) -> Signer:
    """The key in this file, read anew each time, so that it lies in memory only while it signs.

    Raises JournalNotWritten where there is none, StoreAway where it can be read another time.
    """
    try:
        with answering():
            data = path.read_bytes() if path else None
    except OSError:
        data = None
    if data is None:
        raise JournalNotWritten(
            "There is no readable journal.key here, so nothing that must be written down can be done. Put it back from "
            "where it is kept; docs/journal.md says what to do when it is lost."
        )
    return signer_of(data)


def public_in(path: Path | None) -> bytes | None:
    """The public half of the key in this file; None where there is no file."""
    return signer_in(path).public if path and path.is_file() else None


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is the key's signature of the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """The public key for people to compare: the first 16 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(public).hexdigest()[:16]
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))
