"""Public keys and the keyring that the field app is given. Holds no private key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from errors import CeremonyError, EnvelopeError
from privacy.documents import canonical, read_canonical
from privacy.envelope import KEY_ID, Suite

Purpose = Literal["research", "identity"]
Status = Literal["active", "retired"]
PURPOSES: tuple[Purpose, ...] = ("research", "identity")
FORMAT, VERSION = "amanah-keyring", 2
PRIVATE = b'"amanah-key"'  # stands in the file of a private key (privacy/key_files.py), and in no keyring
WORD_BITS, WORD_COUNT = 10, 12
PIN = 16  # bytes of the fingerprint that a link carries


@dataclass(frozen=True)
class Digest:
    """A SHA-256 as people compare it: in digits, and in words to say aloud."""

    data: bytes

    @property
    def groups(self) -> str:
        """64 hexadecimal digits in groups of four."""
        digits = self.data.hex()
        return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))

    @property
    def words(self) -> tuple[str, ...]:
        """The first 120 bits as 12 words of the SLIP-39 list."""
        from shamir_mnemonic.wordlist import WORDLIST

        number = int.from_bytes(self.data[:15], "big")
        shifts = range(WORD_BITS * (WORD_COUNT - 1), -1, -WORD_BITS)
        return tuple(WORDLIST[number >> shift & (1 << WORD_BITS) - 1] for shift in shifts)


@dataclass(frozen=True)
class PublicKey:
    """The public halves of one key: X25519 (32 bytes), X-Wing (1,216); an identity key's Ed25519 for orders (32)."""

    purpose: Purpose
    study: str
    x25519: bytes
    xwing: bytes
    status: Status = "active"
    orders: bytes = b""

    def of(self, suite: Suite) -> bytes:
        """The public key of this suite."""
        return self.x25519 if suite is Suite.X25519 else self.xwing

    def key_id(self, suite: Suite) -> bytes:
        """First 8 bytes of SHA-256 of this suite's public key."""
        return hashlib.sha256(self.of(suite)).digest()[:KEY_ID]

    def digest(self, suite: Suite) -> Digest:
        """What people compare of this suite's public key."""
        return Digest(hashlib.sha256(self.of(suite)).digest())

    @property
    def short(self) -> str:
        """The suite 2 key id in hexadecimal, to tell keys apart."""
        return self.key_id(Suite.XWING).hex()


@dataclass(frozen=True)
class Keyring:
    """A study's public keys in the order in which they were made: one active key a purpose, and retired ones."""

    study: str
    keys: tuple[PublicKey, ...]

    def active(self, purpose: str) -> PublicKey:
        """The key to seal to. Raises EnvelopeError when there is none."""
        for key in self.keys:
            if key.purpose == purpose and key.status == "active":
                return key
        raise EnvelopeError(f"The keyring has no active {purpose} key.")

    def own_of(self, key: PublicKey) -> PublicKey | None:
        """What this keyring has of this key, in whichever state. Raises CeremonyError where it says another thing of it
        than the key itself does: another purpose, or one of its halves."""
        found = next((one for one in self.keys if one.short == key.short), None)
        if found is not None and replace(found, status=key.status) != key:
            raise CeremonyError(
                f"The keyring has another public half for the key {key.short} than its own. Use this keyring no more, "
                "and find out who changed it."
            )
        return found

    def rotated(self, new: PublicKey) -> Keyring:
        """This keyring with a new active key; the one that was active for its purpose only opens from now on."""
        kept = (
            replace(key, status="retired") if key.purpose == new.purpose and key.status == "active" else key
            for key in self.keys
        )
        return replace(self, keys=(*kept, new))

    def to_json(self) -> bytes:
        """The keyring file."""
        keys = [
            {"purpose": key.purpose, "status": key.status, "x25519": key.x25519.hex(), "xwing": key.xwing.hex()}
            | {"orders": key.orders.hex()}
            for key in self.keys
        ]
        return canonical({"format": FORMAT, "version": VERSION, "study": self.study, "keys": keys})

    @classmethod
    def from_json(cls, data: bytes) -> Keyring:
        """The keyring in this file. Raises EnvelopeError for anything unknown or damaged, and for a private key."""
        if PRIVATE in data:
            raise EnvelopeError(
                "This is a private key, not a public keyring. It should never have come here: make new keys."
            )
        try:
            document = read_canonical(data)
            if (document.pop("format"), document.pop("version")) != (FORMAT, VERSION):
                raise EnvelopeError("unknown")
            study, keys = document.pop("study"), document.pop("keys")
            ring = cls(study, tuple(_key(study, told) for told in keys))
            if not document and ring.to_json() == data:
                return ring
        except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError):
            pass
        raise EnvelopeError("This is not an Amanah keyring of a known version.")

    @property
    def digest(self) -> Digest:
        """SHA-256 of the keyring file."""
        return Digest(hashlib.sha256(self.to_json()).digest())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the keyring file, 64 hexadecimal digits in groups of four."""
        return self.digest.groups

    @property
    def pin(self) -> str:
        """The fingerprint's first 128 bits as 22 characters of base64url: rides in links, and devices hold to it."""
        return base64.urlsafe_b64encode(self.digest.data[:PIN]).rstrip(b"=").decode()

    @property
    def words(self) -> tuple[str, ...]:
        """The fingerprint's first 120 bits as 12 words of the SLIP-39 list, to compare aloud."""
        return self.digest.words


def _key(study: str, told: Mapping[str, Any]) -> PublicKey:
    x25519, xwing, orders = (bytes.fromhex(told[name]) for name in ("x25519", "xwing", "orders"))
    key = PublicKey(told["purpose"], study, x25519, xwing, told["status"], orders)
    if key.purpose not in PURPOSES or key.status not in ("active", "retired"):
        raise EnvelopeError("unknown")
    lengths = (len(x25519), len(xwing), len(orders), len(told))
    if lengths != (32, 1216, 32 if key.purpose == "identity" else 0, 5):
        raise EnvelopeError("unknown")
    return key
