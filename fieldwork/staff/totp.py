"""Codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds). Each works once, and only near its time.

The secrets rest sealed in the office, under a key from the instance's `secret` file, with the member's name bound in:
a copy of the database gives no codes, and nobody's secret works in another's row.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from errors import StorageError
from fieldwork.staff.office_keys import OfficeKeys

SECRET_BYTES = 20  # as long as the hash, as RFC 4226 recommends
DIGITS, STEP = 6, 30
WINDOW = (0, -1, 1)  # steps that a telephone's clock may be off
VERSION = b"\x01"


def new_secret(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """A new secret to share with an authenticator app."""
    return random_bytes(SECRET_BYTES)


def code_at(secret: bytes, now: datetime) -> str:
    """The code of this moment."""
    return _code(secret, step_of(now))


def step_of(now: datetime) -> int:
    """The number of the half minute that this moment lies in."""
    return int(now.timestamp()) // STEP


def matching_step(secret: bytes, typed: str, now: datetime) -> int | None:
    """The time step, near now, whose code this is; None when it is none's. Whether it was used is not asked here."""
    digits = "".join(typed.split()).encode()
    steps = [step_of(now) + off for off in WINDOW]
    return next((step for step in steps if bytes_eq(_code(secret, step).encode(), digits)), None)


def in_base32(secret: bytes) -> str:
    """The secret as authenticator apps take it."""
    return base64.b32encode(secret).decode().rstrip("=")


def from_base32(written: str) -> bytes:
    """The secret of its base 32 writing."""
    return base64.b32decode(written + "=" * (-len(written) % 8))


def address_of(secret: bytes, name: str, study: str) -> str:
    """What the QR code says to an authenticator app."""
    return f"otpauth://totp/{quote(study)}:{quote(name)}?secret={in_base32(secret)}&issuer={quote(study)}"


def seal_secret(keys: OfficeKeys, name: str, secret: bytes, random_bytes: bytes) -> bytes:
    """The secret as the office keeps it. `random_bytes`: 12 bytes that were never used before."""
    return VERSION + random_bytes + AESGCM(keys.totp).encrypt(random_bytes, secret, VERSION + name.encode())


def open_secret(keys: OfficeKeys, name: str, sealed: bytes) -> bytes:
    """The secret of this member. Raises StorageError where the office holds another instance's, or another member's."""
    try:
        return AESGCM(keys.totp).decrypt(sealed[1:13], sealed[13:], sealed[:1] + name.encode())
    except (InvalidTag, ValueError):
        raise StorageError("A code's secret does not open. Was the instance's file `secret` changed?") from None


def _code(secret: bytes, step: int) -> str:
    return TOTP(secret, DIGITS, SHA1(), STEP, enforce_key_length=False).generate(max(step, 0) * STEP).decode()  # noqa: S303 (RFC 6238's hash)
