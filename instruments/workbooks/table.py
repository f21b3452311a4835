"""From the rows of a file to a sheet: clean headings, clean cells, a problem for each that is not. Drops no word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from errors import Problem
from instruments.reading.sheets import Row, Sheet
from instruments.workbooks.cells import Cell, Line, Wrong, cleaned, column_letters
from instruments.workbooks.headings import canonical

MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_HEADING = 250  # characters; a longer one is a cell that slipped
MOST_TEXT = 10_000_000  # characters in one sheet; a workbook can name one long text in many cells
MOST_PROBLEMS = 200  # of one sheet; whoever has more needs no list of them


@dataclass
class _Table:
    file: str
    name: str
    problems: list[Problem]
    headings: dict[int, str] = field(default_factory=dict)
    known: dict[str, Cell] = field(default_factory=dict)
    text: int = 0

    def refuse(self, message: str, row: int, column: int | None = None, text: str | None = None) -> None:
        name = None if column is None else self.headings.get(column, column_letters(column))
        self.problems.append(Problem(self.file, message, row, name, text))

    def clean(self, text: str) -> Cell:
        if text not in self.known:
            self.known[text] = cleaned(text)
        return self.known[text]


def make_sheet(file: str, name: str, lines: Iterable[Line]) -> tuple[Sheet, tuple[Problem, ...]]:
    """The sheet in these rows, and everything that is wrong with it. Its headings are its first row that is filled."""
    table = _Table(file, name, [])
    rows: list[Row] = []
    for number, cells in _filled(table, lines):
        if table.headings:
            rows.append(_row(table, number, cells))
        else:
            table.headings = _headings(table, number, cells)
    columns = tuple(table.headings.values())
    return Sheet(file, columns, tuple(_whole(row, columns) for row in rows)), tuple(table.problems)


def _whole(row: Row, columns: tuple[str, ...]) -> Row:
    """The row with every column of the sheet: one may have been found below it, in a cell without a heading."""
    if row.width == len(columns):
        return row
    return Row(row.number, {name: row.cells.get(name, "") for name in columns}, len(columns))


def _filled(table: _Table, lines: Iterable[Line]) -> Iterator[tuple[int, Mapping[int, str]]]:
    for line in lines:
        cells = {column: cell for column, cell in line.cells.items() if cell != ""}
        table.text += sum(len(cell) for cell in cells.values() if isinstance(cell, str))
        if not _within_limits(table, line.number, cells):
            return
        clean = {column: text for column, cell in cells.items() if (text := _clean_cell(table, line, column, cell))}
        if len(table.problems) >= MOST_PROBLEMS:
            table.refuse("the rows from here on were not looked at; put right what is named first", line.number)
            return
        if clean:
            yield line.number, dict(sorted(clean.items()))


def _within_limits(table: _Table, number: int, cells: Mapping[int, Cell]) -> bool:
    if cells and number > MOST_ROWS:
        table.refuse(f"a sheet may have {MOST_ROWS:,} rows; take out what is not a question", number)
    elif cells and max(cells) > MOST_COLUMNS:
        table.refuse(f"a sheet may have {MOST_COLUMNS} columns; empty this cell", number, max(cells))
    elif table.text > MOST_TEXT:
        table.refuse(f"a sheet may hold {MOST_TEXT:,} characters and this one holds more; shorten it", number)
    else:
        return True
    return False


def _clean_cell(table: _Table, line: Line, column: int, cell: Cell) -> str:
    clean = cell if isinstance(cell, Wrong) else table.clean(cell)
    if isinstance(clean, Wrong):
        table.refuse(clean.message, line.number, column, clean.text)
        return ""
    return clean


def _headings(table: _Table, number: int, cells: Mapping[int, str]) -> dict[int, str]:
    headings: dict[int, str] = {}
    for column, text in cells.items():
        if len(text) > LONGEST_HEADING:
            told = f"a heading may have {LONGEST_HEADING} characters; the first filled row names the columns"
            table.refuse(told, number, column, text)
            text = column_letters(column)
        name = canonical(table.name, text)
        if name in headings.values():
            told = f"this column stands there twice, as {name}; take one out"
            table.refuse(told, number, column, text)
        headings[column] = name
    return headings


def _row(table: _Table, number: int, cells: Mapping[int, str]) -> Row:
    for column in cells.keys() - table.headings.keys():
        table.refuse("this cell has no heading above it; give it one or empty it", number, column, cells[column])
        table.headings[column] = column_letters(column)  # told once; the sheet is refused anyway
    told = {name: cells.get(column, "") for column, name in table.headings.items()}
    return Row(number, told, len(table.headings))
