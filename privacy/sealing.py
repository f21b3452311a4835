"""Seal records to the study's public keys. Holds no private key and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from errors import EnvelopeError
from privacy.documents import canonical
from privacy.envelope import DOCUMENT, ENVELOPE, Context, Envelope, Suite, block_length, frame
from privacy.keys import PublicKey

HPKE = {
    Suite.X25519: HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    Suite.XWING: HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
MLKEM_PUBLIC = 1184  # bytes of X-Wing's public key that are ML-KEM-768's; the rest is X25519's


def seal(
    document: Mapping[str, Any], key: PublicKey, context: Context, length: int, suite: Suite = Suite.XWING
) -> Envelope:
    """Seal a document, padded to `length` bytes. Raises EnvelopeError for a retired key or one of another use."""
    return _seal(frame(DOCUMENT, canonical(document), length), key, context, suite)


def wrap(inner: Envelope, key: PublicKey, context: Context) -> Envelope:
    """Seal a suite 1 envelope once more with suite 2, so that at rest it also withstands a quantum computer."""
    content = inner.to_bytes()
    return _seal(frame(ENVELOPE, content, block_length(len(content))), key, context, Suite.XWING)


def _seal(plaintext: bytes, key: PublicKey, context: Context, suite: Suite) -> Envelope:
    if key.status != "active" or (key.purpose, key.study) != (context.purpose, context.study):
        raise EnvelopeError("This key may not seal this record: it is retired, or of another study or purpose.")
    key_id = key.key_id(suite)
    sealed = HPKE[suite].encrypt(plaintext, public_half(key, suite), info=context.info(suite, key_id))
    return Envelope(suite, key_id, sealed)


def public_half(key: PublicKey, suite: Suite) -> X25519PublicKey | MLKEM768X25519PublicKey:
    """The library's key object."""
    if suite is Suite.X25519:
        return X25519PublicKey.from_public_bytes(key.x25519)
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(key.xwing[:MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(key.xwing[MLKEM_PUBLIC:]),
    )
