"""Slow down who guesses at one name, and nobody else. Keeps no name: keyed hashes, counts, and when to forget them.

Each failure in a row makes the next try wait longer, and after a hundred no more are taken. What is refused is refused
before a password is hashed, so that refusing costs next to nothing. Kept are whole minutes and days only: what lies
beside it in the office's files must not be dated by it. How fast networks try is in paces.py, and in no store.
docs/sign-in.md argues the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from errors import TooManyTries
from storage.coarse import DAY, MINUTE, rounded_down, rounded_up
from storage.office import Office
from storage.throttle import Count, clear_count, count_of, forget_counts, replace_count

FREE = 4  # failures in a row that make nobody wait
LONGEST_DELAY = timedelta(minutes=15)
MOST_FAILURES = 100  # in a row (NIST SP 800-63B-4)
REST = timedelta(days=30)  # after so long without a failure the count is forgotten, so that no door is shut for good
TIMES = 5  # how often a count is read again when others change it at the same time


@dataclass(frozen=True)
class Charge:
    """A failure that was counted before it was known whether it is one."""

    key: bytes
    before: Count | None
    after: Count


def delay_after(failures: int) -> timedelta:
    """How long after so many failures in a row the next try may come, at the least."""
    doubled = min(max(failures - FREE, 0), 10)
    return min(timedelta(seconds=2**doubled - 1), LONGEST_DELAY)


def charge(office: Office, key: bytes, now: datetime) -> Charge:
    """Count a failure beforehand: of many who try at the same time, none tries for nothing. Raises TooManyTries."""
    for _ in range(TIMES):
        before = count_of(office, key)
        if before is not None:
            _refuse_early(before, now)
        failures = before.failures + 1 if before else 1
        after = Count(failures, _until(failures, now))
        if replace_count(office, key, before, after, _rested(now)):
            return Charge(key, before, after)
    raise TooManyTries(1)


def give_back(office: Office, charged: Charge, now: datetime) -> None:
    """It was no failure. Where others have counted in between, theirs and this one stay: it costs a second at most."""
    if charged.before is None:
        clear_count(office, charged.key, only=charged.after)
    else:
        replace_count(office, charged.key, charged.after, charged.before, _rested(now))


def forgive(office: Office, key: bytes) -> None:
    """Forget every failure under this key."""
    clear_count(office, key)


def is_closed(office: Office, key: bytes) -> bool:
    """Whether all tries under this key are used up."""
    found = count_of(office, key)
    return found is not None and found.failures >= MOST_FAILURES


def forget(office: Office, now: datetime) -> None:
    """Delete what has had its time."""
    forget_counts(office, now)


def refuse_count(office: Office, key: bytes, now: datetime) -> None:
    """Refuse by reading alone what `charge` would refuse: refusing must cost little. Raises TooManyTries."""
    before = count_of(office, key)
    if before is not None:
        _refuse_early(before, now)


def _until(failures: int, now: datetime) -> datetime:
    """The whole minute from which the next try is heard."""
    delay = delay_after(failures)
    return rounded_up(now + delay, MINUTE) if delay else rounded_down(now, MINUTE)


def _rested(now: datetime) -> datetime:
    return rounded_up(now + REST, DAY)


def _refuse_early(before: Count, now: datetime) -> None:
    if before.failures >= MOST_FAILURES:
        raise TooManyTries(None)
    wait = before.until - now
    # A clock that was set back must shut nobody out: no wait is longer than any that could have been given.
    if timedelta(0) < wait <= delay_after(before.failures) + MINUTE:
        raise TooManyTries(max(math.ceil(wait.total_seconds()), 1))
