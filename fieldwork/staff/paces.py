"""How fast networks, and everyone together, try to sign in: in this process's memory, and nowhere else.

A pace lets so many in at once, then one in so many seconds. What it remembers tells when somebody came and from which
network, so it never reaches a store, a file or a log. It holds no address: networks stand under a hash whose salt lies
beside them and is thrown away too. All of it is forgotten within minutes, and with the process. Each process of a
server keeps a pace of its own (docs/sign-in.md).
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from threading import Lock

from errors import TooManyTries
from fieldwork.staff.office_keys import keyed_hash

SALT_LASTS = timedelta(minutes=30)
MOST_KEPT = 10_000  # networks; some hundred bytes each
PREFIXES = {4: 24, 6: 56}  # bits of an address that make one network
EVERYONE = b"everyone"


@dataclass(frozen=True)
class Pace:
    """So many at once, then one every so often."""

    at_once: int
    every: timedelta


OF_NETWORK = Pace(20, timedelta(seconds=10))
OF_EVERYONE = Pace(20, timedelta(seconds=2))


@dataclass
class Paces:
    """The turns that were taken in this process. `due`: by key, when the turn after the last one is due."""

    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    due: dict[bytes, datetime] = field(default_factory=dict, repr=False)
    salt: bytes = field(default=b"", repr=False)
    salt_until: datetime | None = None
    lock: Lock = field(default_factory=Lock, repr=False)

    def let_in(self, address: str | None, now: datetime) -> None:
        """Take a turn of this address's network and one of everyone's, both or neither. Raises TooManyTries."""
        with self.lock:
            self._forget(now)
            self._take({self._key_of(address, now): OF_NETWORK, EVERYONE: OF_EVERYONE}, now)

    def forget(self, now: datetime) -> None:
        """Forget what slows nobody any more. Called while serving, so that it does not wait for the next sign-in."""
        with self.lock:
            self._forget(now)

    def _take(self, turns: Mapping[bytes, Pace], now: datetime) -> None:
        after = {key: _due(self.due.get(key), pace, now) for key, pace in turns.items()}
        self.due |= after
        while len(self.due) > MOST_KEPT:
            # Whoever is nearly forgotten goes first: it slows the fewest.
            del self.due[min(self.due, key=lambda key: self.due[key])]

    def _forget(self, now: datetime) -> None:
        self.due = {key: due for key, due in self.due.items() if due > now}
        # The second bound is for a clock that was set back.
        if self.salt_until is None or not now < self.salt_until <= now + SALT_LASTS:
            self.salt, self.salt_until = b"", None

    def _key_of(self, address: str | None, now: datetime) -> bytes:
        if self.salt_until is None:
            self.salt, self.salt_until = self.random_bytes(32), now + SALT_LASTS
        return keyed_hash(self.salt, "network", network_of(address))


def network_of(address: str | None) -> str:
    """The /24 or /56 that this address belongs to; one for all whose address is not known."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((mapped, PREFIXES[mapped.version]), strict=False))


def _due(before: datetime | None, pace: Pace, now: datetime) -> datetime:
    """When the turn after this one is due. Raises TooManyTries when it is not time for this one yet."""
    most = pace.at_once * pace.every
    # A clock that was set back must not shut anybody out until it is again as late as it once was.
    plausible = before is not None and now < before <= now + most
    due = (before if before and plausible else now) + pace.every
    wait = due - now - most
    if wait > timedelta(0):
        raise TooManyTries(max(math.ceil(wait.total_seconds()), 1))
    return due
