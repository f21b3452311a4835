"""Where there are no more cores than workers of gunicorn, each stays on one (docs/performance.md)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

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
    mine = sorted(os.sched_getaffinity(0))[:2]
    under = ("taskset", "--cpu-list", ",".join(map(str, mine)))

    def are_apart(found: Cores) -> bool:
        alone = [core for cores in found.values() if len(cores) == 1 for core in cores]
        return len(alone) == 2 and sorted(set(alone)) == mine

    with serving(settings.home, tmp_path, is_gunicorn=True, under=under) as served:
        first = cores_when(served, are_apart)
        os.kill(max(first), signal.SIGKILL)
        cores_when(served, lambda now: are_apart(now) and max(first) not in now)


def test_where_a_core_is_to_spare_none_is_given_away(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_WORKERS", "1")
    mine = os.sched_getaffinity(0)
    with serving(settings.home, tmp_path, is_gunicorn=True) as served:
        assert served.send("GET", "/keyring.json").status == 200, "it serves, so it has its cores"
        assert [*cores_of(served).values()] == [mine]
