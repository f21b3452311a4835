"""Do in one transaction what several threads want at the same moment: one write to the disk for all of them.

Nobody waits for company. Whoever comes while nothing is written begins at once; whoever comes while something is, waits
for its end as they would at the database's own lock, and all who wait then go together. Each is told its own outcome,
and only when it is as durable as it would be alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar, cast

Wanted = TypeVar("Wanted")
Came = TypeVar("Came")
AT_ONCE = 64  # in one transaction: whoever reads the store, or erases from it, waits no longer than for these


@dataclass
class _Ticket(Generic[Wanted, Came]):
    """One wish. `came` holds what came of it, or `error` why nothing did, once it `is_done`."""

    wanted: Wanted
    is_done: bool = False
    came: Came | None = None
    error: BaseException | None = None


@dataclass
class Gathering(Generic[Wanted, Came]):
    """Those who wait to have one kind of deed done."""

    _waiting: deque[_Ticket[Wanted, Came]] = field(default_factory=deque)
    _turn: Lock = field(default_factory=Lock)

    def do(self, all_wanted: Sequence[Wanted], deed: Callable[[Sequence[Wanted]], Sequence[Came]]) -> list[Came]:
        """Have these done, together with what others want now; what came of each. Raises what `deed` raises.

        `deed` is the same for all, does all it is given in one transaction, and tells what came of each in their order.
        """
        tickets: list[_Ticket[Wanted, Came]] = [_Ticket(wanted) for wanted in all_wanted]
        self._waiting.extend(tickets)
        with self._turn:
            # Somebody who was here before may have done them with their own.
            while not all(ticket.is_done for ticket in tickets):
                self._do_some(deed)
        return [_outcome(ticket) for ticket in tickets]

    def _do_some(self, deed: Callable[[Sequence[Wanted]], Sequence[Came]]) -> None:
        some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        try:
            for ticket, came in zip(some, deed([ticket.wanted for ticket in some]), strict=True):
                ticket.came = came
        except BaseException as error:
            for ticket in some:
                ticket.error = error
        finally:
            for ticket in some:
                ticket.is_done = True


def _outcome(ticket: _Ticket[Wanted, Came]) -> Came:
    if ticket.error is not None:
        raise ticket.error
    return cast(Came, ticket.came)
