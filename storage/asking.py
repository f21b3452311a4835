"""What every delivery asks the office, in each driver's own words: to put these together anew takes longer than to ask.

With PostgreSQL they are the same for one value and for a hundred, so they are prepared once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Engine, Row

from storage.engines import at_once, is_sqlite

AT_ONCE = 500  # values in one statement of SQLite, which takes 999 at least


def rows_with(engine: Engine, column: Column[bytes], values: Sequence[bytes]) -> list[Row[Any]]:
    """The rows of a table in which a column of bytes is one of these, as the driver has them: with SQLite a truth is 1.

    For tables whose names, and their columns', need no quotes.
    """
    if not values:
        return []
    return list(_of_sqlite(engine, column, values) if is_sqlite(engine) else _of_postgresql(engine, column, values))


def _of_sqlite(engine: Engine, column: Column[bytes], values: Sequence[bytes]) -> Iterator[Row[Any]]:
    with engine.connect() as connection:
        for at in range(0, len(values), AT_ONCE):
            few = tuple(values[at : at + AT_ONCE])
            yield from connection.exec_driver_sql(_among(column, len(few)), few)


def _of_postgresql(engine: Engine, column: Column[bytes], values: Sequence[bytes]) -> Iterator[Row[Any]]:
    with at_once(engine) as connection:
        yield from connection.exec_driver_sql(f"{_asked(column)} = any(%b::bytea[])", (list(values),))


@lru_cache(AT_ONCE)
def _among(column: Column[bytes], number: int) -> str:
    return f"{_asked(column)} in ({', '.join('?' * number)})"


@lru_cache
def _asked(column: Column[bytes]) -> str:
    names = ", ".join(one.name for one in column.table.columns)
    return f"select {names} from {column.table.name} where {column.name}"  # noqa: S608 (names of our own tables)
