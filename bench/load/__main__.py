"""`./run bench load`: how many sealed visits are durably kept, as a part of what the database can do by itself."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.bare import postgresql_rate, sqlite_commits
from bench.load.databases import postgresql
from bench.load.measuring import Load, Outboxes, Round, medians, one_round, ratio
from bench.load.served import Server, make_field, serving
from bench.measuring import rate

ENVELOPES = 4  # of one visit: answers, consent record, contact details, link
ONE_BY_ONE, CROWD, DRAINING = Load(8), Load(32), Load(8, 20)
LOADS = (ONE_BY_ONE, CROWD, DRAINING)
STORES = ("research", "identity", "office")
Bare = Callable[[float], float]


@contextmanager
def sqlite_base(folder: Path) -> Iterator[tuple[dict[str, str], Bare]]:
    """No databases but an instance's own files, and bare commits beside them."""
    commit = sqlite_commits(folder / "bare.db")
    yield {}, lambda seconds: rate(commit, seconds)


@contextmanager
def postgresql_base(folder: Path) -> Iterator[tuple[dict[str, str], Bare]]:
    """Three databases of a cluster, and bare commits in a fourth."""
    with postgresql() as new:
        bare = new("bare")
        yield {store: new(store) for store in STORES}, lambda seconds: postgresql_rate(bare, seconds)


BASES = {"sqlite": sqlite_base, "postgresql": postgresql_base}


def measure(engine: str, server: Server, rounds: int, seconds: float) -> dict[str, object]:
    """Run it all on one engine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with BASES[engine](folder) as (databases, bare):
            field = make_field(folder / "instance", databases)
            outboxes = Outboxes(field, folder / "stock")
            with serving(field, server, folder / "log") as served:
                done = [one_round(served, outboxes, bare, LOADS, seconds) for _ in range(rounds)]
                return told_of(done) | {"engine": engine, "server": server, "memory": served.peak_memory()}


def told_of(rounds: list[Round]) -> dict[str, object]:
    middle = medians(rounds)
    return {
        "bare": middle.bare,
        "visits": {f"{load.connections}x{load.at_once}": middle.visits[load] for load in LOADS},
        "p95": {f"{load.connections}x{load.at_once}": middle.p95[load] for load in LOADS},
        "work": {f"{load.connections}x{load.at_once}": middle.work[load] for load in LOADS},
        "ratio": {f"{load.connections}x{load.at_once}": ratio(rounds, load) for load in LOADS},
    }


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="./run bench load")
    parser.add_argument("--engine", choices=[*BASES], action="append")
    parser.add_argument("--server", choices=["gunicorn", "waitress"], default="gunicorn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    asked = parser.parse_args()
    for engine in asked.engine or BASES:
        print(json.dumps(measure(engine, asked.server, asked.rounds, asked.seconds), indent=1))


if __name__ == "__main__":
    main()
