"""Read the sheets of one form, as CSV, and name every cell that is not supported. Drops nothing in silence."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from errors import InstrumentError, Problem
from instruments.model import SAID_ASIDE, Kept, Privacy

SHEETS = ("survey", "choices", "settings")
OURS = "bind::amanah:"
QUESTIONS = {"select_one", "select_multiple", "integer", "text"}
GROUPING = {"begin_group", "end_group"}
TYPES = QUESTIONS | GROUPING | {"note", "hidden"}
COLUMNS = {
    "survey": {"type", "name", "required", "relevant", "constraint", "appearance"} | {
        OURS + name for name in (
            "groups", "on", "stored", "stored_level", "privacy", "special", "hierarchy", "scale", "reverse",
            "referent", "aside",
        )
    },
    "choices": {"list_name", "name"},
    "settings": {"form_title", "form_id", "version", "default_language", "style"},
}  # fmt: skip
NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name"), "settings": ("form_title",)}
TRANSLATED = {"survey": ("label", "hint", "constraint_message"), "choices": ("label",), "settings": ()}
# What the cells of a column may hold.
CELLS: Mapping[str, tuple[str, ...]] = {
    "required": ("", "yes", "no"),
    "appearance": ("", "multiline", "statement", "uppercase", "field-list"),
    OURS + "stored": ("", *get_args(Kept)),
    OURS + "stored_level": ("", *map(str, range(10))),
    OURS + "privacy": ("", *get_args(Privacy)),
    OURS + "special": ("", "yes", "no"),
    OURS + "reverse": ("", "yes", "no"),
}
LANGUAGE = re.compile(r".+ \(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)")
CODE = re.compile(r"[0-9]{1,6}|yes|no")
FIRST_ROW = 2  # of data, as spreadsheets count


@dataclass(frozen=True)
class Row:
    """One row of cells by column, its number in the spreadsheet, and how many cells it has."""

    number: int
    cells: Mapping[str, str]
    width: int


@dataclass(frozen=True)
class Sheet:
    """One sheet: the file as problems name it, its columns in order, and its rows; empty rows are left out."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(folder: Path, name: str) -> Sheet:
    """The sheet of this name in a form's folder. Raises InstrumentError where it cannot be read at all."""
    file = f"{folder.name}/{name}.csv"
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.reader(opened, strict=True))
    except OSError:
        raise InstrumentError((Problem(file, "this sheet is missing"),)) from None
    except (csv.Error, UnicodeDecodeError):
        raise InstrumentError((Problem(file, "this is not CSV in UTF-8; save the sheet again as such"),)) from None
    columns, *rows = lines or [[]]
    found = tuple(_row(number, columns, cells) for number, cells in enumerate(rows, FIRST_ROW) if any(cells))
    return Sheet(file, tuple(columns), found)


def problems_in(name: str, sheet: Sheet) -> Iterator[Problem]:
    """Everything in a sheet that is not supported or missing."""
    wrong = list(_wrong_columns(name, sheet))
    yield from wrong
    if not any(problem.message.startswith("this column is missing") for problem in wrong):
        for check in (_any_row, *_ROWS.get(name, ())):
            yield from (problem for row in sheet.rows for problem in check(sheet, row))
        yield from _twice(sheet) if name == "survey" else ()


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    told = dict.fromkeys(columns, "") | {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    return Row(number, told, len(cells))


def _wrong_columns(name: str, sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        kind, _, language = column.partition("::")
        if column not in COLUMNS[name] and kind not in TRANSLATED[name]:
            yield Problem(sheet.file, "this column is not supported; take it out", 1, column)
        elif column not in COLUMNS[name] and language and not LANGUAGE.fullmatch(language):
            yield Problem(sheet.file, "write the language with its code, as in label::English (en)", 1, column)
        elif sheet.columns.count(column) > 1:
            yield Problem(sheet.file, "this column stands there twice; take one out", 1, column)
    for column in NEEDED[name]:
        if column not in sheet.columns:
            yield Problem(sheet.file, "this column is missing; add it", 1, column)


def _any_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    if row.width != len(sheet.columns):
        told = f"this row has {row.width} cells and the first row {len(sheet.columns)}; give each its own"
        yield Problem(sheet.file, told, row.number)


def _survey_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    kind, _, choices = row.cells["type"].partition(" ")
    if kind not in TYPES or bool(choices) != kind.startswith("select_") or " " in choices:
        told = f"the type {row.cells['type']!r} is not supported. Supported: {', '.join(sorted(TYPES))}"
        yield Problem(sheet.file, f"{told}; a select names its one list of choices", row.number, "type")
    for column, cell in row.cells.items():
        if cell not in CELLS.get(column, (cell,)):
            allowed = ", ".join(filter(None, CELLS[column]))
            yield Problem(sheet.file, f"{cell!r} is not one of {allowed}, or empty", row.number, column)
        if column.partition("::")[0] in TRANSLATED["survey"] and "${" in cell:
            yield Problem(sheet.file, "words cannot show an answer; take ${…} out", row.number, column)
    yield from _group_row(sheet, row) if kind in GROUPING else _item_row(sheet, row, kind)


def _group_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    for column, cell in row.cells.items():
        if cell and column not in ("type", "name", "appearance") and column.partition("::")[0] != "label":
            yield Problem(sheet.file, "not supported for a group; give it to each item", row.number, column)


def _item_row(sheet: Sheet, row: Row, kind: str) -> Iterator[Problem]:
    wanted = ["stored", "privacy", "referent"] if kind in QUESTIONS else []
    for column in (OURS + name for name in wanted):
        if not row.cells.get(column):
            yield Problem(sheet.file, "every question needs this; fill it in", row.number, column)
    if not any(cell for column, cell in row.cells.items() if column.partition("::")[0] == "label"):
        yield Problem(sheet.file, "there are no words to show; fill them in", row.number, "label")


def _choices_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    if not CODE.fullmatch(row.cells["name"]) and row.cells["name"] not in SAID_ASIDE:
        told = "a code is a whole number from 0, -1 (don't know), -2 (prefer not to say), or yes and no for a statement"
        yield Problem(sheet.file, told, row.number, "name")
    if not any(cell for column, cell in row.cells.items() if column.partition("::")[0] == "label"):
        yield Problem(sheet.file, "there are no words to show; fill them in", row.number, "label")


Check = Callable[[Sheet, Row], Iterator[Problem]]
_ROWS: Mapping[str, tuple[Check, ...]] = {"survey": (_survey_row,), "choices": (_choices_row,)}


def _twice(sheet: Sheet) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row in sheet.rows:
        name = row.cells["name"]
        if row.cells["type"] != "end_group" and seen.setdefault(name, row.number) != row.number:
            yield Problem(sheet.file, f"the name {name!r} stands in row {seen[name]} already", row.number, "name")
