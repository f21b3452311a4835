"""Read the sheets of a form that stand in one text: CSV or a Markdown table, where the first column names the sheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from instruments.workbooks.cells import Cell, Line, Wrong, cleaned
from instruments.workbooks.refusals import refused
from instruments.workbooks.table import MOST_ROWS
from instruments.workbooks.xlsx import Lines

PIPE = re.compile(r"(?<!\\)\|")
NO_NAME = "this row stands before any sheet is named; name the sheet in the first column, as in survey"
NO_PIPES = "this row of the table is cut; begin it and end it with |"
Rows = Iterable[tuple[int, Sequence[Cell]]]


def csv_sheets(file: str, data: bytes) -> list[tuple[str, Lines]]:
    """The sheets of a CSV file in pyxform's layout."""
    return _named(file, _csv_rows(file, data))


def markdown_sheets(file: str, data: bytes) -> list[tuple[str, Lines]]:
    """The sheets of a Markdown table in pyxform's layout. Lines without | are remarks."""
    return _named(file, _markdown_rows(_text(file, data)))


def csv_lines(file: str, data: bytes) -> Iterator[Line]:
    """The rows of a CSV file that holds one sheet."""
    for number, cells in _csv_rows(file, data):
        yield Line(number, dict(enumerate(cells, 1)))


def _text(file: str, data: bytes) -> str:
    if b"\0" in data:
        raise refused(file, "this is not text in UTF-8, for it holds empty bytes; save it again as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise refused(file, f"this is not text in UTF-8, see line {row}; save it again as CSV in UTF-8") from None


def _csv_rows(file: str, data: bytes) -> Rows:
    reader = csv.reader(io.StringIO(_text(file, data), newline=""), strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error:
        raise refused(file, f"this is not CSV, see line {reader.line_num}; save it again as CSV in UTF-8") from None


def _markdown_rows(text: str) -> Rows:
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        body, pipe, after = line.rpartition("|")
        if not pipe or line.startswith("#") or _is_rule(line):
            continue
        if body.startswith("|") and (not after or after.strip().startswith("#")):
            yield number, [cell.replace(r"\|", "|") for cell in PIPE.split(body)[1:]]
        else:
            yield number, ["", Wrong(NO_PIPES, line)]


def _is_rule(line: str) -> bool:
    return "---" in line and not line.strip("|-: \t")  # the line below a table's head


def _named(file: str, rows: Rows) -> list[tuple[str, Lines]]:
    sheets: list[tuple[str, list[Line]]] = []
    for number, (first, *cells) in ((number, cells) for number, cells in rows if any(cells)):
        if number > MOST_ROWS:
            raise refused(file, f"a form in one text may have {MOST_ROWS:,} rows; take out what is not a question")
        name = cleaned(first) if isinstance(first, str) else first
        if isinstance(name, Wrong):
            raise refused(file, name.message, name.text)
        if name:
            sheets.append((name, []))
        elif not sheets:
            raise refused(file, NO_NAME, _first_words(cells))
        sheets[-1][1].append(Line(number, dict(enumerate(cells, 2))))
    return [(name, lines.__iter__) for name, lines in sheets]


def _first_words(cells: Sequence[Cell]) -> str:
    # Nothing may follow: a name of invisible signs alone is no name, and fills no cell.
    return next((cell if isinstance(cell, str) else cell.text or "" for cell in cells if cell), "")
