"""Withdrawals and changes take as long for a visit that is here as for one that is not: nobody asks by the clock."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping

from fieldwork.changes import read_changes, take_changes
from fieldwork.study import Study
from fieldwork.withdrawal import take_out
from privacy.receipts import Receipt, labels_of, new_receipt
from storage.office import tallies
from storage.vaults import count
from tests.changes import as_bytes, sealed_changes, visited
from tests.conftest import TODAY
from tests.fieldwork.test_passwords import FAR, mann_whitney

TURNS = 15  # of each; where two kinds do not overlap at all, they are 4.7 standard deviations apart
Made = Callable[[], Receipt]


def timed(kinds: Mapping[str, Made], made: Callable[[Receipt], Callable[[], object]]) -> dict[str, list[float]]:
    """How long the deed took for each kind of receipt, in turn and in an order of chance."""
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(TURNS):
        for kind in sorted(kinds, key=lambda _: secrets.randbits(32)):
            deed = made(kinds[kind]())
            start = time.perf_counter()
            deed()
            taken[kind].append(time.perf_counter() - start)
    return taken


def withdrawn(study: Study, receipt: Receipt) -> None:
    labels = labels_of(receipt, study.name)
    take_out(study, labels.research_tag, labels.identity_tag, TODAY)


def taken_out(study: Study) -> Receipt:
    gone = visited(study)
    withdrawn(study, gone)
    return gone


def test_the_time_tells_not_whether_a_change_was_for_a_visit_that_is_here(study: Study) -> None:
    here, gone = visited(study), taken_out(study)

    def change(receipt: Receipt) -> Callable[[], None]:
        told = read_changes(as_bytes(sealed_changes(study, receipt, {"o_quote": "no"}, {})))
        return lambda: take_changes(study, told, TODAY)

    taken = timed({"here": lambda: here, "gone": lambda: gone, "unknown": new_receipt}, change)
    assert count(study.stores.research) == 1 + TURNS
    assert abs(mann_whitney(taken["here"], taken["unknown"])) < FAR
    assert abs(mann_whitney(taken["gone"], taken["unknown"])) < FAR


def test_the_time_tells_not_whether_a_withdrawal_was_of_a_visit_that_is_here(study: Study) -> None:
    gone = taken_out(study)
    kinds: dict[str, Made] = {"here": lambda: visited(study), "gone": lambda: gone, "unknown": new_receipt}
    taken = timed(kinds, lambda receipt: lambda: withdrawn(study, receipt))
    assert count(study.stores.research) == 0
    assert [one.count for one in tallies(study.stores.office) if one.outcome == "withdrawn"] == [1 + TURNS]
    assert abs(mann_whitney(taken["here"], taken["unknown"])) < FAR
    assert abs(mann_whitney(taken["gone"], taken["unknown"])) < FAR
