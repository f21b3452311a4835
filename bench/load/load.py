"""`./run bench load`: how many sealed visits are durably kept, as a part of what the database can do by itself."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.load.bare import postgresql_rate, sqlite_commits
from bench.load.databases import postgresql
from bench.load.measuring import Load, Outboxes, Round, medians, one_round, ratio
from bench.load.plots import Bar, bars
from bench.load.served import Server, make_field, serving
from bench.measuring import rate

ENVELOPES = 4  # of one visit: answers, consent record, contact details, link
LOADS = {"8 tablets": Load(8), "32 tablets": Load(32), "8 tablets, 20 visits a request": Load(8, 20)}
# Engine, load (none: the whole run), figure, limit, and whether it is the most or the least.
LIMITS = (
    ("sqlite", "8 tablets", "requests for a bare commit", 0.30, False),
    ("postgresql", "8 tablets", "requests for a bare commit", 0.12, False),
    ("sqlite", "8 tablets, 20 visits a request", "envelopes for a bare commit", 1.5, False),
    ("postgresql", "8 tablets, 20 visits a request", "envelopes for a bare commit", 1.5, False),
    ("sqlite", "32 tablets", "p95, ms", 80, True),
    ("postgresql", "32 tablets", "p95, ms", 80, True),
    ("sqlite", "", "memory of a worker, MiB", 120, True),
    ("postgresql", "", "memory of a worker, MiB", 120, True),
)
SEALED = 500  # visits at a time; the others are these under new ids, so that most of the time is spent measuring
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


def measure(engine: str, server: Server, rounds: int, seconds: float) -> dict[str, Any]:
    """Run it all on one engine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with BASES[engine](folder) as (databases, bare):
            field = make_field(folder / "instance", databases)
            outboxes = Outboxes(field, folder / "stock", SEALED)
            with serving(field, server, folder / "log") as served:
                done = [one_round(served, outboxes, bare, tuple(LOADS.values()), seconds) for _ in range(rounds)]
                return told_of(done) | {"memory of a worker, MiB": served.peak_memory()}


def told_of(rounds: list[Round]) -> dict[str, Any]:
    """Medians of the rounds, by load, beside what is asked of them."""
    middle = medians(rounds)
    return {
        "bare commits a second": middle.bare,
        "loads": {
            name: {
                "visits a second": middle.visits[load],
                "p95, ms": middle.p95[load],
                "work of one core for a visit, ms": middle.work[load],
                "requests for a bare commit": ratio(rounds, load) / load.at_once,
                "envelopes for a bare commit": ratio(rounds, load, ENVELOPES),
            }
            for name, load in LOADS.items()
        },
    }


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(prog="./run bench load")
    parser.add_argument("--engine", choices=[*BASES], action="append")
    parser.add_argument("--server", choices=["gunicorn", "waitress"], default="gunicorn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    asked = parser.parse_args()
    found = {engine: measure(engine, asked.server, asked.rounds, asked.seconds) for engine in asked.engine or BASES}
    print(json.dumps(found, indent=1))
    asked.out.mkdir(exist_ok=True)
    (asked.out / f"load-{asked.server}.json").write_text(json.dumps(found, indent=1) + "\n")
    (asked.out / f"load-{asked.server}.svg").write_text(bars(limits_beside(found)))


def limits_beside(found: dict[str, dict[str, Any]]) -> list[Bar]:
    """What was reached of each limit, as a bar to be drawn."""
    return [
        Bar(f"{engine}: {what}", one["loads"][load][what] if load else one[what], limit, is_most)
        for (engine, load, what, limit, is_most) in LIMITS
        if (one := found.get(engine))
    ]


if __name__ == "__main__":
    main()
