"""Rows of several tables as one statement of PostgreSQL: one way to the server and back, whatever their number.

All or none, as every statement. The statement is the same for one row and for a thousand, so it is prepared once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table

Rows = Sequence[Mapping[str, Any]]


def in_one_statement(new: Sequence[tuple[Table, Rows]]) -> tuple[str, tuple[list[Any], ...]]:
    """The statement for the driver, and its parameters: each column of each table as one array."""
    arrays = [[row[column.name] for row in rows] for table, rows in new for column in table.columns]
    return _statement(tuple(table for table, _ in new)), tuple(arrays)


@cache
def _statement(tables: tuple[Table, ...]) -> str:
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
