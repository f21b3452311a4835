"""Danger: the only file that touches a private key. Imported by the desk (`release/`) alone; keeps nothing on disk.

Every failure to open, whatever its cause, is one EnvelopeError, so that no cause can be told from another.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from errors import EnvelopeError
from privacy.documents import canonical, read_canonical
from privacy.envelope import DOCUMENT, Context, Envelope, Suite, unframe
from privacy.keys import PURPOSES, PublicKey, Purpose
from privacy.sealing import HPKE

FORMAT, VERSION = "amanah-key", 1
# The least that is accepted, and what is written: Argon2id with 128 MiB, 3 passes, 4 lanes (RFC 9106, REQUIREMENTS 27).
MEMORY_KIB, PASSES, LANES = 131072, 3, 4
LARGEST_MEMORY_KIB, MOST_PASSES = 4 * MEMORY_KIB, 16
CLOSED = "This does not open: the key or passphrase is not the right one, or the bytes are damaged."


@dataclass(frozen=True)
class PrivateKey:
    """One key's secret: a 32-byte seed, from which both suites' private keys follow."""

    purpose: Purpose
    study: str
    seed: bytes = field(repr=False)

    def public(self) -> PublicKey:
        """Its public halves, for the keyring."""
        x25519, mlkem = self._x25519.public_key(), self._mlkem.public_key()
        joined = mlkem.public_bytes_raw() + self._inner_x25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey(self.purpose, self.study, x25519.public_bytes(Encoding.Raw, PublicFormat.Raw), joined)

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

    def derive(self, info: bytes) -> bytes:
        """32 bytes that follow from this key and `info` alone (HKDF-SHA-256)."""
        return _hkdf(self.seed, info)

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
        return X25519PrivateKey.from_private_bytes(_hkdf(self.seed, b"amanah key 1 x25519"))

    # draft-connolly-cfrg-xwing-kem: SHAKE-256 expands the seed to 64 bytes for ML-KEM-768 and 32 for X25519.
    @property
    def _mlkem(self) -> MLKEM768PrivateKey:
        return MLKEM768PrivateKey.from_seed_bytes(hashlib.shake_256(self.seed).digest(96)[:64])

    @property
    def _inner_x25519(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(hashlib.shake_256(self.seed).digest(96)[64:])


def new_private_key(purpose: Purpose, study: str, random_bytes: Callable[[int], bytes]) -> PrivateKey:
    """A new key. `random_bytes(n)` gives n random bytes."""
    return PrivateKey(purpose, study, random_bytes(32))


def lock(key: PrivateKey, passphrase: str, random_bytes: Callable[[int], bytes]) -> bytes:
    """The key file: the seed under Argon2id and AES-256-GCM; everything else in it is authenticated."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "purpose": key.purpose,
        "study": key.study,
        "key": key.public().short,
        "holds": "seed",
        "kdf": {
            "name": "argon2id",
            "memory_kib": MEMORY_KIB,
            "passes": PASSES,
            "lanes": LANES,
            "salt": random_bytes(16).hex(),
        },
        "cipher": {"name": "aes-256-gcm", "nonce": random_bytes(12).hex()},
    }
    sealed = AESGCM(_stretch(passphrase, head)).encrypt(
        bytes.fromhex(head["cipher"]["nonce"]), key.seed, canonical(head)
    )
    return canonical(head | {"sealed": sealed.hex()}) + b"\n"


def unlock(data: bytes, passphrase: str) -> PrivateKey:
    """The key in a key file. Raises EnvelopeError, alike for a wrong passphrase and a damaged file."""
    try:
        head = read_canonical(data.removesuffix(b"\n"))
        sealed = bytes.fromhex(head.pop("sealed"))
        _refuse_strange(head)
        seed = AESGCM(_stretch(passphrase, head)).decrypt(
            bytes.fromhex(head["cipher"]["nonce"]), sealed, canonical(head)
        )
    except (InvalidTag, KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeError(CLOSED) from None
    key = PrivateKey(head["purpose"], head["study"], seed)
    if len(seed) != 32 or key.public().short != head["key"]:
        raise EnvelopeError(CLOSED)
    return key


def _refuse_strange(head: dict[str, Any]) -> None:
    kdf, known = (
        head["kdf"],
        (head["format"], head["version"], head["holds"], head["cipher"]["name"], head["kdf"]["name"]),
    )
    if known != (FORMAT, VERSION, "seed", "aes-256-gcm", "argon2id") or head["purpose"] not in PURPOSES:
        raise EnvelopeError("This is not a key file of a known version.")
    # Weaker parameters would let a changed file make its passphrase cheap to guess; stronger ones without end would
    # let it exhaust the desk.
    if not (MEMORY_KIB <= kdf["memory_kib"] <= LARGEST_MEMORY_KIB and PASSES <= kdf["passes"] <= MOST_PASSES):
        raise EnvelopeError(CLOSED)
    if kdf["lanes"] != LANES:
        raise EnvelopeError(CLOSED)


def _stretch(passphrase: str, head: dict[str, Any]) -> bytes:
    kdf = head["kdf"]
    stretch = Argon2id(
        salt=bytes.fromhex(kdf["salt"]),
        length=32,
        iterations=kdf["passes"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    )
    return stretch.derive(unicodedata.normalize("NFKC", passphrase).encode())


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, info).derive(secret)
