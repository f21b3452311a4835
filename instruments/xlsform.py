"""Read a study's forms, each an XLSForm in any kind of file, with pyxform. Names every problem before it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import InstrumentError, Problem
from instruments.others import is_with_other, other_of, plain_rows
from instruments.sheets import FIRST_ROW, Sheet, is_classified, looks_of, problems_in
from instruments.vocabulary import SHEETS, asked
from instruments.workbooks import KINDS, Workbook, read_workbook

NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
REFERENCE = re.compile(r"\$\{ *([^} ]+) *\}")
# Columns whose cells may name other items.
NAMING = (
    "relevant", "constraint", "calculation", "choice_filter", "repeat_count", "label", "hint", "guidance_hint",
)  # fmt: skip
PYXFORM_ROW = re.compile(r"\[row : (\d+)\] *")
PYXFORM_COLUMN = re.compile(r"the '(\w+)' value")
Sheets = Mapping[str, Sheet]
# A form may do without these.
EMPTY = {"choices": Sheet("choices", ("list_name", "name"), ()), "settings": Sheet("settings", (), ())}


@dataclass(frozen=True)
class Form:
    """One form: pyxform's tree of it, and the row of each name in the survey sheet.

    `file` is the survey sheet as problems name it. `is_classified`: whether it says how private each question is.
    `warnings`: what is not read, or not shown as it would be elsewhere.
    """

    name: str
    tree: Mapping[str, Any]
    rows: Mapping[str, int]
    file: str
    is_classified: bool
    warnings: tuple[Problem, ...]


def places_of(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Where each form of a study's folder lies: a folder of CSV sheets, or one file of any kind that is read."""
    return {name: _place_of(folder, name) for name in names}


def read_forms(places: Mapping[str, Path]) -> dict[str, Form]:
    """The forms of a study by name. Raises InstrumentError with every problem found."""
    books: dict[str, Workbook] = {}
    problems: list[Problem] = []
    for name, path in places.items():
        try:
            books[name] = read_workbook(path)
        except InstrumentError as error:
            problems += error.problems
    read = {name: EMPTY | book for name, book in books.items()}
    for sheets in read.values():
        problems += [found for name in SHEETS for found in problems_in(name, sheets[name])]
    problems += _shared(read)
    _refuse(problems)
    for sheets in read.values():
        problems += [*_without_list(sheets), *_named_as_a_box(sheets)]
    _refuse(problems)
    forms = {name: _form(name, sheets, books[name].warnings, problems) for name, sheets in read.items()}
    _refuse(problems)
    return forms


def _place_of(folder: Path, name: str) -> Path:
    found = [path for suffix in KINDS if (path := folder / f"{name}{suffix}").exists()]
    return found[0] if found and not (folder / name).is_dir() else folder / name


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InstrumentError(tuple(problems))


def _shared(read: Mapping[str, Sheets]) -> Iterator[Problem]:
    # A field's name is the item's, whatever its form: two forms may not share one.
    seen: dict[str, str] = {}
    for sheets in read.values():
        survey = sheets["survey"]
        for row in survey.rows:
            name = row.cells.get("name", "")
            if name and seen.setdefault(name, survey.file) != survey.file:
                yield Problem(survey.file, f"the name {name!r} stands in {seen[name]} already", row.number, "name")


def _without_list(sheets: Sheets) -> Iterator[Problem]:
    lists = {row.cells["list_name"] for row in sheets["choices"].rows}
    for row in sheets["survey"].rows:
        found = asked(row.cells["type"])
        if found and found.choices and found.choices not in lists:
            told = f"there is no list {found.choices!r} in the sheet choices; write it there"
            yield Problem(sheets["survey"].file, told, row.number, "type")


def _named_as_a_box(sheets: Sheets) -> Iterator[Problem]:
    survey = sheets["survey"]
    boxes = {other_of(row.cells["name"]): row.number for row in survey.rows if is_with_other(row)}
    for row in survey.rows:
        if row.cells["name"] in boxes:
            told = f"the box below row {boxes[row.cells['name']]} (or_other) has this name; give one of them another"
            yield Problem(survey.file, told, row.number, "name")


def _form(name: str, sheets: Sheets, warnings: tuple[Problem, ...], problems: list[Problem]) -> Form:
    survey = sheets["survey"]
    named = [row for row in survey.rows if not row.cells["type"].startswith("end")]
    rows = {row.cells["name"]: row.number for row in named}
    # The box below a choice of one's own has no row of its own.
    rows |= {other_of(row.cells["name"]): row.number for row in named if is_with_other(row)}
    try:
        tree = _with_pyxform(name, sheets, set(rows))
    except InstrumentError as error:
        problems += error.problems
        tree = {"children": []}
    looks = tuple(found for row in survey.rows for found in looks_of(survey, row))
    return Form(name, tree, rows, survey.file, is_classified(survey), warnings + looks)


def _with_pyxform(form: str, sheets: Sheets, here: set[str]) -> Mapping[str, Any]:
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.errors import PyXFormError
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import get_xlsform

    told = plain_rows(sheets)
    # An expression may name an item of another form of the study, or one that is nowhere, which is told later with its
    # place: pyxform, which stops at the first, learns of each by a row at the end.
    cells = [cell for row in told["survey"] for column, cell in row.items() if column.partition("::")[0] in NAMING]
    elsewhere = {name for cell in cells for name in REFERENCE.findall(cell) if NAME.fullmatch(name)} - here
    told["survey"] += [{"type": "hidden", "name": name} for name in sorted(elsewhere)]
    try:
        tree: dict[str, Any] = workbook_to_json(get_xlsform(told), form_name=form, warnings=[])
        create_survey_element_from_dict(tree)
    except PyXFormError as error:
        raise InstrumentError((_from_pyxform(sheets, str(error)),)) from None
    own = [child for child in tree["children"] if child["name"] not in elsewhere | {"meta"}]
    return tree | {"children": _with_counts(own, {row.cells["name"] for row in sheets["survey"].rows})}


def _with_counts(children: Iterable[Mapping[str, Any]], known: set[str]) -> list[Mapping[str, Any]]:
    """The rows without those that pyxform adds for the count of a repeat: a repeat counts by what its row says."""
    made: dict[str, str] = {}
    kept: list[Mapping[str, Any]] = []
    for child in children:
        control = child.get("control") or {}
        if child["type"] == "calculate" and child["name"] not in known:
            made[f"${{{child['name']}}}"] = child["bind"]["calculate"]
            continue
        if control.get("jr:count") in made:
            child = {**child, "control": control | {"jr:count": made[control["jr:count"]]}}
        inner = {"children": _with_counts(child["children"], known)} if "children" in child else {}
        kept.append({**child, **inner})
    return kept


def _from_pyxform(sheets: Sheets, message: str) -> Problem:
    sheet = sheets["choices" if "'choices' sheet" in message else "survey"]
    found = PYXFORM_ROW.search(message)
    place = int(found.group(1)) - FIRST_ROW if found else len(sheet.rows)
    row = sheet.rows[place].number if place < len(sheet.rows) else None
    column = PYXFORM_COLUMN.search(message)
    told = PYXFORM_ROW.sub("", message).replace("\n", " ")
    return Problem(sheet.file, told, row, column.group(1) if column else None)
