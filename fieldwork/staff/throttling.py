"""Slow down who guesses, and nobody else. Keeps no name and no address: keyed hashes, counts, and when to forget them.

Two measures. A *count* belongs to one name: each failure in a row makes the next try wait longer, and after a hundred
no more are taken. A *pace* belongs to a network or to everyone: so many at once, then one in so many seconds. What
they refuse is refused before a password is hashed, so that refusing costs next to nothing. docs/sign-in.md argues
the figures.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from errors import TooManyTries
from fieldwork.staff.office_keys import keyed_hash
from storage.office import Office
from storage.throttle import Count, clear_count, count_of, forget_counts, replace_count, salt_of

FREE = 4  # failures in a row that make nobody wait
LONGEST_DELAY = timedelta(minutes=15)
MOST_FAILURES = 100  # in a row (NIST SP 800-63B-4)
REST = timedelta(days=30)  # after so long without a failure the count is forgotten, so that no door is shut for good
SALT_LASTS = timedelta(minutes=30)
PREFIXES = {4: 24, 6: 56}  # bits of an address that make one network
TIMES = 5  # how often a count is read again when others change it at the same time


@dataclass(frozen=True)
class Pace:
    """So many at once, then one every so often."""

    at_once: int
    every: timedelta


OF_NETWORK = Pace(20, timedelta(seconds=10))
OF_EVERYONE = Pace(20, timedelta(seconds=2))
# Many participants share one Wi-Fi: thirty receipts at once, and nobody waits longer than two seconds for a turn.
OF_RECEIPTS = Pace(30, timedelta(seconds=2))


@dataclass(frozen=True)
class Charge:
    """A failure that was counted before it was known whether it is one."""

    key: bytes
    before: Count | None
    after: Count


def delay_after(failures: int) -> timedelta:
    """How long after so many failures in a row the next try may come."""
    doubled = min(max(failures - FREE, 0), 10)
    return min(timedelta(seconds=2**doubled - 1), LONGEST_DELAY)


def charge(office: Office, key: bytes, now: datetime) -> Charge:
    """Count a failure beforehand: of many who try at the same time, none tries for nothing. Raises TooManyTries."""
    for _ in range(TIMES):
        before = count_of(office, key)
        if before is not None:
            _refuse_early(before, now)
        failures = before.failures + 1 if before else 1
        after = Count(failures, now + delay_after(failures))
        if replace_count(office, key, before, after, now + REST):
            return Charge(key, before, after)
    raise TooManyTries(1)


def give_back(office: Office, charged: Charge, now: datetime) -> None:
    """It was no failure. Where others have counted in between, theirs and this one stay: it costs a second at most."""
    if charged.before is None:
        clear_count(office, charged.key, only=charged.after)
    else:
        replace_count(office, charged.key, charged.after, charged.before, now + REST)


def forgive(office: Office, key: bytes) -> None:
    """Forget every failure under this key."""
    clear_count(office, key)


def is_closed(office: Office, key: bytes) -> bool:
    """Whether all tries under this key are used up."""
    found = count_of(office, key)
    return found is not None and found.failures >= MOST_FAILURES


def keep_pace(office: Office, key: bytes, pace: Pace, now: datetime) -> None:
    """Take one turn. Raises TooManyTries when it is not time for it yet."""
    for _ in range(TIMES):
        before = count_of(office, key)
        due = _due(before, pace, now)
        # By the time it is due, the row says nothing any more.
        if replace_count(office, key, before, Count(0, due), due):
            return
    raise TooManyTries(1)


def forget(office: Office, now: datetime) -> None:
    """Delete what has had its time. Called while serving, so that nothing of a network outlives the hour."""
    forget_counts(office, now)


def refuse_count(office: Office, key: bytes, now: datetime) -> None:
    """Refuse by reading alone what `charge` would refuse: refusing must cost little. Raises TooManyTries."""
    before = count_of(office, key)
    if before is not None:
        _refuse_early(before, now)


def refuse_paces(office: Office, paces: Mapping[bytes, Pace], now: datetime) -> None:
    """Refuse, by reading alone, what `keep_pace` would refuse. Raises TooManyTries."""
    for key, pace in paces.items():
        _due(count_of(office, key), pace, now)


def network_key(
    office: Office,
    address: str | None,
    use: str,
    now: datetime,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """The key of the network that an address belongs to, under a salt that is thrown away within the hour."""
    salt = salt_of(office, now, random_bytes(32), now + SALT_LASTS)
    return keyed_hash(salt, use, network_of(address))


def network_of(address: str | None) -> str:
    """The /24 or /56 that this address belongs to; one for all whose address is not known."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((mapped, PREFIXES[mapped.version]), strict=False))


def _due(before: Count | None, pace: Pace, now: datetime) -> datetime:
    """When the turn after this one would be due. Raises TooManyTries when it is not time for this one yet."""
    most = pace.at_once * pace.every
    # A clock that was set back must not shut anybody out until it is again as late as it once was.
    plausible = before is not None and now < before.until <= now + most
    due = (before.until if before and plausible else now) + pace.every
    wait = due - now - most
    if wait > timedelta(0):
        raise TooManyTries(_seconds(wait))
    return due


def _refuse_early(before: Count, now: datetime) -> None:
    if before.failures >= MOST_FAILURES:
        raise TooManyTries(None)
    wait = before.until - now
    if timedelta(0) < wait <= delay_after(before.failures):
        raise TooManyTries(_seconds(wait))


def _seconds(wait: timedelta) -> int:
    return max(math.ceil(wait.total_seconds()), 1)
