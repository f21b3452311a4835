"""Sessions of the staff, kept on the server by one-way hashes of their tokens. Keeps no token and no address."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from errors import NotPermitted
from fieldwork.staff.passwords import DECOY, is_password
from storage.journal import Act, write_once
from storage.office import Office
from storage.staff import StaffMember, end_sign_in, signed_in_by, staff_named, start_sign_in

LONGEST_SIGN_IN = timedelta(hours=12)


def sign_in(office: Office, name: str, password: str, now: datetime) -> str:
    """A new session token for the right name and password. Raises NotPermitted, alike for a wrong name or password."""
    found = staff_named(office, name)
    # An unknown name costs the same hash as a known one, so that time does not tell them apart.
    against = found.password_phc if found else DECOY
    if not is_password(password, against) or found is None:
        raise NotPermitted("This name and password do not go together. Please try again.")
    # Once a day and person: it tells an auditor that the account was used, and no hour of anybody.
    write_once(office, found.name, Act.SIGNED_IN, now.date())
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
