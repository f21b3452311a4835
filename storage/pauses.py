"""Ask a pooled connection whether it still leads anywhere, if nobody has used it for a moment; else it is taken to.

To ask before each statement costs as much as the statement. A server that stops within the moment is met by whoever
asks next: they are told that the store is away, and the whole pool is opened anew.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

PAUSE = 1.0  # seconds
USED = "used"


def ask_after_a_pause(engine: Engine) -> None:
    """See to it for every connection of this engine."""
    dialect = engine.dialect

    def check(connection: Any, record: Any, _fairy: object) -> None:
        if time.monotonic() - record.info.get(USED, time.monotonic()) <= PAUSE:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise DisconnectionError from None  # the pool opens another

    def note(_connection: object, record: Any) -> None:
        record.info[USED] = time.monotonic()

    event.listen(engine, "checkout", check)
    event.listen(engine, "checkin", note)
