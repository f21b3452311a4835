"""Passwords as Argon2id hashes. Keeps none, and lets none be told from another by time."""

from __future__ import annotations

import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from errors import PasswordRefused
from fieldwork.staff.guessable import is_guessable

MINIMUM_PASSWORD = 15  # characters (NIST SP 800-63B-4)
MAXIMUM_PASSWORD = 128
# The hash, at that cost, of a random password that was thrown away.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$85l7nBtxKt7TYS7ySP6MVw$G317eUiXZRgM+uH9z4tmkWYeALKuGh8cvnpKpgH1E3E"  # noqa: S105, E501 (nobody's password)
PASSES, LANES, MEMORY_KIB = 3, 4, 65536


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too short, too long, or nothing but what is guessed first. Raises PasswordRefused.

    Characters are counted as people see them typed, composed (NFC). There is no rule of digits or signs.
    """
    length = len(unicodedata.normalize("NFC", password))
    if length < MINIMUM_PASSWORD:
        raise PasswordRefused("A password has at least 15 characters. Four or five words in a row make a good one.")
    if length > MAXIMUM_PASSWORD:
        raise PasswordRefused("A password has at most 128 characters. Please take a shorter one.")
    if is_guessable(password, name):
        raise PasswordRefused("This password would be guessed early. Add two or three words that nobody expects here.")


def hash_password(password: str, random_bytes: bytes) -> str:
    """The password's Argon2id hash in PHC form. `random_bytes`: 16 bytes of salt."""
    return Argon2id(
        salt=random_bytes, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    ).derive_phc_encoded(_composed(password))


def is_password(password: str, phc: str) -> bool:
    """Whether this is the password of this hash."""
    try:
        Argon2id.verify_phc_encoded(_composed(password), phc)
    except InvalidKey:
        return False
    return True


def _composed(password: str) -> bytes:
    # Keyboards differ in how they send an accented letter; the person typed the same.
    return unicodedata.normalize("NFC", password).encode()
