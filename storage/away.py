"""Which of a database's errors say that it is away for now, and the one error of ours that they become.

Away is what goes by without a change of settings: a server that starts, stops or hands over to another, a line that is
cut, too many connections, a full disk. Whoever asked may ask again; nothing that was acknowledged is in doubt.
"""

from __future__ import annotations

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError

from errors import NotGranted, StoreAway, StoreLost

LACKS_A_RIGHT = "42501"  # PostgreSQL's word for it
READ_ONLY = "25006"  # this server gave its place to another, and a write was tried on it
WAITED = "55P03"  # too long for somebody else
# PostgreSQL's error codes by their class, or in full: https://www.postgresql.org/docs/15/errcodes-appendix.html
AWAY = (
    "08",  # the connection
    READ_ONLY,
    "40001",  # two were in each other's way
    "40P01",
    "53",  # no disk, memory or connection left
    WAITED,
    "57",  # stopping, starting, cancelled
    "58",  # the disk under it
)
MISSING = "58P01"  # a file of the database's is not there


def in_words(context: ExceptionContext) -> Exception | None:
    """What a database's error means to us: StoreAway, StoreLost, NotGranted, or None for every other."""
    if context.is_pre_ping:
        return None  # the pool itself opens another connection
    state = getattr(context.original_exception, "sqlstate", None) or ""
    if state == LACKS_A_RIGHT:
        return NotGranted("The database does not let this app do that (docs/grants.md). Nothing was changed.")
    if state == READ_ONLY:
        # The whole pool leads to that server: the next connections ask who may be written to.
        context.is_disconnect = True
    if state == MISSING:
        return StoreLost(
            "A file of the database is missing, and it does not come back by itself. See whether its disk is mounted; "
            "PostgreSQL's log names the file. Else put a backup back (docs/backup.md)."
        )
    if context.is_disconnect or _is_refused(context) or state.startswith(AWAY):
        return StoreAway("The store cannot be reached just now. Please try again in a minute.")
    return None


def _is_refused(context: ExceptionContext) -> bool:
    """Whether not even a connection came about."""
    return context.connection is None and isinstance(context.sqlalchemy_exception, OperationalError)
