"""The team's release key: made, kept locked in a file, used to sign. Never on a server; it opens no answer.

It is an Ed25519 key that says "these are the files that we published", and nothing else. The file is locked as the
key files of the vaults are (Argon2id with 128 MiB and 3 passes, then AES-256-GCM, everything in it authenticated), by
code of its own: `privacy/opening.py` is for the desk alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from errors import EnvelopeError, ManifestError
from privacy.documents import canonical, read_canonical

FORMAT, VERSION = "amanah-signing-key", 1
# RFC 9106 and REQUIREMENTS 27. Nothing else is written or accepted, so that nobody can weaken a file.
STRETCH = {"name": "argon2id", "memory_kib": 131072, "passes": 3, "lanes": 4}
SHORTEST_PASSPHRASE = 15  # characters
CLOSED = "This key file does not open: the passphrase is not the right one, or the file is damaged."


def new_signing_key(random_bytes: Callable[[int], bytes]) -> Ed25519PrivateKey:
    """A new key. `random_bytes(n)` gives n random bytes."""
    return Ed25519PrivateKey.from_private_bytes(random_bytes(32))


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half: 64 hexadecimal digits, which others keep and compare."""
    return key.public_key().public_bytes_raw().hex()


def lock(key: Ed25519PrivateKey, passphrase: str, random_bytes: Callable[[int], bytes]) -> bytes:
    """The key file. Raises ManifestError for a short passphrase."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ManifestError(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters. Use several words.")
    head = {
        "format": FORMAT,
        "version": VERSION,
        "public": public_hex(key),
        "kdf": STRETCH | {"salt": random_bytes(16).hex()},
        "cipher": {"name": "aes-256-gcm", "nonce": random_bytes(12).hex()},
    }
    sealed = _cipher(head, passphrase).encrypt(_nonce(head), key.private_bytes_raw(), canonical(head))
    return canonical(head | {"sealed": sealed.hex()}) + b"\n"


def unlock(data: bytes, passphrase: str) -> Ed25519PrivateKey:
    """The key in a key file. Raises ManifestError, alike for a wrong passphrase and a damaged file."""
    try:
        head = read_canonical(data.removesuffix(b"\n"))
        sealed = bytes.fromhex(head.pop("sealed"))
        known = (head["format"], head["version"], head["cipher"]["name"]) == (FORMAT, VERSION, "aes-256-gcm")
        if known and head["kdf"] == STRETCH | {"salt": head["kdf"]["salt"]}:
            seed = _cipher(head, passphrase).decrypt(_nonce(head), sealed, canonical(head))
            return Ed25519PrivateKey.from_private_bytes(seed)
    except (EnvelopeError, InvalidTag, KeyError, TypeError, ValueError, AttributeError):
        pass
    raise ManifestError(CLOSED)


def verify(signer: str, signature: bytes, message: bytes) -> None:
    """Raise ManifestError unless this signer signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise ManifestError("The manifest's signature does not hold: it is not what this signer signed.") from None


def _nonce(head: dict[str, Any]) -> bytes:
    return bytes.fromhex(head["cipher"]["nonce"])


def _cipher(head: dict[str, Any], passphrase: str) -> AESGCM:
    kdf = head["kdf"]
    stretched = Argon2id(
        salt=bytes.fromhex(kdf["salt"]), length=32, iterations=kdf["passes"], lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    )  # fmt: skip
    return AESGCM(stretched.derive(passphrase.encode()))
