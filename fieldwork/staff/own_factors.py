"""Change how one signs in oneself: authenticator app, recovery codes, password. Each change is in the journal first.

The member is always the one of the session at hand; nobody sets up, resets or sees what is another's.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from errors import SignInOver
from fieldwork.staff.factors import confirmed_step, new_recovery_codes
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.passwords import check_password, hash_password
from fieldwork.staff.sessions import hash_of
from fieldwork.staff.signing_in import Door, show_own_password
from fieldwork.staff.totp import new_secret, open_secret, seal_secret
from storage.journal import Act, write_entry
from storage.office import Office
from storage.sign_ins import drop_offer, offer_totp, offered_totp
from storage.staff import StaffMember, recovery_codes_left, set_password, set_totp

OFFER_LASTS = timedelta(minutes=15)


def offered_secret(office: Office, keys: OfficeKeys, token: str, name: str, now: datetime) -> bytes:
    """The secret that this session is shown to set an app up: the same one until it is confirmed or too old."""
    sealed = offered_totp(office, hash_of(token), now)
    if sealed is not None:
        return open_secret(keys, name, sealed)
    secret = new_secret()
    kept = seal_secret(keys, name, secret, secrets.token_bytes(12))
    offer_totp(office, hash_of(token), kept, now + OFFER_LASTS)
    return secret


def confirm_totp(
    office: Office, keys: OfficeKeys, token: str, member: StaffMember, typed: str, now: datetime
) -> tuple[str, ...]:
    """Use the offered secret from now on, once a typed code shows that the app has it; returns new recovery codes.

    Raises NotPermitted for a code that does not fit, SignInOver where the offer is too old, or where another session
    has set up a first second factor in the meantime.
    """
    sealed = offered_totp(office, hash_of(token), now)
    if sealed is None:
        raise SignInOver("That took too long, or too many tries. Nothing was changed. Please begin again.")
    step = confirmed_step(open_secret(keys, member.name, sealed), typed, now)
    write_entry(office, member.name, Act.SECOND_FACTOR_SET, now.date())
    if not set_totp(office, member.name, sealed, step, instead_of=member.totp):
        raise SignInOver("Your second factor was changed elsewhere in the meantime. Please begin again.")
    drop_offer(office, hash_of(token))
    return new_recovery_codes(office, member.name)


def make_recovery_codes(office: Office, member: StaffMember, today: date) -> tuple[str, ...]:
    """Ten new recovery codes in the place of those before."""
    write_entry(office, member.name, Act.RECOVERY_CODES_MADE, today)
    return new_recovery_codes(office, member.name)


def codes_left(office: Office, member: StaffMember) -> int:
    """How many recovery codes a member has left."""
    return recovery_codes_left(office, member.name)


def change_password(door: Door, token: str, member: StaffMember, typed: str, wanted: str, now: datetime) -> None:
    """Another password for a member who shows the one of now. Raises NotPermitted, TooManyTries, SettingsError."""
    show_own_password(door, token, member, typed, now)
    check_password(wanted, member.name)
    write_entry(door.office, member.name, Act.PASSWORD_CHANGED, now.date())
    set_password(door.office, member.name, hash_password(wanted, secrets.token_bytes(16)))
