"""Numbers for a monitor: how long answers take, what fails, how much memory is used. Never who came, when, or for what.

A monitor keeps the time of each number it reads, so a number that grows by one with each visit would be a list of when
people came. So one answer in a hundred is drawn by lot and counted as a hundred, for all pages together; deliveries and
withdrawals have no count of their own. By lot, since whoever sends requests of their own would else bring a count just
below its next step, and see the next visitor make it. Only the server's own failures are told one by one: somebody has
to be woken by the first.
docs/watching.md lists every number.
"""

from __future__ import annotations

import mmap
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
STEP = 100  # one answer of so many is drawn, and counted as so many
BUCKETS = (0.1, 1.0, 10.0)  # seconds until an answer begins
ANSWERED, REFUSED, FAILED, PROCESS = len(BUCKETS), len(BUCKETS) + 1, len(BUCKETS) + 2, len(BUCKETS) + 3
WIDTH = PROCESS + 1
ROWS = 64  # workers that may live at once, old ones at a reload included
MIB = 2**20
KIND = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus' text format


@dataclass(frozen=True)
class Board:
    """Counts in memory that every worker sees. Each adds to a row of its own, so none waits for another.

    A row: answers that began within each of BUCKETS, all answers, refusals, failures, and the worker's process number.
    `draw`: a number by chance from 0 to below the one that it is given.
    """

    numbers: memoryview
    row: int = 0
    lock: Lock = field(default_factory=Lock)
    draw: Callable[[int], int] = secrets.randbelow

    def for_worker(self, number: int) -> Board:
        """The same board with the row of this worker, which is counted from the start of the server."""
        return replace(self, row=number % ROWS, lock=Lock())

    def sit_down(self) -> None:
        """Write down which process this row is of."""
        self.numbers[self.row * WIDTH + PROCESS] = os.getpid()

    def note(self, status: int, took: float) -> None:
        """Count one answer, if the lot falls on it. One lot for all its counts: they must fit each other."""
        drawn = [place for place, most in enumerate(BUCKETS) if took <= most] + [ANSWERED]
        drawn += [REFUSED] if 400 <= status < 500 else []
        with self.lock:
            if self.draw(STEP) == 0:
                for place in drawn:
                    self.numbers[self.row * WIDTH + place] += STEP
            if status >= 500:
                self.numbers[self.row * WIDTH + FAILED] += 1

    def total(self, place: int) -> int:
        """One count over all workers, those that have ended included."""
        return sum(self.numbers[place::WIDTH])

    def processes(self) -> list[int]:
        """The workers that live."""
        return [number for number in self.numbers[PROCESS::WIDTH] if number and _is_sibling(number)]


def new_board(draw: Callable[[int], int] = secrets.randbelow) -> Board:
    """An empty board, in memory that is shared with every process forked from here on, and with no file."""
    return Board(memoryview(mmap.mmap(-1, ROWS * WIDTH * 8)).cast("Q"), draw=draw)


def counting(app: Wsgi, board: Board) -> Wsgi:
    """The same app, with every answer counted on the board."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        begun, told = time.monotonic(), [500]

        def start(status: str, *words: Any) -> Any:
            told[0] = int(status[:3])
            return start_response(status, *words)

        try:
            return app(environ, start)
        finally:
            board.note(told[0], time.monotonic() - begun)

    return answer


def exposition(board: Board, facts: Iterable[tuple[str, str, float]]) -> str:
    """The numbers in Prometheus' text format. `facts`: gauges as name, label, value; None of them grows with visits."""
    return "\n".join((*_counts(board), *_memory(board), *_gauges(facts), ""))


def _counts(board: Board) -> Iterator[str]:
    yield "# HELP amanah_answer_seconds Time until an answer began. One answer in a hundred, counted as a hundred."
    yield "# TYPE amanah_answer_seconds histogram"
    for place, most in enumerate(BUCKETS):
        yield f'amanah_answer_seconds_bucket{{le="{most}"}} {board.total(place)}'
    answered = board.total(ANSWERED)
    yield f'amanah_answer_seconds_bucket{{le="+Inf"}} {answered}'
    yield f"amanah_answer_seconds_count {answered}"
    yield "# HELP amanah_refused_total Answers 4xx. One in a hundred, counted as a hundred."
    yield "# TYPE amanah_refused_total counter"
    yield f"amanah_refused_total {board.total(REFUSED)}"
    yield "# HELP amanah_failed_total Answers 5xx."
    yield "# TYPE amanah_failed_total counter"
    yield f"amanah_failed_total {board.total(FAILED)}"


def _memory(board: Board) -> Iterator[str]:
    sizes = [size for number in board.processes() if (size := _resident(number))]
    yield "# HELP amanah_workers Processes that answer."
    yield "# TYPE amanah_workers gauge"
    yield f"amanah_workers {len(sizes)}"
    yield "# HELP amanah_largest_worker_bytes Resident memory of the largest of them, in whole MiB."
    yield "# TYPE amanah_largest_worker_bytes gauge"
    yield f"amanah_largest_worker_bytes {max(sizes, default=0) // MIB * MIB}"


def _gauges(facts: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    named: set[str] = set()
    for name, label, value in facts:
        if name not in named:
            named.add(name)
            yield f"# TYPE amanah_{name} gauge"
        yield f"amanah_{name}{label} {value:g}"


def _resident(process: int) -> int:
    """Bytes of memory that a process has; 0 where it has ended."""
    try:
        pages = (Path("/proc") / str(process) / "statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _is_sibling(process: int) -> bool:
    """Whether this process has our parent: a number may have gone to somebody else's since."""
    try:
        told = (Path("/proc") / str(process) / "stat").read_text()
    except OSError:
        return False
    return int(told.rpartition(")")[2].split()[1]) == os.getppid()
