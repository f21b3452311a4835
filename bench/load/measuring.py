"""One run: bare commits and our deliveries take turns on one disk, round after round; a ratio is of one round."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median

from bench.load.served import ROOT, Field, Served
from bench.load.stock import make_stock, read_stock
from bench.load.tablets import Told

# Visits that two cores may take at most, so that no tablet's outbox is empty too early: alone, and several at once.
MOST_A_SECOND, MOST_TOGETHER = 900, 2500
BEGINS_WITHIN = 1.0  # seconds in which one tablet after another begins, before it counts


@dataclass
class Outboxes:
    """The sealed visits of a run, and how many of them an instance was sent so far. More are sealed when needed.

    `sealed`: how many at most at one time; the others are the same ones under new ids and tags.
    """

    field: Field
    stock: Path
    sealed: int | None = None
    made: int = 0
    sent: int = 0

    def fill(self, visits: int) -> None:
        """See that so many wait."""
        lacking = self.sent + visits - self.made
        if lacking > 0:
            make_stock(self.field.study, self.stock, lacking, self.sealed)
            self.made += lacking

    def forget(self) -> None:
        """Let go of what was sent: an hour of it is more than a disk may hold."""
        self.stock.unlink()
        self.made = self.sent = 0

    def last(self, visits: int) -> list[bytes]:
        """The last so many that were sent."""
        return list(islice(read_stock(self.stock, self.sent - visits), visits))


@dataclass(frozen=True)
class Load:
    """How the field app is loaded: so many tablets at once, so many visits in each of their requests."""

    connections: int
    at_once: int = 1


@dataclass(frozen=True)
class Round:
    """Bare commits a second; under each load visits a second, the 95th percentile and the app's work for one visit.

    `p95` and `work` in milliseconds, the latter of one core: what to look at where a machine is busy.
    """

    bare: float
    visits: dict[Load, float]
    p95: dict[Load, float]
    work: dict[Load, float]


def one_round(
    served: Served, outboxes: Outboxes, bare: Callable[[float], float], loads: tuple[Load, ...], seconds: float
) -> Round:
    """Measure everything once."""
    base, visits, p95, work = bare(seconds), {}, {}, {}
    for load in loads:
        before = served.used()
        told = deliver(served, outboxes, load, seconds)
        work[load] = 1000 * (served.used() - before) / (told.before + told.kept)
        visits[load] = told.kept / told.seconds
        p95[load] = 1000 * percentile(told.took, 0.95)
    return Round(base, visits, p95, work)


def deliver(served: Served, outboxes: Outboxes, load: Load, seconds: float, a_second: float | None = None) -> Told:
    """Load the server from a process of its own, with so many visits a second or as many as it takes.

    Raises RuntimeError where a visit was not kept.
    """
    most = MOST_A_SECOND if load.at_once == 1 else MOST_TOGETHER
    before = 0.0 if a_second else BEGINS_WITHIN
    outboxes.fill(int((a_second or most) * (before + seconds)) + 1)
    command = [sys.executable, "-m", "bench.load.tablets", str(served.port), str(outboxes.stock)]
    command += [f"--token={outboxes.field.token}"]
    told = {"connections": load.connections, "before": before, "seconds": seconds}
    told |= {"first": outboxes.sent, "at-once": load.at_once, "a-second": a_second or 0.0}
    words = [word for name, value in told.items() for word in (f"--{name}", str(value))]
    done = subprocess.run([*command, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    came = Told(**json.loads(done.stdout))
    outboxes.sent += came.before + came.kept + came.refused
    if came.refused or came.again:
        raise RuntimeError(f"Of the visits {came.refused} were refused, and {came.again} requests were tried again.")
    return came


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all lies at or below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def medians(rounds: list[Round]) -> Round:
    """The middle of all rounds, each figure for itself."""
    first = rounds[0]
    return replace(
        first,
        bare=median(one.bare for one in rounds),
        visits={load: median(one.visits[load] for one in rounds) for load in first.visits},
        p95={load: median(one.p95[load] for one in rounds) for load in first.p95},
        work={load: median(one.work[load] for one in rounds) for load in first.work},
    )


def ratio(rounds: list[Round], load: Load, envelopes: int = 1) -> float:
    """The middle of the rounds' ratios: requests of `load` (times `envelopes`) for each bare commit of that round."""
    return median(one.visits[load] * envelopes / one.bare for one in rounds)
