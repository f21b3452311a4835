"""A capsule: a participant label sealed to the research key, short enough for a link. Seals only; the desk opens it.

It carries a person from one wave to the next: whoever hands the link on cannot read it, and whoever can read it meets
no name. docs/waves.md is this format's document; tests/vectors/capsule_v1.json its vectors.
"""

from __future__ import annotations

import base64
import binascii
import re

from errors import EnvelopeError
from privacy.envelope import KEY_ID, Suite, in_parts
from privacy.keys import PublicKey
from privacy.sealing import HPKE, public_half

VERSION = 1
LABEL, ENC, TAG = 16, 32, 16  # bytes
LENGTH = 1 + KEY_ID + ENC + LABEL + TAG
CHARACTERS = 98  # of base64url without padding
WRITTEN = re.compile(rf"[A-Za-z0-9_-]{{{CHARACTERS}}}")
REFUSED = "This is no capsule of a known version."


def capsule_of(participant: bytes, key: PublicKey) -> str:
    """The capsule of a participant label (16 bytes), 98 characters of base64url. Raises EnvelopeError for another key.

    X25519 alone, where records rest under X-Wing too: what it hides is a label that leads to no name, and in the vault
    it lies inside an envelope of its own.
    """
    if (key.purpose, key.status) != ("research", "active") or len(participant) != LABEL:
        raise EnvelopeError("This key may not seal a capsule.")
    key_id = key.key_id(Suite.X25519)
    sealed = HPKE[Suite.X25519].encrypt(
        participant, public_half(key, Suite.X25519), info=capsule_info(key_id, key.study)
    )
    return base64.urlsafe_b64encode(bytes([VERSION]) + key_id + sealed).rstrip(b"=").decode()


def read_capsule(written: str) -> tuple[bytes, bytes]:
    """The key id and HPKE's enc ‖ ciphertext in a capsule. Raises EnvelopeError for anything else."""
    try:
        if not WRITTEN.fullmatch(written):
            raise ValueError
        data = base64.b64decode(written + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise EnvelopeError(REFUSED) from None
    if data[0] != VERSION or len(data) != LENGTH or base64.urlsafe_b64encode(data).rstrip(b"=") != written.encode():
        raise EnvelopeError(REFUSED)
    return data[1 : 1 + KEY_ID], data[1 + KEY_ID :]


def capsule_info(key_id: bytes, study: str) -> bytes:
    """HPKE's info: a capsule belongs to one study and one key."""
    return in_parts(b"amanah capsule 1", key_id, study.encode())
