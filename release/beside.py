"""Open batches of records in processes beside this one, so that every core works. Keeps few batches in memory.

The keys go through a pipe, never by an argument, the environment or a file. Whatever ends early (a process that dies, a
release that nobody wants any more) ends all.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import polars as pl

from errors import ReleaseError
from release.batches import Batch, Rows, Task, packed_task, receive, result_of, send

ROOT = Path(__file__).resolve().parents[1]
START = "from release.batches import work; work()"
PATIENCE = 5.0  # seconds
BROKEN = "Opening the records was interrupted: a process beside this one ended. Nothing was written. Please try again."
Made = tuple[list[pl.DataFrame], Batch]


@contextmanager
def opened_beside(
    batches: Iterator[Rows], task: Task, processes: int, ask: Callable[[], None]
) -> Iterator[Iterator[Made]]:
    """Each batch's frame and the rest, in the order in which they are ready. `ask` raises to end it all."""
    running = [_start() for _ in range(processes)]
    made = _made(batches, task, running, ask)
    try:
        yield made
    finally:
        made.close()
        for process in running:
            _end(process)


def _made(
    batches: Iterator[Rows], task: Task, running: Sequence[subprocess.Popen[bytes]], ask: Callable[[], None]
) -> Generator[Made, None, None]:
    free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    for process in running:
        _tell(process, task)
        free.put(process)
    threads, going = ThreadPoolExecutor(len(running)), set[Future[Made]]()
    try:
        for batch in batches:
            ask()
            going.add(threads.submit(_asked, free, batch))
            # One batch waits for each process, so that none is idle while the next is read.
            if len(going) >= 2 * len(running):
                done, going = wait(going, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        while going:
            ask()
            done, going = wait(going, timeout=1, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    finally:
        threads.shutdown(cancel_futures=True)


def _start() -> subprocess.Popen[bytes]:
    # What it would say of a failure could hold an answer, so nobody hears it.
    return subprocess.Popen(  # noqa: S603 (our own interpreter, with our own words)
        [sys.executable, "-c", START],
        cwd=ROOT,
        # Each is one of as many as there are cores: threads of its own would only wait for one another.
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it overwrite its keys and end; one that does neither is ended."""
    try:
        process.communicate(timeout=PATIENCE)
    except (subprocess.TimeoutExpired, OSError, ValueError):
        process.kill()
        process.communicate()


def _tell(process: subprocess.Popen[bytes], task: Task) -> None:
    secret = packed_task(task)
    try:
        if process.stdin:
            send(process.stdin, secret)
    except OSError:
        raise ReleaseError(BROKEN) from None
    finally:
        secret[:] = bytes(len(secret))


def _asked(free: SimpleQueue[subprocess.Popen[bytes]], batch: Rows) -> Made:
    process = free.get()
    try:
        data = _answer_of(process, batch)
    finally:
        # Also one that ended goes back, so that whoever waits for it is told and does not wait for good.
        free.put(process)
    return result_of(data)


def _answer_of(process: subprocess.Popen[bytes], batch: Rows) -> bytes:
    try:
        if process.stdin is None or process.stdout is None:
            raise ReleaseError(BROKEN)
        send(process.stdin, pickle.dumps(batch))
        data = receive(process.stdout)
    except (OSError, ValueError):
        raise ReleaseError(BROKEN) from None
    if data is None:
        raise ReleaseError(BROKEN)
    return data
