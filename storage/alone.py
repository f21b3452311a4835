"""With PostgreSQL a single statement is a transaction by itself: none is begun and ended around it.

To begin and to end one are two more ways to the server and back, and there are many single statements in a delivery.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

AT_ONCE = "amanah_at_once"  # what marks a connection that is used for one statement


def begin_where_it_is_needed(engine: Engine) -> None:
    """Let the driver of this engine begin a transaction everywhere but on connections that are so marked."""
    failed = engine.dialect.loaded_dbapi.Error

    def rest(driver: Any, _record: object, _fairy: object) -> None:
        try:
            # At each use: who used it before may have had a transaction.
            if not driver.autocommit:
                driver.autocommit = True
        except failed:
            raise DisconnectionError from None  # the pool opens another

    def begin(connection: Connection) -> None:
        told, driver = connection.get_execution_options(), connection.connection.driver_connection
        # On a connection that is broken nothing begins; its first statement says so, in words.
        if not (told.get(AT_ONCE) or told.get("isolation_level") or driver is None or driver.closed):
            driver.autocommit = False

    event.listen(engine, "checkout", rest)
    event.listen(engine, "begin", begin)
