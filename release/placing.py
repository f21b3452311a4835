"""A folder of files that appears whole under its name, or not at all. Never leaves half of one, nor a readable trace.

The files are made in a temporary folder (0700) beside the place where they go, and the folder is moved in one step at
the end. What fails, is cancelled or gets a signal removes it. A process that is killed outright cannot: its folder
stands under a name of its own, nobody holds its lock any more, and the next command or desk that comes by removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from errors import Cancelled, ReleaseError

PREFIX = ".release-"
NO_ROOM = (
    "{} cannot be written: its disk is full, or nobody may write there. Nothing was written. Make room, or choose "
    "another folder, and make it again. If the ledger knows of it already, that is no hindrance: the same people again "
    "are never refused."
)
TEMPORARY = re.compile(re.escape(PREFIX) + "[a-z0-9_]{8}")  # as tempfile.mkdtemp spells it
ENDING = (signal.SIGTERM, signal.SIGHUP)  # SIGINT is an exception already


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A temporary folder to fill, which becomes `out` at the end.

    Raises ReleaseError where `out` holds anything, and where a file cannot be written, for want of room say.
    """
    refuse_taken(out)
    try:
        out.parent.mkdir(mode=0o700, exist_ok=True)
        with _filled(*_begun(out.parent)) as beside:
            yield beside
            _settle(beside, out)
    except OSError:
        raise ReleaseError(NO_ROOM.format(out)) from None


@contextmanager
def _filled(beside: Path, lock: int) -> Iterator[Path]:
    """Hold the lock of a temporary folder while it is filled; whatever fails removes the folder."""
    try:
        with _signals_heard():
            yield beside
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def refuse_taken(out: Path) -> None:
    """Refuse a place that is no new or empty folder, or lies in folders that are not there. Raises ReleaseError."""
    if not out.parent.parent.is_dir():
        raise ReleaseError(f"There is no folder {out.parent.parent}. Make it first, or choose another for the release.")
    try:
        is_taken = out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir())))
    except OSError:
        raise ReleaseError(NO_ROOM.format(out)) from None
    if is_taken:
        raise ReleaseError(f"{out} is not an empty folder. Choose a new one; nothing was written.")


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def sweep(parent: Path) -> int:
    """Remove the temporary folders that killed processes left here; how many. One that is still filled stays."""
    if not parent.is_dir():
        return 0
    with _locked(parent):
        return _swept(parent)


def _begun(parent: Path) -> tuple[Path, int]:
    # Under the parent's lock: between making a folder and locking it, nobody may take it for a left one.
    with _locked(parent):
        _swept(parent)
        beside = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        return beside, _lock_of(beside)


def _swept(parent: Path) -> int:
    left = [path for path in parent.iterdir() if TEMPORARY.fullmatch(path.name) and _is_left(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _is_left(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    try:
        os.close(_lock_of(path))
    except OSError:
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _lock_of(folder: Path) -> int:
    """The folder's lock, taken; it ends with the process, however that ends. Raises OSError where another has it."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _settle(beside: Path, out: Path) -> None:
    """Bring every file to the disk, then give the folder its name in one step."""
    for path in sorted(beside.rglob("*"), reverse=True):
        path.chmod(0o700 if path.is_dir() else 0o600)
        _to_disk(path)
    _to_disk(beside)
    try:
        beside.rename(out)  # onto an empty folder too, in one step
    except OSError:
        raise ReleaseError(f"{out} cannot be written, or holds something now. Nothing was written.") from None
    _to_disk(out.parent)


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _signals_heard() -> Iterator[None]:
    """A request to end becomes an exception meanwhile, so that what was begun is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, _end) for one in ENDING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(number: int, frame: FrameType | None) -> None:
    raise Cancelled("The release was ended before it was whole. Nothing was written.")
