"""A visit that is here costs the disk as much as one that is not, to change or to withdraw: nobody asks by the clock.

A change is timed. A withdrawal's commits are counted: what the disk does by chance hides much in its time, a fault too.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine, event

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


def writing(engine: Engine) -> list[int]:
    """Grows by one with each commit that wrote something: those alone wait for the disk."""
    commits: list[int] = []
    seen: dict[int, int] = {}

    def committed(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert raw
        if raw.total_changes != seen.get(id(raw), 0):
            commits.append(raw.total_changes)
        seen[id(raw)] = raw.total_changes

    event.listen(engine, "commit", committed)
    return commits


def test_a_withdrawal_writes_as_often_whether_or_not_its_visit_is_here(study: Study) -> None:
    gone, stores = taken_out(study), study.stores
    receipts = {"here": visited(study), "gone": gone, "unknown": new_receipt()}
    commits = [writing(one.engine) for one in (stores.research, stores.identity, stores.office)]
    withdrawn(study, gone)  # so that every connection has been seen once
    written = {}
    for kind, receipt in receipts.items():
        before = [len(one) for one in commits]
        withdrawn(study, receipt)
        written[kind] = [len(one) - was for one, was in zip(commits, before, strict=True)]
    assert written == dict.fromkeys(receipts, [1, 1, 2])
    assert (count(stores.research), count(stores.identity)) == (0, 0)
    assert [one.count for one in tallies(stores.office) if one.outcome == "withdrawn"] == [2]
