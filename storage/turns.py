"""Turns: whoever holds a place keeps every other process from it, until it lets go or ends, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine

from storage.engines import is_sqlite


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep every other process from this file meanwhile. Raises OSError where no lock can be made beside it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows, where one process alone serves
        yield
        return
    # A file of its own: the folder itself is held by whoever serves, and the file may be replaced.
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
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
    by bad luck. Here whoever waits is woken. Where no lock can be made (a full disk) all is as SQLite does it.
    """
    with ExitStack() as until_done:
        if is_sqlite(engine):
            with suppress(OSError):
                until_done.enter_context(held(Path(str(engine.url.database))))
        yield
