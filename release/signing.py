"""The desk's key that signs releases: an Ed25519 seed (RFC 8032) in a file of its own beside the desk's journal.

It is another key than the journal's, on purpose: the journal's is renewed when it was lost, and the fingerprint by
which recipients know a desk must not change with it; and no signature of one can be taken for one of the other. It
opens nothing sealed, and is read anew each time, so that it lies in memory only while it signs. docs/manifest.md tells
the forms.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from errors import ReleaseError
from release.journal import FOLDER
from storage.journal_key import Signer

KEY_FILE = "release.key"
SEED = 32  # bytes
LINE = re.compile(rb"amanah-release-key-1 ([0-9a-f]{64})\n")
FIRST_LINE = b"amanah-release-signature-1\n"
SIGNATURE = re.compile(rb"amanah-release-signature-1 ([0-9a-f]{64}) ([0-9a-f]{128})\n")
DIGITS = 32  # of a fingerprint: 128 bits, more than anybody can search for another key with
DAMAGED = "{} is damaged or cannot be read. Put it back from where it is kept; docs/manifest.md says what to do else."


def desk_signer(releases: Path, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Signer:
    """The desk's release key, made where there is none yet. Raises ReleaseError."""
    file = releases / FOLDER / KEY_FILE
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _make(file, random_bytes(SEED))
        return signer_of(file.read_bytes(), file)
    except OSError:
        raise ReleaseError(DAMAGED.format(file)) from None


def signer_of(data: bytes, file: Path) -> Signer:
    """The key that a file holds. Raises ReleaseError, which names the file, for one that is no release key's."""
    found = LINE.fullmatch(data)
    if not found:
        raise ReleaseError(DAMAGED.format(file))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(found.group(1).decode()))
    return Signer(private.public_key().public_bytes_raw(), private)


def signature_of(signer: Signer, manifest: bytes) -> bytes:
    """What manifest.sig holds: the public key and its signature of this manifest."""
    signed = signer.sign(FIRST_LINE + manifest)
    return b"amanah-release-signature-1 %s %s\n" % (signer.public.hex().encode(), signed.hex().encode())


def signed_by(signature: bytes, manifest: bytes) -> tuple[bytes, bool] | None:
    """The public key that a manifest.sig names, and whether it did sign this manifest; None for another form."""
    found = SIGNATURE.fullmatch(signature)
    if not found:
        return None
    public, signed = (bytes.fromhex(one.decode()) for one in found.groups())
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, FIRST_LINE + manifest)
    except (InvalidSignature, ValueError):
        return public, False
    return public, True


def fingerprint(public: bytes) -> str:
    """The public key for people to compare: the first 32 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(public).hexdigest()[:DIGITS]
    return " ".join(digits[start : start + 4] for start in range(0, DIGITS, 4))


def digits_of(typed: str) -> str:
    """A fingerprint as somebody typed it, without what stands between its digits. Raises ReleaseError."""
    digits = re.sub(r"[\s:-]", "", typed).lower()
    if not re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", digits):
        raise ReleaseError(f"A fingerprint has {DIGITS} digits and letters a to f. Type all of them.")
    return digits


def _make(file: Path, seed: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(b"amanah-release-key-1 " + seed.hex().encode() + b"\n")
        made.flush()
        os.fsync(made.fileno())
