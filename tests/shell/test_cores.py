"""Each worker of gunicorn stays on a core, with as few others on it as there can be (docs/performance.md)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from config import Settings
from tests.house.served import Served, serving

Cores = dict[int, set[int]]  # of each worker, by its process


def cores_of(served: Served) -> Cores:
    master = served.process.pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return {int(one): os.sched_getaffinity(int(one)) for one in workers}


def cores_when(served: Served, is_so: Callable[[Cores], bool]) -> Cores:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if is_so(found := cores_of(served)):
                return found
        except OSError:  # one has just ended
            pass
        time.sleep(0.05)
    raise AssertionError(f"The workers are on {cores_of(served)}.")


def test_two_workers_have_a_core_each_also_when_one_was_replaced(settings: Settings, tmp_path: Path) -> None:
    mine = os.sched_getaffinity(0)

    def are_apart(found: Cores) -> bool:
        alone = [core for cores in found.values() if len(cores) == 1 for core in cores]
        return len(alone) == 2 and len(set(alone) & mine) == min(2, len(mine))

    with serving(settings.home, tmp_path, is_gunicorn=True) as served:
        first = cores_when(served, are_apart)
        os.kill(max(first), signal.SIGKILL)
        cores_when(served, lambda now: are_apart(now) and max(first) not in now)
