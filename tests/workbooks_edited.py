"""Workbooks as a person edits them in a spreadsheet: a cell changed, a row taken out or added at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from instruments.reading.sheets import Row, Sheet
from instruments.workbooks import Workbook

Place = tuple[str, dict[str, str], str]  # the sheet, what stands in the row, the column


def edited(book: Workbook, *changes: tuple[Place, str]) -> Workbook:
    """The workbook with these cells changed, in new columns too."""
    for (name, told, column), words in changes:
        meant = row_of(book, name, told)
        cells = {row.number: {column: "", **row.cells} for row in book[name].rows}
        cells[meant.number][column] = words
        rows = [replace(row, cells=cells[row.number]) for row in book[name].rows]
        book = _with(book, name, rows, tuple(dict.fromkeys([*book[name].columns, column])))
    return book


def with_row(book: Workbook, name: str, cells: dict[str, str]) -> Workbook:
    """The workbook with one more row at the end of a sheet."""
    last = book[name].rows[-1]
    row = replace(last, number=last.number + 1, cells=dict.fromkeys(last.cells, "") | cells)
    return _with(book, name, [*book[name].rows, row], book[name].columns)


def without_row(book: Workbook, name: str, told: dict[str, str]) -> Workbook:
    """The workbook without the first row in which this stands."""
    gone = row_of(book, name, told)
    return _with(book, name, [row for row in book[name].rows if row is not gone], book[name].columns)


def row_of(book: Workbook, name: str, told: dict[str, str]) -> Row:
    """The first row of a sheet in which this stands."""
    return next(row for row in book[name].rows if told.items() <= row.cells.items())


def _with(book: Workbook, name: str, rows: Iterable[Row], columns: tuple[str, ...]) -> Workbook:
    made = Sheet(book[name].file, columns, tuple(replace(row, width=len(columns)) for row in rows))
    return Workbook({**book, name: made}, book.warnings)
