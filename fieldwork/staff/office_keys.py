"""The keys by which the office seals and counts, made from the instance's `secret` file, which no database holds."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True)
class OfficeKeys:
    """`totp` seals TOTP secrets; `counting` hashes names in counts; `browsers` vouches for a browser's cookie;
    `passkeys` seals the rows of passkeys."""

    totp: bytes = field(repr=False)
    counting: bytes = field(repr=False)
    browsers: bytes = field(repr=False)
    passkeys: bytes = field(repr=False)


def office_keys(secret: str) -> OfficeKeys:
    """The keys of the instance with this secret."""
    return OfficeKeys(*(_derived(secret, use) for use in ("totp", "counting", "browsers", "passkeys")))


def keyed_hash(key: bytes, use: str, *about: str | bytes) -> bytes:
    """HMAC-SHA-256 over parts, each with its length before it, so that no two lists of parts look alike."""
    parts = [part if isinstance(part, bytes) else part.encode() for part in (use, *about)]
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def _derived(secret: str, use: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"amanah office {use} v1".encode()).derive(secret.encode())
