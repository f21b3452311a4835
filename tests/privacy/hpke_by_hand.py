"""HPKE's key schedule written out from RFC 9180, apart from our code: an oracle, proven by the RFC's own vector."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

X25519, XWING, HKDF_SHA256, AES_128_GCM, AES_256_GCM = 0x0020, 0x647A, 0x0001, 0x0001, 0x0002


def two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def labelled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256)


def labelled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    whole, block, count = b"", b"", 1
    while len(whole) < length:
        told = two(length) + b"HPKE-v1" + suite + label + info
        block = hmac.digest(prk, block + told + bytes([count]), hashlib.sha256)
        whole, count = whole + block, count + 1
    return whole[:length]


def x25519_secret(private: bytes, enc: bytes) -> bytes:
    """The KEM's shared secret, from the receiver's private key (RFC 9180 section 4.1)."""
    key = X25519PrivateKey.from_private_bytes(private)
    suite = b"KEM" + two(X25519)
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    prk = labelled_extract(suite, b"", b"eae_prk", shared)
    return labelled_expand(suite, prk, b"shared_secret", enc + key.public_key().public_bytes_raw(), 32)


@dataclass(frozen=True)
class Schedule:
    """Key and first nonce of a base mode context (RFC 9180 section 5.1)."""

    key: bytes
    nonce: bytes

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes:
        return AESGCM(self.key).decrypt(self.nonce, sealed, aad)

    def seal(self, plaintext: bytes, aad: bytes = b"") -> bytes:
        return AESGCM(self.key).encrypt(self.nonce, plaintext, aad)


def schedule(kem: int, aead: int, secret: bytes, info: bytes) -> Schedule:
    suite = b"HPKE" + two(kem) + two(HKDF_SHA256) + two(aead)
    context = (
        b"\0" + labelled_extract(suite, b"", b"psk_id_hash", b"") + labelled_extract(suite, b"", b"info_hash", info)
    )
    prk = labelled_extract(suite, secret, b"secret", b"")
    length = 16 if aead == AES_128_GCM else 32
    return Schedule(
        labelled_expand(suite, prk, b"key", context, length), labelled_expand(suite, prk, b"base_nonce", context, 12)
    )
