"""Workbooks as a person edits them in a spreadsheet: a cell changed, a row taken out or added at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from instruments.sheets import Row, Sheet
from instruments.workbooks import Workbook

Place = tuple[str, dict[str, str], str]  # the sheet, what stands in the row, the column


def edited(book: Workbook, *changes: tuple[Place, str]) -> Workbook:
    """The workbook with these cells changed, in new columns too."""
    for (name, told, column), words in changes:
        number = row_of(book, name, told).number

        def change(row: Row, number: int = number, column: str = column, words: str = words) -> Row:
            return replace(row, cells={**row.cells, column: words if row.number == number else row.cells.get(column, "")})

        columns = tuple(dict.fromkeys([*book[name].columns, column]))
        book = _with(book, name, lambda rows, change=change: map(change, rows), columns)
    return book


def with_row(book: Workbook, name: str, cells: dict[str, str]) -> Workbook:
    """The workbook with one more row at the end of a sheet."""
    last = book[name].rows[-1]
    row = replace(last, number=last.number + 1, cells=dict.fromkeys(last.cells, "") | cells)
    return _with(book, name, lambda rows: [*rows, row])


def without_row(book: Workbook, name: str, told: dict[str, str]) -> Workbook:
    """The workbook without the first row in which this stands."""
    gone = row_of(book, name, told)
    return _with(book, name, lambda rows: [row for row in rows if row is not gone])


def row_of(book: Workbook, name: str, told: dict[str, str]) -> Row:
    """The first row of a sheet in which this stands."""
    return next(row for row in book[name].rows if told.items() <= row.cells.items())


def _with(
    book: Workbook, name: str, change: Callable[[Iterable[Row]], Iterable[Row]], columns: tuple[str, ...] = ()
) -> Workbook:
    sheet = book[name]
    found = columns or sheet.columns
    rows = tuple(replace(row, width=len(found)) for row in change(sheet.rows))
    return Workbook({**book, name: Sheet(sheet.file, found, rows)}, book.warnings)
