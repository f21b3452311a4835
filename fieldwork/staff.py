"""Who may sign in at the field app: names, roles, passwords as Argon2id hashes, sessions kept on the server.

Stores no password and no session token, only one-way hashes of them. Staff are never participants.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from errors import NotPermitted, SettingsError
from storage.office import Office
from storage.staff import StaffMember, add_staff, end_sign_in, signed_in_by, staff_named, start_sign_in

Role = Literal["administrator", "coordinator"]
MINIMUM_PASSWORD = 15  # characters (NIST SP 800-63B-4)
MAXIMUM_PASSWORD = 128
LONGEST_SIGN_IN = timedelta(hours=12)
# The hash, at that cost, of a random password that was thrown away.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$85l7nBtxKt7TYS7ySP6MVw$G317eUiXZRgM+uH9z4tmkWYeALKuGh8cvnpKpgH1E3E"  # noqa: S105, E501 (nobody's password)
PASSES, LANES, MEMORY_KIB = 3, 4, 65536


def hash_password(password: str, random_bytes: bytes) -> str:
    """The password's Argon2id hash in PHC form. `random_bytes`: 16 bytes of salt."""
    return Argon2id(
        salt=random_bytes, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    ).derive_phc_encoded(password.encode())


def hire(office: Office, name: str, role: Role, password: str) -> None:
    """Add a member of staff. Raises SettingsError for a password that is too short or too long."""
    if not MINIMUM_PASSWORD <= len(password) <= MAXIMUM_PASSWORD:
        raise SettingsError(f"A password has {MINIMUM_PASSWORD} to {MAXIMUM_PASSWORD} characters.")
    add_staff(office, name, role, hash_password(password, secrets.token_bytes(16)))


def sign_in(office: Office, name: str, password: str, now: datetime) -> str:
    """A new session token for the right name and password. Raises NotPermitted, alike for a wrong name or password."""
    found = staff_named(office, name)
    # An unknown name costs the same hash as a known one, so that time does not tell them apart.
    against = found.password_phc if found else DECOY
    if not _is_password(password, against) or found is None:
        raise NotPermitted("This name and password do not go together. Please try again.")
    token = secrets.token_urlsafe(32)
    start_sign_in(office, _hash(token), found.name, now + LONGEST_SIGN_IN)
    return token


def signed_in(office: Office, token: str, now: datetime) -> StaffMember | None:
    """Who holds this session token, while it lasts."""
    return signed_in_by(office, _hash(token), now)


def sign_out(office: Office, token: str) -> None:
    """End the session of this token, at once and for good."""
    end_sign_in(office, _hash(token))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _is_password(password: str, phc: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), phc)
    except InvalidKey:
        return False
    return True
