"""Rows of cells as an `.xlsx` workbook in which every cell is plain text. The same rows give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from instruments.writing.cells import Cells

ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # begins what a workbook reads as one character
CHANGED = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
AS_TEXT = "@"  # the number format of text: what is typed over a cell stays as it is typed
NEEDED = {
    "survey": ("type", "name"),
    "choices": ("list_name", "name"),
    "amanah": ("kind", "name", "value"),
}
WIDTHS = {"type": 24, "label": 60, "hint": 40, "relevant": 40, "constraint": 40, "title": 50, "value": 50}
WIDTH = 18  # of any other column, in characters
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say


def book_of(sheets: Mapping[str, Sequence[Cells]]) -> bytes:
    """The workbook of these sheets, each with a column for every cell that any of its rows fills."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        _write(book.create_sheet(name), _columns(name, rows), rows)
    made = BytesIO()
    book.save(made)
    return _undated(made.getvalue())


def _columns(name: str, rows: Sequence[Cells]) -> list[str]:
    """The columns in the order of the longest row, with those of one kind of words side by side."""
    longest: Cells = max(rows, key=lambda row: len(row), default={})
    kinds = list(dict.fromkeys(map(_kind, [*NEEDED.get(name, ()), *longest, *(one for row in rows for one in row)])))
    filled = dict.fromkeys([*NEEDED.get(name, ()), *(one for row in rows for one, cell in row.items() if cell)])
    return sorted(filled, key=lambda column: kinds.index(_kind(column)))


def _kind(column: str) -> str:
    return column if column.startswith("bind::") else column.partition("::")[0]


def _write(sheet: Any, columns: Sequence[str], rows: Sequence[Cells]) -> None:
    from openpyxl.styles import Font

    for place, column in enumerate(columns, 1):
        _set(sheet.cell(1, place), column).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = WIDTHS.get(_kind(column), WIDTH)
        for number, row in enumerate(rows, 2):
            if row.get(column):
                _set(sheet.cell(number, place), row[column])
    sheet.freeze_panes = "A2"


def _set(cell: Any, words: str) -> Any:
    cell.value = ESCAPED.sub("_x005F_", words)
    # What begins with = is words, in this file and after somebody has edited it.
    cell.data_type = "s"
    cell.number_format, cell.quotePrefix = AS_TEXT, True
    return cell


def _undated(data: bytes) -> bytes:
    """The same workbook without the moment at which it was written."""
    written = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            info = ZipInfo(member.filename, EARLIEST)
            info.compress_type = ZIP_DEFLATED
            new.writestr(info, CHANGED.sub(b"", old.read(member)))
    return written.getvalue()
