"""The envelope: how one sealed record is written as bytes, and what it is bound to. Holds no key and opens nothing.

    magic "AMN1" · suite (1 byte) · key id (8 bytes) · HPKE enc ‖ ciphertext

docs/envelope.md is this format's document; tests/vectors/envelope_v1.json its vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from errors import EnvelopeError

MAGIC = b"AMN1"
KEY_ID, RECORD_ID, TAG = 8, 16, 16  # bytes; TAG is AES-GCM's
BLOCK = 2048  # plaintext lengths are multiples of this
FRAME_HEAD = 5  # kind and content length
DOCUMENT, ENVELOPE = 1, 2  # what a frame holds


class Suite(IntEnum):
    """HPKE suites (RFC 9180), both with HKDF-SHA256 and AES-256-GCM."""

    X25519 = 1
    XWING = 2

    @property
    def enc_length(self) -> int:
        """Bytes of the encapsulated key."""
        return ENC_LENGTHS[self]


ENC_LENGTHS = {Suite.X25519: 32, Suite.XWING: 1120}

HEAD = len(MAGIC) + 1 + KEY_ID  # bytes before `sealed`
MARKS = {MAGIC + bytes([suite]): suite for suite in Suite}
# A frame is padded with fewer bytes than these, nearly always: comparing with them is quicker than making them anew.
ZEROS = bytes(1 << 16)


@dataclass(frozen=True)
class Envelope:
    """One sealed record. `sealed` is HPKE's enc ‖ ciphertext."""

    suite: Suite
    key_id: bytes
    sealed: bytes

    def __len__(self) -> int:
        """Bytes of it as it is stored."""
        return HEAD + len(self.sealed)

    def to_bytes(self) -> bytes:
        """The envelope as it is stored."""
        return MAGIC + bytes([self.suite]) + self.key_id + self.sealed

    @classmethod
    def parse(cls, data: bytes | memoryview) -> Envelope:
        """The envelope in these bytes. Raises EnvelopeError for anything not well formed."""
        head = bytes(data[:HEAD])
        suite = MARKS.get(head[: len(MAGIC) + 1])
        if suite is None or len(head) < HEAD:
            raise EnvelopeError("This is not an envelope of a known version and suite.")
        plain = len(data) - HEAD - ENC_LENGTHS[suite] - TAG
        if plain < BLOCK or plain % BLOCK:
            raise EnvelopeError("This envelope has a length that no envelope has.")
        return cls(suite, head[len(MAGIC) + 1 :], bytes(data[HEAD:]))


@dataclass(frozen=True)
class Context:
    """What an envelope is bound to. `instrument`: 64 hexadecimal digits; `record_id`: 16 bytes."""

    purpose: str
    study: str
    instrument: str
    record_id: bytes

    def info(self, suite: Suite, key_id: bytes) -> bytes:
        """HPKE's info. Each part is preceded by its length (2 bytes, big-endian), so no two contexts share one.

        The record id is bound in here, so an envelope cannot be moved to another row.
        """
        return _bound(suite, key_id, self.purpose, self.study, self.instrument) + in_parts(self.record_id)


@lru_cache(256)
def _bound(suite: Suite, key_id: bytes, purpose: str, study: str, instrument: str) -> bytes:
    """What is the same for all records of a key and a version."""
    told = (purpose.encode(), study.encode(), bytes.fromhex(instrument))
    return in_parts(b"amanah envelope 1", bytes([suite]), key_id, *told)


def in_parts(*parts: bytes) -> bytes:
    """Parts as one, each preceded by its length (2 bytes, big-endian), so that no two lists of parts are alike."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def sealed_length(suite: Suite, length: int) -> int:
    """Bytes of a whole envelope whose padded plaintext has this length."""
    return len(MAGIC) + 1 + KEY_ID + suite.enc_length + length + TAG


def frame(kind: int, content: bytes, length: int) -> bytes:
    """Content padded to `length` bytes: kind (1) ‖ content length (4, big-endian) ‖ content ‖ zero bytes.

    Raises EnvelopeError when it does not fit, because a longer envelope would tell how much was said.
    """
    if length % BLOCK or FRAME_HEAD + len(content) > length:
        raise EnvelopeError("The document does not fit its fixed length.")
    head = bytes([kind]) + len(content).to_bytes(4, "big")
    return (head + content).ljust(length, b"\0")


def unframe(plaintext: bytes) -> tuple[int, bytes]:
    """Kind and content of a frame. Raises EnvelopeError unless every byte is as `frame` writes it."""
    kind, size = plaintext[0], int.from_bytes(plaintext[1:FRAME_HEAD], "big")
    content, padding = plaintext[FRAME_HEAD : FRAME_HEAD + size], plaintext[FRAME_HEAD + size :]
    zeros = ZEROS if len(padding) <= len(ZEROS) else bytes(len(padding))
    if kind not in (DOCUMENT, ENVELOPE) or len(content) != size or not zeros.startswith(padding):
        raise EnvelopeError("This envelope does not open.")
    return kind, content


def block_length(content_length: int) -> int:
    """The smallest frame length that holds this much content."""
    return -(-(content_length + FRAME_HEAD) // BLOCK) * BLOCK
