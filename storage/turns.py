"""Turns: whoever holds a place keeps every other process from it, until it lets go or ends, however that ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine

from storage.engines import is_sqlite

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows, where one process alone serves

WAITS = 1.0  # seconds. A turn takes milliseconds, but whoever has it may have been stopped
LOOKS_AGAIN = 0.0005  # seconds


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep every other process from this file meanwhile. Raises OSError where no lock can be made beside it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not fcntl:
        yield
        return
    lock = _beside(path)
    try:
        with suppress(OSError):  # a place in the network that knows no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Write to a SQLite file when it is this process's turn; PostgreSQL sees to turns itself.

    Whoever finds a SQLite file locked looks again after 1, 2, 5 and up to 100 ms: of two busy processes one would wait
    by bad luck. It is no promise of anything: where no lock can be made or had, all is as SQLite does it.
    """
    lock = _taken(engine.url.database or "") if fcntl and is_sqlite(engine) else None
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A short transaction that writes, in turn."""
    with turn(engine), engine.begin() as connection:
        yield connection


def _beside(path: str | Path) -> int:
    # A file of its own: the folder itself is held by whoever serves, and the file may be replaced.
    return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)


def _taken(store: str) -> int | None:
    if not os.path.exists(store):
        return None  # nothing is made where its disk is to be mounted again
    try:
        lock = _beside(store)
    except OSError:
        return None
    until = time.monotonic() + WAITS
    while not _is_had(lock) and time.monotonic() < until:
        time.sleep(LOOKS_AGAIN)
    return lock


def _is_had(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a place in the network that knows no locks
        pass
    return True
