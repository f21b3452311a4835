"""Workbooks as a person edits them in a spreadsheet: a cell changed, a row taken out or added."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

Place = tuple[str, dict[str, str], str]  # the sheet, what stands in the row, the column


def edited(data: bytes, *changes: tuple[Place, str]) -> bytes:
    """The workbook with these cells changed."""
    book = load_workbook(BytesIO(data))
    for (sheet, row, column), words in changes:
        book[sheet].cell(number_of(book[sheet], row), _columns(book[sheet])[column]).value = words or None
    return _saved(book)


def with_row(data: bytes, sheet: str, **cells: str) -> bytes:
    """The workbook with one more row at the end of a sheet."""
    book = load_workbook(BytesIO(data))
    number = book[sheet].max_row + 1
    for column, words in cells.items():
        book[sheet].cell(number, _columns(book[sheet])[column]).value = words
    return _saved(book)


def without_row(data: bytes, sheet: str, row: dict[str, str]) -> bytes:
    """The workbook without the first row in which this stands."""
    book = load_workbook(BytesIO(data))
    book[sheet].delete_rows(number_of(book[sheet], row))
    return _saved(book)


def rows(data: bytes, sheet: str) -> Iterator[dict[str, str]]:
    """The rows of a sheet by their headings."""
    head, *body = load_workbook(BytesIO(data))[sheet].iter_rows(values_only=True)
    for row in body:
        yield {str(column): str(cell) for column, cell in zip(head, row, strict=True) if cell is not None}


def number_of(sheet: Any, row: dict[str, str]) -> int:
    """The number of the first row in which this stands."""
    columns = _columns(sheet)
    return next(
        number
        for number in range(2, sheet.max_row + 1)
        if all(sheet.cell(number, columns[column]).value == cell for column, cell in row.items())
    )


def _columns(sheet: Any) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[1]}


def _saved(book: Any) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()
