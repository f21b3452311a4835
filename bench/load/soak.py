"""`./run bench soak`: for an hour tablets come and go at half of what the server can take; nothing may grow.

Each minute other tablets come, on connections of their own. Told are the memory and the open files of the largest
worker and how long a delivery took, minute by minute, and how the last third compares with the first after a warm-up.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.load.measuring import Load, Outboxes, deliver, percentile
from bench.load.plots import sheet
from bench.load.served import Served, files_of, make_field, memory_of, serving

TRIAL = 5.0  # seconds in which it is found what the server can take
CROWD = (4, 12, 8, 16)  # tablets, minute by minute
SEALED = 200  # visits that are sealed for each minute
WARM = 0.1  # of all the time, in which a server still fills its caches


@dataclass(frozen=True)
class Minute:
    """MiB and open files of the largest worker, milliseconds of the middle and the slowest deliveries, visits."""

    memory: float
    files: int
    middle: float
    p95: float
    visits: int


def soak(minutes: float, length: float = 60.0, trial: float = TRIAL) -> list[Minute]:
    """Load a fresh instance at half of what it can take, `length` seconds at a time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        field = make_field(folder / "instance", {})
        outboxes = Outboxes(field, folder / "stock", SEALED)
        with serving(field, "gunicorn", folder / "log") as served:
            told = deliver(served, outboxes, Load(8), trial)
            half = told.kept / told.seconds / 2
            return [
                _minute(served, outboxes, Load(CROWD[number % len(CROWD)]), length, half)
                for number in range(int(minutes * 60 / length))
            ]


def _minute(served: Served, outboxes: Outboxes, load: Load, length: float, a_second: float) -> Minute:
    begun = time.monotonic()
    told = deliver(served, outboxes, load, length, a_second)
    time.sleep(max(0.0, length - (time.monotonic() - begun)))
    workers = served.workers()
    memory, files = max(memory_of(pid, "VmRSS") for pid in workers), max(files_of(pid) for pid in workers)
    middle, slowest = 1000 * median(told.took), 1000 * percentile(told.took, 0.95)
    outboxes.forget()
    return Minute(memory, files, middle, slowest, told.kept)


def grown(minutes: Sequence[Minute]) -> dict[str, float]:
    """How many times the first third after the warm-up the last third is."""
    warm = minutes[int(WARM * len(minutes)) :]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    return {
        "memory": median(one.memory for one in last) / median(one.memory for one in first),
        "files": median(one.files for one in last) / median(one.files for one in first),
        "latency": median(one.middle for one in last) / median(one.middle for one in first),
    }


def main() -> None:
    """Load, print, draw."""
    parser = argparse.ArgumentParser(prog="./run bench soak")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    asked = parser.parse_args()
    minutes = soak(asked.minutes)
    told = {"minutes": [asdict(one) for one in minutes], "grown": grown(minutes)}
    print(json.dumps(told["grown"]))
    asked.out.mkdir(exist_ok=True)
    (asked.out / "soak.json").write_text(json.dumps(told, indent=1) + "\n")
    names = {"memory": "memory, MiB", "files": "open files", "middle": "a delivery, ms", "p95": "p95, ms"}
    plots = {
        words: [(float(at), float(getattr(one, name))) for at, one in enumerate(minutes, 1)]
        for name, words in names.items()
    }
    (asked.out / "soak.svg").write_text(sheet(plots, "minutes", even=True))


if __name__ == "__main__":
    main()
