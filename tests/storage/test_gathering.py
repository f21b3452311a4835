"""What several threads want at one moment is done in one transaction, and each is told its own, and no sooner."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text

from errors import IdTaken
from storage.engines import at_once, is_sqlite
from storage.gathering import AT_ONCE, Gathering
from storage.stores import Stores
from storage.vaults import Deposit, Lot, count, deposit_lots, how_many, limits, rewrite, rows
from tests.storage.conftest import UNTIL, envelope


class Slow:
    """A deed that waits inside until it is let go, and remembers with whom it was done."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.begun, self.go = Event(), Event()

    def __call__(self, wanted: Sequence[int]) -> list[int]:
        self.together.append(list(wanted))
        self.begun.set()
        assert self.go.wait(20)
        return [2 * one for one in wanted]


def test_whoever_comes_meanwhile_goes_together_and_each_is_told_its_own() -> None:
    gathering, slow = Gathering[int, int](), Slow()
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(gathering.do, [1], slow)
        assert slow.begun.wait(20)
        others = [threads.submit(gathering.do, [number], slow) for number in range(2, 7)]
        while len(gathering._waiting) < 5:  # noqa: SLF001 (how many wait is nobody else's business)
            pass
        assert not first.done()
        slow.go.set()
        assert [one.result(20) for one in (first, *others)] == [[2], [4], [6], [8], [10], [12]]
    assert [sorted(some) for some in slow.together] == [[1], [2, 3, 4, 5, 6]]
    assert gathering.do([7], slow) == [14], "nobody is left to wait for"


def test_a_crowd_is_done_in_parts_and_what_goes_wrong_is_told_to_all_it_was_done_with() -> None:
    def deed(wanted: Sequence[int]) -> list[int]:
        if 0 in wanted:
            raise OSError("the disk is full")
        return list(wanted)

    gathering = Gathering[int, int]()
    assert gathering.do(range(1, 2 * AT_ONCE + 2), deed) == list(range(1, 2 * AT_ONCE + 2))
    with pytest.raises(OSError, match="full"):
        gathering.do([1, 0], deed)
    assert gathering.do([1], deed) == [1]
    assert gathering.do([], deed) == []


def lot() -> Lot:
    """A visit's three envelopes for the identity vault."""
    return Lot(os.urandom(16), UNTIL, tuple(Deposit(os.urandom(16), envelope()) for _ in range(3)))


def test_of_several_lots_each_is_kept_whole_or_not_at_all(stores: Stores) -> None:
    vault, known, new = stores.identity, lot(), lot()
    assert deposit_lots(vault, [known]) == [True]
    first, second = Deposit(os.urandom(16), envelope()), Deposit(known.deposits[1].record_id, envelope())
    taken = Lot(os.urandom(16), UNTIL, (first, second))
    came = deposit_lots(vault, [known, new, taken, new])
    assert came[:2] == [False, True]
    assert isinstance(came[2], IdTaken)
    assert came[3] is False
    assert [how_many(vault, one.tag) for one in (known, new, taken)] == [3, 3, 0]
    assert count(vault) == 6
    assert deposit_lots(vault, []) == []


def test_what_threads_deposit_at_once_is_all_there(stores: Stores) -> None:
    lots = [lot() for _ in range(60)]
    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(lambda one: deposit_lots(stores.identity, [one, lots[0]]), lots[1:]))
    assert all(new for new, _ in came)
    assert sum(bool(again) for _, again in came) == 1, "the one that all brought is new to one of them"
    kept = {one.record_id: one.envelope for each in lots for one in each.deposits}
    assert dict(rows(stores.identity)) == kept


def test_a_statement_alone_is_kept_and_a_transaction_that_fails_is_not(stores: Stores) -> None:
    engine = stores.identity.engine

    def fails() -> None:
        with engine.begin() as connection:
            connection.execute(limits.insert(), {"id": os.urandom(16), "kind": "link", "until": UNTIL})
            raise OSError("the machine has ended")

    def alone() -> None:
        with at_once(engine) as connection:
            connection.execute(limits.insert(), {"id": os.urandom(16), "kind": "link", "until": UNTIL})

    def how_many_limits() -> int:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("select count(*) from limits").scalar_one())

    # Also where somebody before used the same connection in a way of their own.
    for before in (lambda: None, lambda: rewrite(stores.identity), lambda: _repeatable(stores)):
        before()
        kept = how_many_limits()
        with pytest.raises(OSError, match="ended"):
            fails()
        assert how_many_limits() == kept
        alone()
        engine.dispose()
        assert how_many_limits() == kept + 1


def _repeatable(stores: Stores) -> None:
    engine = stores.identity.engine
    if is_sqlite(engine):
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        assert connection.scalar(text("show transaction_isolation")) == "repeatable read"
