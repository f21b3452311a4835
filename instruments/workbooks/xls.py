"""Read .xls workbooks, the older kind. Runs nothing; the value of a formula cannot be told from a typed one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from instruments.workbooks.cells import Cell, Line, Wrong, boolean_text, date_text, number_text
from instruments.workbooks.refusals import DAMAGED, ENCRYPTED, MACROS, OLE, SEALED, refused
from instruments.workbooks.table import MOST_ROWS
from instruments.workbooks.xlsx import ERROR, MERGED, Lines

VBA = "_VBA_PROJECT_CUR".encode("utf-16-le")


class _Nowhere(io.TextIOBase):
    """Where xlrd's remarks go: they quote the file."""

    def write(self, text: str) -> int:
        return len(text)


def xls_sheets(file: str, data: bytes) -> list[tuple[str, Lines]]:
    """The sheets of a workbook in their order, by name, each with what reads its rows."""
    import xlrd

    if not data.startswith(OLE):
        raise refused(file, "this is not an .xls workbook, although its name says so; save it as .xlsx")
    if VBA in data:
        raise refused(file, MACROS)
    try:
        # With formatting, as only so are merged cells told; ragged, so that one far cell does not fill the whole sheet.
        book = xlrd.open_workbook(
            file_contents=data, logfile=_Nowhere(), on_demand=True, formatting_info=True, ragged_rows=True
        )
        names = [str(name) for name in book.sheet_names()]
    except Exception as error:  # xlrd has no one error for what it cannot read
        raise refused(file, ENCRYPTED if "encrypted" in str(error) or SEALED in data else DAMAGED) from None
    return [(name, partial(_lines, file, book, number)) for number, name in enumerate(names)]


def _lines(file: str, book: Any, number: int) -> Iterator[Line]:
    try:
        sheet = book.sheet_by_index(number)
        rows = [(sheet.row_types(row), sheet.row_values(row)) for row in range(sheet.nrows)]
        merged = [(area[0], area[2]) for area in sheet.merged_cells]
    except Exception:  # as above
        raise refused(file, DAMAGED, str(number)) from None
    for row, (kinds, values) in enumerate(rows, 1):
        cells = enumerate(zip(kinds, values, strict=True), 1)
        yield Line(row, {column: _cell(book, kind, value) for column, (kind, value) in cells})
    for top, left in merged:
        yield Line(min(top + 1, MOST_ROWS), {left + 1: Wrong(MERGED)})


def _cell(book: Any, kind: int, value: Any) -> Cell:
    return KINDS[kind](book, value) if kind in KINDS else ""


def _error(_: Any, value: Any) -> Cell:
    import xlrd

    return Wrong(ERROR, xlrd.error_text_from_code.get(value))


# xlrd's numbers for what a cell holds; the others are empty.
KINDS: dict[int, Callable[[Any, Any], Cell]] = {
    1: lambda book, value: str(value),
    2: lambda book, value: number_text(value),
    3: lambda book, value: date_text(value, bool(book.datemode)),
    4: lambda book, value: boolean_text(value),
    5: _error,
}
