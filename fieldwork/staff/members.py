"""Who is on the staff: names and roles. Staff are never participants."""

from __future__ import annotations

import secrets

from errors import SettingsError
from fieldwork.roles import Role
from fieldwork.staff.passwords import MAXIMUM_PASSWORD, MINIMUM_PASSWORD, hash_password
from storage.office import Office
from storage.staff import add_staff


def hire(office: Office, name: str, role: Role, password: str) -> None:
    """Add a member of staff. Raises SettingsError for a password that is too short or too long."""
    if not MINIMUM_PASSWORD <= len(password) <= MAXIMUM_PASSWORD:
        raise SettingsError(f"A password has {MINIMUM_PASSWORD} to {MAXIMUM_PASSWORD} characters.")
    add_staff(office, name, role, hash_password(password, secrets.token_bytes(16)))
