"""Who works with an instance or a folder at this moment, by locks on the folder itself that end with their process.

Servers share one; whoever puts a backup back must be alone. A system without such locks (Windows, some network disks)
tells nothing, and there docs/backup.md has people stop the server by hand.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import BackupRefused

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows has none, and cannot open a folder


def take_part(home: Path) -> int:
    """Say that this process serves the instance, until the descriptor that is given back is closed.

    Raises BackupRefused while a backup is put back.
    """
    descriptor = _folder(home)
    if not _lock(descriptor, "LOCK_SH"):
        os.close(descriptor)
        raise BackupRefused("A backup is being put back into this instance at this moment. Nothing was served.")
    return descriptor


@contextmanager
def alone(home: Path, patience: float = 0.0) -> Iterator[None]:
    """Be the only one who works with the instance. Raises BackupRefused where it is still in use after `patience`
    seconds."""
    refusal = "This instance is in use at this moment. Stop every server first. Nothing was changed."
    with _held(_folder(home), refusal, patience):
        yield


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Be the only one who writes into this folder. Raises BackupRefused while somebody else does."""
    with _held(_folder(folder), f"Somebody else writes into {folder} at this moment. Nothing was changed."):
        yield


def _folder(path: Path) -> int:
    """A descriptor of a folder; of nothing where folders have none."""
    return os.open(path if fcntl else os.devnull, os.O_RDONLY)


@contextmanager
def _held(descriptor: int, refusal: str, patience: float = 0.0) -> Iterator[None]:
    until = time.monotonic() + patience
    try:
        while not _lock(descriptor, "LOCK_EX"):
            if time.monotonic() >= until:
                raise BackupRefused(refusal)
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: str) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, getattr(fcntl, kind) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
