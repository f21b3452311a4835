"""Sessions of the staff, kept on the server by one-way hashes of their tokens. Keeps no token, no address, no agent.

A session is new at every sign-in and dead at sign-out, at a change of role and when its holder is disabled. Whenever
its holder shows a factor again, it goes on under another token.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.coarse import FIVE_MINUTES
from storage.journal import Act, write_once
from storage.office import Office
from storage.sign_ins import (
    SignIn,
    change_token,
    end_sign_in,
    end_sign_ins_of,
    forget_sign_ins,
    keep_newest,
    mark_used,
    sign_in_of,
    sign_ins_of,
    start_sign_in,
)
from storage.staff import StaffMember, staff_named

LONGEST_IDLE = timedelta(minutes=30)
LONGEST_SIGN_IN = timedelta(hours=12)
FRESH_FOR = timedelta(minutes=10)  # how long a factor that was shown opens what is dangerous
MOST_SESSIONS = 5  # of one member at a time; when another begins, the oldest ends
WRITTEN_EVERY = FIVE_MINUTES  # how exactly the last use is known: what stands beside it must not be dated by it


@dataclass(frozen=True)
class Left:
    """How long a session lasts still: until it has rested for too long, and until its end, in whole seconds."""

    rest: int
    end: int


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is kept of a token. It is random in itself, so a plain hash leads nobody back to it."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(office: Office, name: str, now: datetime) -> str:
    """A new session of somebody who has just shown all their factors; returns its token."""
    # Once a day and person: it tells an auditor that the account was used, and no hour of anybody.
    write_once(office, name, Act.SIGNED_IN, now.date())
    token = new_token()
    forget_sign_ins(office, now, now - LONGEST_IDLE, now - LONGEST_SIGN_IN)
    start_sign_in(office, hash_of(token), name, now)
    keep_newest(office, name, hash_of(token), MOST_SESSIONS)
    return token


def signed_in(office: Office, token: str, now: datetime) -> StaffMember | None:
    """Who holds this session, while it lasts and they belong to the staff. It counts as used."""
    found = _live(office, token, now)
    if found is None:
        return None
    member = staff_named(office, found.name)
    if member is None or member.disabled:
        return None
    if now - found.used >= WRITTEN_EVERY:
        mark_used(office, found.token_hash, now)
    return member


def is_fresh(office: Office, token: str, now: datetime) -> bool:
    """Whether the holder of this session has shown a factor within the last minutes."""
    found = _live(office, token, now)
    return found is not None and now - found.proved <= FRESH_FOR


def time_left(office: Office, token: str, now: datetime) -> Left | None:
    """How long this session lasts still; None where it is over. To ask is no use of it."""
    found = _live(office, token, now)
    if found is None:
        return None
    return Left(
        int((found.used + LONGEST_IDLE - now).total_seconds()),
        int((found.began + LONGEST_SIGN_IN - now).total_seconds()),
    )


def prove(office: Office, token: str, now: datetime) -> str:
    """The holder of this session has just shown a factor again; returns its token from now on."""
    new = new_token()
    change_token(office, hash_of(token), hash_of(new), now)
    return new


def sign_out(office: Office, token: str) -> None:
    """End the session of this token, at once and for good."""
    end_sign_in(office, hash_of(token))


def sessions_of(office: Office, name: str, now: datetime) -> tuple[SignIn, ...]:
    """A member's sessions that last, the newest first."""
    return tuple(one for one in sign_ins_of(office, name) if _lasts(one, now))


def revoke(office: Office, name: str, token_hash: bytes) -> None:
    """End one session of a member; somebody else's stays as it is."""
    end_sign_in(office, token_hash, name)


def revoke_others(office: Office, name: str, token: str) -> None:
    """End every session of a member but this one."""
    end_sign_ins_of(office, name, but=hash_of(token))


def _live(office: Office, token: str, now: datetime) -> SignIn | None:
    found = sign_in_of(office, hash_of(token)) if token else None
    return found if found is not None and _lasts(found, now) else None


def _lasts(found: SignIn, now: datetime) -> bool:
    return now - found.used < LONGEST_IDLE and now - found.began < LONGEST_SIGN_IN
