"""Danger: the only file that touches a private key. Imported by the desk (`release/`) alone; keeps nothing on disk.

Every failure to open, whatever its cause, is one EnvelopeError, so that no cause can be told from another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from errors import EnvelopeError
from privacy.capsules import capsule_info
from privacy.documents import read_canonical
from privacy.envelope import DOCUMENT, Context, Envelope, Suite, unframe
from privacy.keys import PublicKey, Purpose
from privacy.sealing import HPKE

CLOSED = "This does not open: the key or passphrase is not the right one, or the bytes are damaged."
SEED = 32  # bytes
Made = TypeVar("Made")


@dataclass(frozen=True)
class PrivateKey:
    """One key's secret: a 32-byte seed, from which everything else follows. Overwritten by `forget`."""

    purpose: Purpose
    study: str
    seed: bytearray = field(repr=False)

    def __post_init__(self) -> None:
        # A bytearray is taken over and not copied: a copy would be one more to overwrite.
        if not isinstance(self.seed, bytearray):
            object.__setattr__(self, "seed", bytearray(self.seed))

    def forget(self) -> None:
        """Overwrite the seed and let go of what was made from it. The key opens nothing any more."""
        self.seed[:] = bytes(len(self.seed))
        self.seed.clear()
        for made in ("_halves", "_public", "_key_ids"):
            self.__dict__.pop(made, None)

    def public(self) -> PublicKey:
        """Its public halves, for the keyring."""
        x25519, mlkem = self._x25519.public_key(), self._mlkem.public_key()
        joined = mlkem.public_bytes_raw() + self._inner_x25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        raw = x25519.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey(self.purpose, self.study, raw, joined, orders=self._orders_public())

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature by this identity key: an order of the custodians. Raises EnvelopeError for another."""
        if self.purpose != "identity":
            raise EnvelopeError("Only an identity key signs orders.")
        return self._signing.sign(message)

    def open(self, envelope: Envelope, context: Context) -> dict[str, Any]:
        """The document in an envelope, also in one that was wrapped on arrival. Raises EnvelopeError."""
        kind, content = self._open(envelope, context)
        if kind == DOCUMENT:
            return read_canonical(content)
        inner = Envelope.parse(content)
        if inner.suite is not Suite.X25519:
            raise EnvelopeError(CLOSED)
        kind, content = self._open(inner, context)
        if kind != DOCUMENT:
            raise EnvelopeError(CLOSED)
        return read_canonical(content)

    def open_capsule(self, key_id: bytes, sealed: bytes) -> bytes:
        """The participant label in a capsule (privacy/capsules.py), 16 bytes. Raises EnvelopeError."""
        if self.purpose != "research" or key_id != self._key_ids[Suite.X25519]:
            raise EnvelopeError(CLOSED)
        try:
            info = capsule_info(key_id, self.study)
            return HPKE[Suite.X25519].decrypt(sealed, self._halves[Suite.X25519], info=info)
        except (InvalidTag, ValueError):
            raise EnvelopeError(CLOSED) from None

    def derive(self, info: bytes) -> bytes:
        """32 bytes that follow from this key and `info` alone (HKDF-SHA-256)."""
        return bytes(self._follow(info))

    def _open(self, envelope: Envelope, context: Context) -> tuple[int, bytes]:
        public = self._public
        if (public.purpose, public.study) != (context.purpose, context.study):
            raise EnvelopeError(CLOSED)
        if envelope.key_id != self._key_ids[envelope.suite]:
            raise EnvelopeError(CLOSED)
        info = context.info(envelope.suite, envelope.key_id)
        try:
            return unframe(HPKE[envelope.suite].decrypt(envelope.sealed, self._halves[envelope.suite], info=info))
        except (InvalidTag, ValueError):
            raise EnvelopeError(CLOSED) from None

    @cached_property
    def _public(self) -> PublicKey:
        return self.public()

    @cached_property
    def _key_ids(self) -> dict[Suite, bytes]:
        return {suite: self._public.key_id(suite) for suite in Suite}

    @cached_property
    def _halves(self) -> dict[Suite, X25519PrivateKey | MLKEM768X25519PrivateKey]:
        return {
            Suite.X25519: self._x25519,
            Suite.XWING: MLKEM768X25519PrivateKey(self._mlkem, self._inner_x25519),
        }

    @property
    def _x25519(self) -> X25519PrivateKey:
        return self._made_of(b"amanah key 1 x25519", X25519PrivateKey.from_private_bytes)

    @property
    def _signing(self) -> Ed25519PrivateKey:
        return self._made_of(b"amanah key 1 orders", Ed25519PrivateKey.from_private_bytes)

    def _orders_public(self) -> bytes:
        return self._signing.public_key().public_bytes_raw() if self.purpose == "identity" else b""

    def _made_of(self, info: bytes, make: Callable[[bytearray], Made]) -> Made:
        secret = self._follow(info)
        try:
            return make(secret)
        finally:
            secret[:] = bytes(SEED)

    def _follow(self, info: bytes) -> bytearray:
        made = bytearray(SEED)
        HKDF(SHA256(), SEED, None, info).derive_into(self._whole_seed(), made)
        return made

    def _whole_seed(self) -> bytearray:
        # A forgotten seed is empty: nothing may ever be made from it.
        if len(self.seed) != SEED:
            raise EnvelopeError("This key was locked again. Please unlock it once more.")
        return self.seed

    # draft-connolly-cfrg-xwing-kem: SHAKE-256 expands the seed to 64 bytes for ML-KEM-768 and 32 for X25519.
    @property
    def _mlkem(self) -> MLKEM768PrivateKey:
        return MLKEM768PrivateKey.from_seed_bytes(hashlib.shake_256(self._whole_seed()).digest(96)[:64])

    @property
    def _inner_x25519(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(hashlib.shake_256(self._whole_seed()).digest(96)[64:])


def new_private_key(purpose: Purpose, study: str, random_bytes: Callable[[int], bytes]) -> PrivateKey:
    """A new key. `random_bytes(n)` gives n random bytes."""
    return PrivateKey(purpose, study, bytearray(random_bytes(SEED)))


def by_id(keys: Iterable[PrivateKey]) -> dict[bytes, PrivateKey]:
    """The keys by what stands on an envelope, in either suite."""
    return {key.public().key_id(suite): key for key in keys for suite in Suite}
