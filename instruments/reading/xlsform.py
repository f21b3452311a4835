"""Read a study's forms, each an XLSForm in any kind of file, with pyxform. Names every problem before it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import InstrumentError, Problem
from instruments.privacy_classes.classes import DECIDED, Decision, laid_over, problems_beside, read_classes, shown_file
from instruments.reading.others import is_with_other, other_of, plain_language, plain_rows
from instruments.reading.references import NAMING, REFERENCE, in_other_places
from instruments.reading.remarks import remarks_on
from instruments.reading.sheets import FIRST_ROW, Row, Sheet, is_classified, problems_in
from instruments.reading.translations import translation_problems
from instruments.reading.vocabulary import OURS, SHEETS, asked
from instruments.recordings import Media
from instruments.workbooks import KINDS, Workbook, read_workbook

NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
PYXFORM_ROW = re.compile(r"\[row : (\d+)\] *")
PYXFORM_COLUMN = re.compile(r"the '(\w+)' value")
Sheets = Mapping[str, Sheet]
NONE = Media()
# A form may do without these.
EMPTY = {"choices": Sheet("choices", ("list_name", "name"), ()), "settings": Sheet("settings", (), ())}


@dataclass(frozen=True)
class Form:
    """One form: pyxform's tree of it, and the row of each name in the survey sheet.

    `file` is the survey sheet as problems name it. `is_classified`: whether it says how private each question is.
    `warnings`: what is not read, or not shown as it would be elsewhere, or not decided yet.
    `decided`: the row of each name in the file of privacy classes beside it, `decided_in`.
    """

    name: str
    tree: Mapping[str, Any]
    rows: Mapping[str, int]
    file: str
    is_classified: bool
    warnings: tuple[Problem, ...]
    decided: Mapping[str, int] = field(default_factory=dict)
    decided_in: str = ""

    def problem(self, name: str, column: str, message: str) -> Problem:
        """What is wrong with the row of this name, at the place where a person can put it right."""
        if name in self.decided and column in DECIDED:
            return Problem(self.decided_in, message, self.decided[name], column.removeprefix(OURS))
        return Problem(self.file, message, self.rows.get(name), column)


@dataclass(frozen=True)
class _Beside:
    """The file of privacy classes beside a form, if there is one, and what does not fit between the two."""

    file: str
    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]


def places_of(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Where each form of a study's folder lies: a folder of CSV sheets, or one file of any kind that is read."""
    return {name: _place_of(folder, name) for name in names}


def read_forms(places: Mapping[str, Path], media: Media = NONE) -> dict[str, Form]:
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
        problems += [*problems_of_sheets(sheets, media), *_of_a_whole_study(sheets)]
    problems += _shared(read)
    beside = {name: _beside(places[name], sheets["survey"]) for name, sheets in read.items()}
    problems += [found for one in beside.values() for found in one.problems if not found.is_warning]
    everywhere = {name for sheets in read.values() for name in rows_of(sheets["survey"].rows)}
    # What is compiled tells of its expressions itself. Where a form could not be read at all, nobody knows its names.
    if problems and len(read) == len(places):
        problems += in_other_places(problems, read.values(), everywhere)
    refuse(problems)
    forms = {
        name: _form(name, sheets, books[name].warnings, beside[name], everywhere, problems)
        for name, sheets in read.items()
    }
    refuse(problems)
    return forms


def _place_of(folder: Path, name: str) -> Path:
    found = [path for suffix in KINDS if (path := folder / f"{name}{suffix}").exists()]
    return found[0] if found and not (folder / name).is_dir() else folder / name


def problems_of_sheets(sheets: Sheets, media: Media = NONE) -> Iterator[Problem]:
    """Everything in the sheets of a form, or of a whole study, that is not supported or missing."""
    for name in SHEETS:
        yield from problems_in(name, sheets[name])
    yield from (*_without_list(sheets), *_named_as_a_box(sheets), *_without_language(sheets), *_unheard(sheets, media))
    yield from translation_problems(sheets)


