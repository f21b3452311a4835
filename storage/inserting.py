"""Rows of several tables in as few statements as each database takes them in.

PostgreSQL: one for all, which is one way to the server and back. It is the same for one row and for a thousand, so it
is prepared once. SQLite: one for each table, since to write a row in a step of its own lets go of Python's lock each
time, and whoever writes waits until it is had again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Table

from storage.engines import is_sqlite

Rows = Sequence[Mapping[str, Any]]
AT_ONCE = 300  # rows in one statement of SQLite, which takes 999 values at least


def insert_rows(connection: Connection, new: Sequence[tuple[Table, Rows]]) -> None:
    """Insert these rows table by table; all or none with PostgreSQL, where it is a statement that ends by itself."""
    if is_sqlite(connection.engine):
        # Made before the first is said: from then on nobody else can write.
        some = [(table, rows[at : at + AT_ONCE]) for table, rows in new for at in range(0, len(rows), AT_ONCE)]
        for words, values in [(_of_rows(table, len(rows)), _values(table, rows)) for table, rows in some]:
            connection.exec_driver_sql(words, values)
    else:
        arrays = [[row[column.name] for row in rows] for table, rows in new for column in table.columns]
        connection.exec_driver_sql(_in_one(tuple(table for table, _ in new)), tuple(arrays))


def _values(table: Table, rows: Rows) -> tuple[object, ...]:
    names = table.columns.keys()
    return tuple(_spoken(row[name]) for row in rows for name in names)


def _spoken(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(AT_ONCE)
def _of_rows(table: Table, number: int) -> str:
    names = table.columns.keys()
    one = f"({', '.join('?' * len(names))})"
    return f"insert into {table.name} ({', '.join(names)}) values {', '.join([one] * number)}"  # noqa: S608 (our own names)


@cache
def _in_one(tables: tuple[Table, ...]) -> str:
    *first, last = map(_insert, tables)
    parts = ", ".join(f"into_{number} as ({words})" for number, words in enumerate(first))
    return f"with {parts} {last}" if parts else last


def _insert(table: Table) -> str:
    names = ", ".join(column.name for column in table.columns)
    # Loaded where it is used: it would cost every start on SQLite a fortieth of its time.
    from sqlalchemy.dialects.postgresql import dialect

    spoken = dialect()  # type: ignore[no-untyped-call]  # it has no types
    # %b: in binary, or an envelope would travel in hexadecimal.
    arrays = ", ".join(f"%b::{column.type.compile(spoken)}[]" for column in table.columns)
    return f"insert into {table.name} ({names}) select * from unnest({arrays})"  # noqa: S608 (names of our own tables)
