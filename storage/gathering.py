"""Do at one time what several threads want at the same moment: one write to the disk for all of them.

Nobody waits for company. Whoever comes while nothing is done begins at once. Whoever comes while something is waits for
its end, as they would at the database's own lock; all who wait then go together, in the order in which they came.
Each is told its own outcome, and only when it is as durable as it would be alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")
Came = TypeVar("Came")
# At one time: whoever reads the store, or erases from it, waits no longer than for these. More only where one request
# alone wants more.
AT_ONCE = 64


@dataclass
class _Party(Generic[Wanted, Came]):
    """The wishes of one thread. `came` holds what came of each, or `error` why nothing did.

    The thread sleeps at `_bell` until its wishes are done, or until it `leads`: then it does the next ones itself.
    """

    wanted: Sequence[Wanted]
    came: list[Came] = field(default_factory=list)
    error: BaseException | None = None
    leads: bool = False
    _bell: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._bell.acquire()

    def sleep(self) -> None:
        self._bell.acquire()

    def wake(self) -> None:
        self._bell.release()


@dataclass
class Gathering(Generic[Wanted, Came]):
    """Those who wait to have one kind of deed done."""

    _waiting: deque[_Party[Wanted, Came]] = field(default_factory=deque)
    _is_led: bool = False
    _door: Lock = field(default_factory=Lock)

    def do(self, all_wanted: Sequence[Wanted], deed: Callable[[Sequence[Wanted]], Sequence[Came]]) -> list[Came]:
        """Have these done, together with what others want now; what came of each. Raises what `deed` raises.

        `deed` is the same for all, does all it is given at one time, and tells what came of each in their order.
        """
        if not all_wanted:
            return []
        party: _Party[Wanted, Came] = _Party(all_wanted)
        with self._door:
            self._waiting.append(party)
            party.leads, self._is_led = not self._is_led, True
        if not party.leads:
            # Woken when somebody has done it with their own, or to do it with those who came meanwhile.
            party.sleep()
        if party.leads:
            self._lead(deed)
        if party.error is not None:
            raise party.error
        return party.came

    def _lead(self, deed: Callable[[Sequence[Wanted]], Sequence[Came]]) -> None:
        """Do what is wanted now. Whoever leads is the first of those who wait, so its own is always among it."""
        _, *others = parties = self._some()
        try:
            _do(parties, deed)
        finally:
            with self._door:
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].leads = True
                    others.append(self._waiting[0])
            for party in others:
                party.wake()

    def _some(self) -> list[_Party[Wanted, Came]]:
        with self._door:
            parties = [self._waiting.popleft()]
            number = len(parties[0].wanted)
            while self._waiting and (number := number + len(self._waiting[0].wanted)) <= AT_ONCE:
                parties.append(self._waiting.popleft())
        return parties


def _do(parties: Sequence[_Party[Wanted, Came]], deed: Callable[[Sequence[Wanted]], Sequence[Came]]) -> None:
    try:
        wanted = [(party, one) for party in parties for one in party.wanted]
        for (party, _), came in zip(wanted, deed([one for _, one in wanted]), strict=True):
            party.came.append(came)
    except BaseException as error:
        for party in parties:
            party.error = error
