"""The sheets of one form as cells, and every cell in them that is not supported. Drops nothing in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from errors import Problem
from instruments.model import SAID_ASIDE
from instruments.reading.vocabulary import (
    APPEARANCES,
    CELLS,
    CODE,
    COLUMNS,
    ELSEWHERE,
    FILTER_COLUMN,
    GROUPING,
    LANGUAGE,
    LENGTH,
    MESSAGES,
    NEEDED,
    NOT_KNOWN,
    NOT_READ,
    OF_A_GROUP,
    OF_OBJECTS,
    OFF,
    ONLY_FOR,
    OURS,
    QUESTIONS,
    REFUSED,
    TAKEN,
    TAKEN_STARTS,
    TRANSLATED,
    TYPES,
    Asked,
    asked,
    is_unread,
)

FIRST_ROW = 2  # of data, as spreadsheets count
MOST_GROUPS = 20  # in each other
NOTHING = Asked("")
NAME = re.compile(r"[^\W\d][\w.-]*")


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


def problems_in(name: str, sheet: Sheet) -> Iterator[Problem]:
    """Everything in a sheet that is not supported or missing."""
    wrong = list(_wrong_columns(name, sheet))
    yield from wrong
    if not any(problem.message.startswith("this column is missing") for problem in wrong):
        for check in (_any_row, *_ROWS.get(name, ())):
            yield from (problem for row in sheet.rows for problem in check(sheet, row))
        if name == "survey":
            yield from (*_twice(sheet), *_too_deep(sheet), *_unclosed(sheet), *_empty(sheet))
        yield from _codes_twice(sheet) if name == "choices" else ()


def is_classified(sheet: Sheet) -> bool:
    """Whether the sheet says how private each question is. One from elsewhere does not."""
    return OURS + "privacy" in sheet.columns


def _wrong_columns(name: str, sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        kind, _, language = column.partition("::")
        is_known = column in COLUMNS[name] or kind in TRANSLATED[name] or _may_filter(name, column)
        if is_unread(column):
            continue  # instruments/reading/remarks.py says so
        if not is_known and any(row.cells[column] for row in sheet.rows):
            yield Problem(sheet.file, NOT_READ.get(column.partition("::")[0], NOT_KNOWN), 1, column)
        elif is_known and column not in COLUMNS[name] and language and not LANGUAGE.fullmatch(language):
            yield Problem(sheet.file, "write the language with its code, as in label::English (en)", 1, column)
        elif column and sheet.columns.count(column) > 1:
            yield Problem(sheet.file, "this column stands there twice; take one out", 1, column)
    for column in NEEDED[name]:
        if column not in sheet.columns:
            yield Problem(sheet.file, "this column is missing; add it", 1, column)


def _may_filter(name: str, column: str) -> bool:
    return name == "choices" and bool(FILTER_COLUMN.fullmatch(column)) and column not in NOT_READ


def _any_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    if row.width != len(sheet.columns):
        told = f"this row has {row.width} cells and the first row {len(sheet.columns)}; give each its own"
        yield Problem(sheet.file, told, row.number)


def _survey_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    found = asked(row.cells["type"])
    if found is None:
        near = get_close_matches(row.cells["type"].partition(" ")[0].lower(), sorted(TYPES), 1, 0.8)
        told = f"the type {row.cells['type']!r} is not supported{f': did you mean {near[0]}?' if near else '.'}"
        told += f" Supported: {', '.join(sorted(TYPES))}"
        yield Problem(sheet.file, f"{told}; a select names its one list of choices", row.number, "type")
        return
    if found.kind in REFUSED:
        yield Problem(sheet.file, f"{row.cells['type']!r} is refused: {REFUSED[found.kind]}", row.number, "type")
        return
    if row.cells.get("disabled", "").lower() not in OFF:
        told = "this row is switched off here, and would be asked all the same; take the row out, or empty this cell"
        yield Problem(sheet.file, told, row.number, "disabled")
    yield from _misnamed(sheet, row) if not found.kind.startswith("end") else ()
    if not row.cells["name"] and not found.kind.startswith("end"):
        yield Problem(sheet.file, "this row has no name; write one that no other row has", row.number, "name")
    for column, cell in row.cells.items():
        if cell.lower() not in CELLS.get(column, (cell.lower(),)):
            allowed = ", ".join(filter(None, CELLS[column]))
            yield Problem(sheet.file, f"{cell!r} is not one of {allowed}, or empty", row.number, column)
        if column.partition("::")[0] in MESSAGES and "${" in cell:
            yield Problem(sheet.file, "a message cannot show an answer; take ${…} out", row.number, column)
    yield from _appearance(sheet, row, found.kind)
    yield from _group_row(sheet, row) if found.kind in GROUPING else _item_row(sheet, row, found.kind)


def _appearance(sheet: Sheet, row: Row, kind: str) -> Iterator[Problem]:
    for look in row.cells.get("appearance", "").split():
        if look == "statement" and kind != "select_one":
            told = "a statement is a select_one with the choices yes and no; make it one, or take the appearance out"
            yield Problem(sheet.file, told, row.number, "appearance")
        if look not in APPEARANCES and look not in ELSEWHERE:
            told = f"the appearance {look!r} is not supported; take it out. Supported: {', '.join(APPEARANCES)}"
            yield Problem(sheet.file, told, row.number, "appearance")


def _group_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    for column, cell in row.cells.items():
        if cell and column not in OF_A_GROUP and column.partition("::")[0] not in ("label", "hint", "audio"):
            yield Problem(sheet.file, "not supported for a group; give it to each item", row.number, column)
    yield from _only_for(sheet, row, "begin_repeat" if "repeat" in row.cells["type"] else "begin_group")


def _only_for(sheet: Sheet, row: Row, kind: str) -> Iterator[Problem]:
    for column, kinds in ONLY_FOR.items():
        if row.cells.get(column) and kind not in kinds:
            told = f"only rows of type {' or '.join(sorted(kinds))} have this; take it out"
            yield Problem(sheet.file, told, row.number, column)


def _item_row(sheet: Sheet, row: Row, kind: str) -> Iterator[Problem]:
    wanted = ["stored", "privacy", "referent"] if kind in QUESTIONS and is_classified(sheet) else []
    for column in (OURS + name for name in wanted):
        if not row.cells.get(column):
            yield Problem(sheet.file, "every question needs this; fill it in", row.number, column)
    has_words = any(cell for column, cell in row.cells.items() if column.partition("::")[0] in ("label", "hint"))
    if kind not in ("calculate", "hidden") and not has_words:
        yield Problem(sheet.file, "there are no words to show; fill them in", row.number, "label")
    if kind == "calculate" and not row.cells.get("calculation"):
        yield Problem(sheet.file, "there is nothing to calculate; fill it in", row.number, "calculation")
    longest = row.cells.get(OURS + "longest", "")
    if longest and not LENGTH.fullmatch(longest):
        told = f"{longest!r} is no number of characters; write one such as 200"
        yield Problem(sheet.file, told, row.number, OURS + "longest")
    yield from _only_for(sheet, row, kind)
    name = row.cells["name"]
    is_taken = kind in QUESTIONS and (name in TAKEN or name.startswith(TAKEN_STARTS))
    if is_taken or name in OF_OBJECTS or name.startswith("__"):
        yield Problem(sheet.file, f"the page itself needs the name {name!r}; give this row another", row.number, "name")


def _misnamed(sheet: Sheet, row: Row) -> Iterator[Problem]:
    """A name that no expression could name. pyxform would tell of the first such row only."""
    name = row.cells["name"]
    if name and not NAME.fullmatch(name):
        told = f"a name begins with a letter or _ and has letters, digits and _ . - and no space; {name!r} has not"
        short = re.sub(r"[^\w.-]+", "_", name).strip("_")
        yield Problem(
            sheet.file, f"{told}: write {short!r}" if NAME.fullmatch(short) else told, row.number, "name", name
        )


def _choices_row(sheet: Sheet, row: Row) -> Iterator[Problem]:
    if not row.cells["list_name"]:
        told = "this choice belongs to no list; write the name of its list"
        yield Problem(sheet.file, told, row.number, "list_name")
    if not CODE.fullmatch(row.cells["name"]) and row.cells["name"] not in SAID_ASIDE:
        told = (
            "a code has at most 32 letters, digits and _ . - and is never below zero, save -1 (don't know)"
            " and -2 (prefer not to say)"
        )
        yield Problem(sheet.file, told, row.number, "name")
    if not any(cell for column, cell in row.cells.items() if column.partition("::")[0] == "label"):
        yield Problem(sheet.file, "there are no words to show; fill them in", row.number, "label")


Check = Callable[[Sheet, Row], Iterator[Problem]]
_ROWS: Mapping[str, tuple[Check, ...]] = {"survey": (_survey_row,), "choices": (_choices_row,)}


def _twice(sheet: Sheet) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row in sheet.rows:
        name = row.cells["name"]
        if not row.cells["type"].startswith("end") and name and seen.setdefault(name, row.number) != row.number:
            yield Problem(sheet.file, f"the name {name!r} stands in row {seen[name]} already", row.number, "name")


def _codes_twice(sheet: Sheet) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        key = row.cells["list_name"], row.cells["name"]
        if all(key) and seen.setdefault(key, row.number) != row.number:
            told = f"the code {key[1]!r} stands in row {seen[key]} of this list already; give one of them another code"
            yield Problem(sheet.file, told, row.number, "name")


def _unclosed(sheet: Sheet) -> Iterator[Problem]:
    """Groups and repeats that do not end, and ends of none. After the first end of none, the rest may be its fault."""
    opened: list[tuple[str, Row]] = []
    for row in sheet.rows:
        kind = (asked(row.cells["type"]) or NOTHING).kind
        begins, _, what = kind.partition("_") if kind in GROUPING else ("", "", "")
        if begins == "begin":
            opened.append((what, row))
        elif begins == "end" and (not opened or opened[-1][0] != what):
            around = f"; the {opened[-1][0]} of row {opened[-1][1].number} ends first" if opened else "; take it out"
            yield Problem(sheet.file, f"this ends a {what} that has not begun{around}", row.number, "type")
            return
        elif begins == "end":
            opened.pop()
    for what, row in opened:
        told = f"this {what} does not end; add a row end_{what} after its last question"
        yield Problem(sheet.file, told, row.number, "type")


def _empty(sheet: Sheet) -> Iterator[Problem]:
    if not sheet.rows:
        yield Problem(sheet.file, "there is nothing below the names of the columns; write the questions there")


def _too_deep(sheet: Sheet) -> Iterator[Problem]:
    depth = 0
    for row in sheet.rows:
        kind = (asked(row.cells["type"]) or NOTHING).kind
        depth += kind.startswith("begin") - kind.startswith("end_")
        if kind.startswith("begin") and depth == MOST_GROUPS + 1:
            told = f"this group stands in {MOST_GROUPS} others; use fewer in each other"
            yield Problem(sheet.file, told, row.number, "type")
