"""What every delivery asks the office, of the driver itself: SQLAlchemy's way to ask takes longer than the answer.

What goes wrong is asked once more in that way, which has the words for it (storage/disks.py, storage/away.py), but for
whoever waited for somebody else: they have waited long enough. With PostgreSQL a question is the same for one value and
for a hundred, so it is prepared once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Engine

from errors import StoreAway
from storage.away import WAITED
from storage.disks import BUSY
from storage.engines import at_once, is_sqlite

AT_ONCE = 500  # values in one statement of SQLite, which takes 999 at least
Question = tuple[str, tuple[object, ...]]
Rows = list[tuple[Any, ...]]


def rows_with(engine: Engine, column: Column[bytes], values: Sequence[bytes]) -> Rows:
    """The rows of a table in which a column of bytes is one of these, as the driver has them: with SQLite a truth is 1.

    For tables whose names, and their columns', need no quotes. Raises StoreAway.
    """
    if not values:
        return []
    questions = list((_of_sqlite if is_sqlite(engine) else _of_postgresql)(column, values))
    try:
        return [row for question in questions for row in _told_by_the_driver(engine, *question)]
    except engine.dialect.loaded_dbapi.Error as error:
        if _waited(error):
            raise StoreAway(BUSY) from None
    return [row for question in questions for row in _told(engine, *question)]


def _told_by_the_driver(engine: Engine, words: str, values: tuple[object, ...]) -> Rows:
    # For a single statement that reads no driver of ours begins a transaction (storage/alone.py).
    pooled = engine.raw_connection()
    try:
        rows: Rows = pooled.driver_connection.execute(words, values).fetchall()  # type: ignore[union-attr]
    finally:
        pooled.close()
    return rows


def _told(engine: Engine, words: str, values: tuple[object, ...]) -> Rows:
    with at_once(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(words, values)]


def _waited(error: Exception) -> bool:
    is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return is_busy or getattr(error, "sqlstate", None) == WAITED


def _of_sqlite(column: Column[bytes], values: Sequence[bytes]) -> Iterator[Question]:
    for at in range(0, len(values), AT_ONCE):
        few = tuple(values[at : at + AT_ONCE])
        yield _among(column, len(few)), few


def _of_postgresql(column: Column[bytes], values: Sequence[bytes]) -> Iterator[Question]:
    yield f"{_asked(column)} = any(%b::bytea[])", (list(values),)


@lru_cache(AT_ONCE)
def _among(column: Column[bytes], number: int) -> str:
    return f"{_asked(column)} in ({', '.join('?' * number)})"


@lru_cache
def _asked(column: Column[bytes]) -> str:
    names = ", ".join(one.name for one in column.table.columns)
    return f"select {names} from {column.table.name} where {column.name}"  # noqa: S608 (names of our own tables)
