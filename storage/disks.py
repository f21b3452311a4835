"""Which of the disk's and of SQLite's errors go by without a change of settings, and the error of ours they become.

A disk that is full, that can only be read or does not answer, and too many open files: whoever asked may ask again,
and it works again by itself once the cause has gone. What was acknowledged before is safe.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from sqlalchemy.engine import ExceptionContext

from errors import StoreAway

FULL = "The disk is full. Nothing more is kept until there is room on it; then it goes on by itself."
READ_ONLY = "The disk can only be read. Nothing is kept until it can be written again; then it goes on by itself."
SILENT = "The disk does not do what it is asked to. Nothing is kept until it does; then it goes on by itself."
TOO_MANY = "Too many files or connections are open. It goes on by itself once some are closed."
CLOSED = "A store's file cannot be opened just now: too many are open, or its disk is away. It goes on by itself."
BUSY = "The store is busy with something else for too long. Please try again in a minute."
# SQLite's primary codes: https://www.sqlite.org/rescode.html
BY_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: SILENT,
    sqlite3.SQLITE_CANTOPEN: CLOSED,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_NOMEM: SILENT,
}
BY_SYSTEM = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: READ_ONLY,
    errno.EIO: SILENT,
    errno.EMFILE: TOO_MANY,
    errno.ENFILE: TOO_MANY,
}


def in_words(context: ExceptionContext) -> StoreAway | None:
    """What an error of SQLite's means to us, wherever it comes: StoreAway, or None for every other."""
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in BY_SQLITE:
        return None
    if code & 0xFF == sqlite3.SQLITE_READONLY:
        # A connection that was opened while its file could only be read stays so: the next is opened anew.
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False
    return StoreAway(BY_SQLITE[code & 0xFF])


@contextmanager
def answering() -> Iterator[None]:
    """Files beside the databases: what the disk refuses meanwhile is StoreAway."""
    try:
        yield
    except OSError as error:
        _raise(error)


def keep_name(path: Path) -> None:
    """Make sure that a file keeps the name which it was just given, also when the power fails."""
    if os.name == "nt":
        return  # a folder cannot be opened there
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _raise(error: OSError) -> NoReturn:
    if error.errno in BY_SYSTEM:
        raise StoreAway(BY_SYSTEM[error.errno]) from None
    raise error
