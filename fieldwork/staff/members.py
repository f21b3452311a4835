"""Who is on the staff: names and roles. Staff are never participants."""

from __future__ import annotations

import secrets

from fieldwork.roles import Role
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.passwords import check_password, hash_password
from fieldwork.staff.signing_in import tidy_name
from fieldwork.staff.totp import seal_secret
from storage.office import Office
from storage.staff import StaffMember, add_staff

Member = StaffMember


def hire(office: Office, name: str, role: Role, password: str) -> None:
    """Add a member of staff. Raises SettingsError for a password that cannot be used.

    The second factor they set up themselves, at their first sign-in.
    """
    _add(office, name, role, password, None)


def hire_with_totp(office: Office, keys: OfficeKeys, name: str, role: Role, password: str, secret: bytes) -> None:
    """Add a member of staff whose authenticator app has this secret already: a demo's, or a test's."""
    _add(office, name, role, password, seal_secret(keys, tidy_name(name), secret, secrets.token_bytes(12)))


def _add(office: Office, name: str, role: Role, password: str, totp: bytes | None) -> None:
    known_as = tidy_name(name)
    check_password(password, known_as)
    add_staff(office, known_as, role, hash_password(password, secrets.token_bytes(16)), totp)
