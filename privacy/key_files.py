"""Danger: key files. A research key's seed, or one custodian's share of an identity key, under a passphrase.

Imported by the desk alone. No file holds the seed of an identity key, so no passphrase alone opens one. Every failure
to open, whatever its cause, is one EnvelopeError, so that no cause can be told from another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from errors import EnvelopeError, ShareError
from privacy.documents import canonical, read_canonical
from privacy.keys import Purpose
from privacy.opening import CLOSED, SEED, PrivateKey
from privacy.shares import PACKED, Share, unpack

FORMAT, VERSION = "amanah-key", 1
HOLDS: dict[str, str] = {"research": "seed", "identity": "share"}
LENGTHS = {"seed": SEED, "share": PACKED}
# The least that is accepted, and what is written: Argon2id with 128 MiB, 3 passes, 4 lanes (RFC 9106, REQUIREMENTS 27).
MEMORY_KIB, PASSES, LANES = 131072, 3, 4
LARGEST_MEMORY_KIB, MOST_PASSES = 4 * MEMORY_KIB, 16
LONGEST_NAME = 60  # characters of a custodian's name
TAG = 16
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class HeldShare:
    """One custodian's share of an identity key, out of its file."""

    study: str
    key: str  # the key's short id
    custodian: str
    share: Share = field(repr=False)


def lock(key: PrivateKey, passphrase: str, random_bytes: RandomBytes) -> bytes:
    """The key file of a research key: its seed under Argon2id and AES-256-GCM; all else in it is authenticated."""
    if HOLDS[key.purpose] != "seed":
        raise EnvelopeError("An identity key is kept in two custodians' files, never in one.")
    return _sealed(_head(key.purpose, key.study, key.public().short, random_bytes), key.seed, passphrase)


def lock_share(held: HeldShare, passphrase: str, random_bytes: RandomBytes) -> bytes:
    """The key file of one custodian of an identity key."""
    if held.share.purpose != "identity":
        raise EnvelopeError("Custodians hold shares of the identity key alone.")
    told = {"custodian": held.custodian, "split": held.share.identifier, "place": held.share.place}
    packed = held.share.packed
    try:
        return _sealed(_head("identity", held.study, held.key, random_bytes) | told, packed, passphrase)
    finally:
        packed[:] = bytes(PACKED)


def unlock(data: bytes, passphrase: str) -> PrivateKey:
    """The research key in a key file. Raises EnvelopeError, alike for a wrong passphrase and a damaged file."""
    head, seed = _opened(data, passphrase, "seed")
    key = PrivateKey(head["purpose"], head["study"], seed)
    if key.public().short != head["key"]:
        key.forget()
        raise EnvelopeError(CLOSED)
    return key


def unlock_share(data: bytes, passphrase: str) -> HeldShare:
    """The share in a custodian's file. Raises EnvelopeError, as `unlock` does."""
    head, packed = _opened(data, passphrase, "share")
    try:
        share = unpack(packed)
    except ShareError:
        raise EnvelopeError(CLOSED) from None
    finally:
        packed[:] = bytes(PACKED)
    if (share.purpose, share.identifier, share.place) != ("identity", head["split"], head["place"]):
        raise EnvelopeError(CLOSED)
    return HeldShare(head["study"], head["key"], head["custodian"], share)


def stated(data: bytes) -> dict[str, Any]:
    """What a key file says of itself, which is no secret and is believed only once it opened. Raises EnvelopeError."""
    try:
        head = read_canonical(data.removesuffix(b"\n"))
        if not isinstance(head.pop("sealed"), str):
            raise EnvelopeError("unknown")
        _refuse_strange(head)
    except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeError("This is not a key file of a known version.") from None
    return head


def _head(purpose: Purpose, study: str, short: str, random_bytes: RandomBytes) -> dict[str, Any]:
    kdf = {"name": "argon2id", "memory_kib": MEMORY_KIB, "passes": PASSES, "lanes": LANES}
    return {
        "format": FORMAT,
        "version": VERSION,
        "purpose": purpose,
        "study": study,
        "key": short,
        "holds": HOLDS[purpose],
        "kdf": kdf | {"salt": random_bytes(16).hex()},
        "cipher": {"name": "aes-256-gcm", "nonce": random_bytes(12).hex()},
    }


def _sealed(head: dict[str, Any], secret: bytearray, passphrase: str) -> bytes:
    stretched = _stretch(passphrase, head)
    try:
        sealed = AESGCM(stretched).encrypt(bytes.fromhex(head["cipher"]["nonce"]), secret, canonical(head))
    finally:
        stretched[:] = bytes(len(stretched))
    return canonical(head | {"sealed": sealed.hex()}) + b"\n"


def _opened(data: bytes, passphrase: str, holds: str) -> tuple[dict[str, Any], bytearray]:
    secret = bytearray(LENGTHS[holds])
    try:
        head = read_canonical(data.removesuffix(b"\n"))
        sealed = bytes.fromhex(head.pop("sealed"))
        _refuse_strange(head)
        if head["holds"] != holds or len(sealed) != len(secret) + TAG:
            raise EnvelopeError(CLOSED)
        stretched = _stretch(passphrase, head)
        try:
            nonce = bytes.fromhex(head["cipher"]["nonce"])
            AESGCM(stretched).decrypt_into(nonce, sealed, canonical(head), secret)
        finally:
            stretched[:] = bytes(len(stretched))
    except (InvalidTag, KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeError(CLOSED) from None
    return head, secret


def _refuse_strange(head: dict[str, Any]) -> None:
    kdf, known = head["kdf"], (head["format"], head["version"], head["cipher"]["name"], head["kdf"]["name"])
    if known != (FORMAT, VERSION, "aes-256-gcm", "argon2id") or HOLDS.get(head["purpose"]) != head["holds"]:
        raise EnvelopeError("This is not a key file of a known version.")
    # Weaker parameters would let a changed file make its passphrase cheap to guess; stronger ones without end would
    # let it exhaust the desk.
    if not (MEMORY_KIB <= kdf["memory_kib"] <= LARGEST_MEMORY_KIB and PASSES <= kdf["passes"] <= MOST_PASSES):
        raise EnvelopeError(CLOSED)
    if kdf["lanes"] != LANES:
        raise EnvelopeError(CLOSED)
    if head["holds"] == "share" and not _is_named(head):
        raise EnvelopeError(CLOSED)


def _is_named(head: dict[str, Any]) -> bool:
    name, numbers = head["custodian"], (head["split"], head["place"])
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and all(type(number) is int for number in numbers)


def _stretch(passphrase: str, head: dict[str, Any]) -> bytearray:
    kdf, stretched = head["kdf"], bytearray(32)
    stretch = Argon2id(
        salt=bytes.fromhex(kdf["salt"]),
        length=32,
        iterations=kdf["passes"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    )
    stretch.derive_into(unicodedata.normalize("NFKC", passphrase).encode(), stretched)
    return stretched