def _beside(form: Path, survey: Sheet) -> _Beside:
    file = shown_file(form)
    try:
        decisions = read_classes(form)
    except InstrumentError as error:
        return _Beside(file, (), error.problems)
    return _Beside(file, decisions or (), tuple(problems_beside(survey, file, decisions)))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InstrumentError where there are problems."""
    if problems:
        raise InstrumentError(tuple(problems))


def rows_of(rows: Iterable[Row]) -> dict[str, int]:
    """The row of each name in these rows of a survey sheet."""
    named = [row for row in rows if row.cells.get("name") and not row.cells.get("type", "").startswith("end")]
    found = {row.cells["name"]: row.number for row in named}
    # The box below a choice of one's own has no row of its own.
    return found | {other_of(row.cells["name"]): row.number for row in named if is_with_other(row)}


def _of_a_whole_study(sheets: Sheets) -> Iterator[Problem]:
    survey, told = sheets["survey"], "only a workbook that is a whole study, with a sheet amanah, has parts of its own"
    for row in survey.rows:
        if row.cells.get(OURS + "part"):
            yield Problem(survey.file, f"{told}; take this out", row.number, OURS + "part")
    if "amanah" in sheets:
        yield Problem(sheets["amanah"].file, "one form of a study has no sheet amanah; take it out")


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
    lists = {row.cells.get("list_name") for row in sheets["choices"].rows}
    for row in sheets["survey"].rows:
        found = asked(row.cells.get("type", ""))
        if found and found.choices and found.choices not in lists:
            told = f"there is no list {found.choices!r} in the sheet choices; write it there"
            yield Problem(sheets["survey"].file, told, row.number, "type")


def _unheard(sheets: Sheets, media: Media) -> Iterator[Problem]:
    """Recordings that are not there, cannot be played, or have no words beside them."""
    for name in ("survey", "choices"):
        for row in sheets[name].rows:
            for column, cell in row.cells.items():
                kind, separator, language = column.partition("::")
                if kind != "audio" or not cell:
                    continue
                if (wrong := media.problem(cell)) is not None:
                    yield Problem(sheets[name].file, wrong, row.number, column, cell)
                if not any(row.cells.get(f"{words}{separator}{language}") for words in ("label", "hint")):
                    told = f"a recording says what stands there to read; write its words in label{separator}{language}"
                    yield Problem(sheets[name].file, told, row.number, column, cell)


def _without_language(sheets: Sheets) -> Iterator[Problem]:
    """Columns of words that name no language, where another column has the language that they would have."""
    language = plain_language(sheets)
    for name in ("survey", "choices"):
        for column in sheets[name].columns if language else ():
            if f"{column}::{language}" in sheets[name].columns:
                told = f"this column names no language, and {column}::{language} stands beside it; name its language,"
                told += f" as in {column}::French (fr), or as default_language in the sheet settings, or take it out"
                yield Problem(sheets[name].file, told, 1, column)


def _named_as_a_box(sheets: Sheets) -> Iterator[Problem]:
    survey = sheets["survey"]
    named = [row for row in survey.rows if row.cells.get("name")]
    boxes = {other_of(row.cells["name"]): row.number for row in named if is_with_other(row)}
    for row in named:
        if row.cells["name"] in boxes:
            told = f"the box below row {boxes[row.cells['name']]} (or_other) has this name; give one of them another"
            yield Problem(survey.file, told, row.number, "name")


def _form(
    name: str,
    sheets: Sheets,
    warnings: tuple[Problem, ...],
    beside: _Beside,
    everywhere: set[str],
    problems: list[Problem],
) -> Form:
    survey = sheets["survey"]
    rows = rows_of(survey.rows)
    try:
        told = {**sheets, "survey": laid_over(survey, beside.decisions)}
        tree = tree_of_form(name, told, set(rows))
    except InstrumentError as error:
        problems += error.problems
        tree = {"children": []}
    decided = {one.name: one.row for one in beside.decisions}
    warned = (*warnings, *remarks_on(sheets), *beside.problems)
    return Form(name, tree, rows, survey.file, is_classified(survey), warned, decided, beside.file)


def tree_of_form(form: str, sheets: Sheets, here: set[str]) -> Mapping[str, Any]:
    """The tree that pyxform makes of a form whose rows have these names. Raises InstrumentError."""
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.errors import PyXFormError
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import get_xlsform

    told = plain_rows(sheets)
    titles = _titles(told["settings"])
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
    inner = {"children": _with_counts(own, {row.cells["name"] for row in sheets["survey"].rows})}
    return tree | ({"title": {"default": tree["title"]} | titles} if titles else {}) | inner


def _titles(settings: list[dict[str, str]]) -> dict[str, str]:
    """The form's title in other languages, taken out of these rows: pyxform knows one title only."""
    found: dict[str, str] = {}
    for row in settings:
        for column in [column for column in row if column.startswith("title_in::")]:
            if words := row.pop(column):
                found[column.partition("::")[2]] = words
    return found


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
