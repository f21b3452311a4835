"""Sign in: name and password, then a code. In between lies a session that opens nothing but that second step.

An unknown name, a wrong password and a member who was disabled are answered alike, and cost the same. Who tries too
often is refused before a password is hashed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from errors import NotPermitted, SignInOver
from fieldwork.staff.browsers import nonce_for
from fieldwork.staff.factors import lacks_second_factor, show_factor
from fieldwork.staff.names import folded
from fieldwork.staff.office_keys import OfficeKeys, keyed_hash
from fieldwork.staff.paces import Paces
from fieldwork.staff.passwords import DECOY, is_password
from fieldwork.staff.sessions import begin_session, hash_of, new_token
from fieldwork.staff.throttling import Charge, charge, forgive, give_back, is_closed, refuse_count
from storage.notices import count_notice
from storage.office import Office
from storage.sign_ins import count_try, end_half, half_of, start_half
from storage.staff import StaffMember, everyone, staff_named

HALF_LASTS = timedelta(minutes=5)
MOST_TRIES = 5  # codes that one half-session may try
Check = Callable[[str, str], bool]


@dataclass(frozen=True)
class Door:
    """Where a try comes from: the office it is for, its keys and paces, the address, and what the browser says it is
    known by."""

    office: Office
    keys: OfficeKeys
    paces: Paces
    address: str | None
    known_by: str


def tidy_name(typed: str) -> str:
    """A name as it is kept: composed, and with single spaces."""
    return " ".join(unicodedata.normalize("NFC", typed).split())


def show_password(
    door: Door, typed_name: str, password: str, now: datetime, check: Check = is_password, decoy: str = DECOY
) -> str:
    """The token of a half-session for the right name and password.

    Raises NotPermitted, alike for a wrong name or password, and TooManyTries. `check` and `decoy` are the real ones
    but where a test measures how long this takes.
    """
    found = _called(door.office, typed_name)
    name = found.name if found else tidy_name(typed_name)
    charged = _admit(door, name, now)
    # An unknown name costs the same hash as a known one, so that time does not tell them apart.
    fits = check(password, found.password_phc if found and found.password_phc else decoy)
    if not fits or found is None or found.password_phc is None or found.disabled or _came_too_late(found, now):
        # Counted for an unknown name as well, in a row of nobody's: it must take as long.
        count_notice(door.office, found.name if found else None, failed=1)
        raise NotPermitted("This name and password do not go together. Please try again.")
    give_back(door.office, charged, now)
    return begin_half(door.office, found.name, now)


def _called(office: Office, typed: str) -> StaffMember | None:
    """Who is called so, as names are compared. Everybody is looked at, so that time tells nothing of any name."""
    sought = folded(tidy_name(typed))
    found = [one for one in everyone(office) if folded(one.name) == sought]
    return found[0] if found else None


def begin_half(office: Office, name: str, now: datetime) -> str:
    """The token of a half-session of somebody who has just shown, or chosen, a password. It counts as one that nobody
    went on from, until somebody does."""
    token = new_token()
    start_half(office, hash_of(token), name, now + HALF_LASTS)
    count_notice(office, name, halves=1)
    return token


def drop_half(office: Office, token: str) -> None:
    """End a half-session that nobody goes on from."""
    end_half(office, hash_of(token))


def half_signed_in(office: Office, token: str, now: datetime) -> StaffMember | None:
    """Who has shown a password in this half-session and not yet the second factor."""
    half = half_of(office, hash_of(token), now) if token else None
    member = staff_named(office, half.name) if half else None
    return None if member is None or member.disabled else member


def show_code(door: Door, token: str, typed: str, now: datetime) -> str:
    """The token of a whole session for the right code, or recovery code, in a half-session.

    Raises NotPermitted for a wrong one, TooManyTries, and SignInOver when the half-session is over.
    """
    member = half_signed_in(door.office, token, now)
    if member is None or lacks_second_factor(door.office, member):
        raise SignInOver("That took too long, or too many tries. Nothing was changed. Please begin again.")
    charge(door.office, key_of(door, member.name), now)
    if not count_try(door.office, hash_of(token), MOST_TRIES):
        end_half(door.office, hash_of(token))
        raise SignInOver("That took too long, or too many tries. Nothing was changed. Please begin again.")
    if not show_factor(door.office, door.keys, member, typed, now):
        count_notice(door.office, member.name, failed=1)
        raise NotPermitted("This code does not fit, or was used already. Wait for the next one, and type that.")
    return complete(door, token, member.name, now)


def complete(door: Door, token: str, name: str, now: datetime) -> str:
    """Make a whole session of a half one, once. Raises SignInOver when another has done so. Failures are forgiven."""
    if not end_half(door.office, hash_of(token)):
        raise SignInOver("That took too long, or too many tries. Nothing was changed. Please begin again.")
    count_notice(door.office, name, halves=-1)
    forgive_all(door, name)
    return begin_session(door.office, name, now)


def forgive_all(door: Door, name: str) -> None:
    """Somebody has shown who they are: what strangers and this browser got wrong before counts no more."""
    for key in {_strangers_key(door.keys, name), key_of(door, name)}:
        forgive(door.office, key)


def show_factor_again(door: Door, token: str, member: StaffMember, typed: str, now: datetime) -> None:
    """Whoever holds this session shows a factor once more. Raises NotPermitted, TooManyTries.

    Counted for this session alone: neither a stranger nor whoever has stolen another session can use these tries up.
    """
    charged = charge(door.office, _session_key(door.keys, token), now)
    if not show_factor(door.office, door.keys, member, typed, now):
        raise NotPermitted("This code does not fit, or was used already. Wait for the next one, and type that.")
    forgive(door.office, charged.key)


def show_own_password(door: Door, token: str, member: StaffMember, typed: str, now: datetime) -> None:
    """Whoever holds this session shows their password once more. Raises NotPermitted, TooManyTries."""
    charged = charge(door.office, _session_key(door.keys, token), now)
    if not is_password(typed, member.password_phc or DECOY) or member.password_phc is None:
        raise NotPermitted("This is not your password of now. Please try again.")
    give_back(door.office, charged, now)


def key_of(door: Door, name: str) -> bytes:
    """What a try for this name is counted under: the browser that the name is known on, else all strangers together."""
    nonce = nonce_for(door.keys, door.known_by, name)
    own = keyed_hash(door.keys.counting, "browser", nonce, name) if nonce else b""
    # A browser that has used all its tries up is a stranger's.
    return own if own and not is_closed(door.office, own) else _strangers_key(door.keys, name)


def _admit(door: Door, name: str, now: datetime) -> Charge:
    """Let a try through to be checked, counted as a failure until it is none. Raises TooManyTries."""
    key = key_of(door, name)
    # By reading alone, and before a turn is taken: whoever is refused here uses up nobody's.
    refuse_count(door.office, key, now)
    if key == _strangers_key(door.keys, name):
        door.paces.let_in(door.address, now)
    return charge(door.office, key, now)


def _came_too_late(member: StaffMember, now: datetime) -> bool:
    """Whether a password was chosen with a link and no second factor set in time: it is worth nothing any more."""
    return member.totp is None and member.finish_before is not None and now >= member.finish_before


def _session_key(keys: OfficeKeys, token: str) -> bytes:
    return keyed_hash(keys.counting, "again", hash_of(token))


def _strangers_key(keys: OfficeKeys, name: str) -> bytes:
    return keyed_hash(keys.counting, "strangers", name)
