"""Read one XLSForm, as its sheets in CSV, with pyxform. Says where anything unsupported stands; drops nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import InstrumentError, Problem

SHEETS = ("survey", "choices", "settings")
PRIVATE = "bind::amanah:"
COLUMNS = {
    "survey": {"type", "name", "required", "relevant", "constraint", "appearance"}
    | {PRIVATE + name for name in (
        "groups", "on", "stored", "stored_level", "privacy", "special", "hierarchy", "scale", "reverse", "referent",
            "aside",
    )},
    "choices": {"list_name", "name"},
    "settings": {"form_title", "form_id", "version", "default_language", "style"},
}  # fmt: skip
TRANSLATED = {"survey": ("label", "hint", "constraint_message"), "choices": ("label",), "settings": ()}
TYPES = {"note", "select_one", "select_multiple", "integer", "text", "hidden", "begin_group", "end_group"}
REFERENCE = re.compile(r"\$\{([^}]+)\}")
Sheets = dict[str, list[dict[str, str]]]
FIRST_ROW = 2  # of data, as spreadsheets count


@dataclass(frozen=True)
class Form:
    """One form: pyxform's tree of it, and the row of each name in the survey sheet."""

    name: str
    tree: Mapping[str, Any]
    rows: Mapping[str, int]

    @property
    def file(self) -> str:
        """The survey sheet, as problems name it."""
        return f"{self.name}/survey.csv"


def read_forms(folder: Path, names: Sequence[str]) -> dict[str, Form]:
    """The forms of a study, each a folder of CSV sheets. Raises InstrumentError with every problem found."""
    problems: list[Problem] = []
    sheets: dict[str, Sheets] = {}
    for name in names:
        try:
            sheets[name] = {sheet: _rows(folder / name, sheet) for sheet in SHEETS}
            problems += (problem for sheet, rows in sheets[name].items() for problem in _strange(name, sheet, rows))
        except InstrumentError as error:
            problems += error.problems
    if problems:
        raise InstrumentError(tuple(problems))
    everywhere = {row["name"] for told in sheets.values() for row in told["survey"]}
    return {name: _form(name, told, everywhere) for name, told in sheets.items()}


def _form(name: str, sheets: Sheets, everywhere: set[str]) -> Form:
    rows = {row["name"]: number for number, row in enumerate(sheets["survey"], FIRST_ROW) if row["type"] != "end_group"}
    return Form(name, _with_pyxform(name, sheets, everywhere - set(rows)), rows)


def _rows(folder: Path, sheet: str) -> list[dict[str, str]]:
    path = folder / f"{sheet}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    except OSError:
        raise _refused(f"{folder.name}/{sheet}.csv", "this sheet is missing") from None
    except (csv.Error, UnicodeDecodeError):
        raise _refused(f"{folder.name}/{sheet}.csv", "this sheet is not CSV in UTF-8; save it again as such") from None


def _strange(form: str, sheet: str, rows: list[dict[str, str]]) -> Iterator[Problem]:
    file = f"{form}/{sheet}.csv"
    for column in rows[0] if rows else ():
        if column not in COLUMNS[sheet] and str(column).split("::")[0] not in TRANSLATED[sheet]:
            yield Problem(file, "this column is not supported; take it out", 1, str(column))
    for number, row in enumerate(rows, FIRST_ROW):
        if None in row or None in row.values():
            yield Problem(file, "this row has more or fewer cells than the first row", number)
        elif sheet == "survey" and row["type"].split(" ")[0] not in TYPES:
            yield Problem(
                file,
                f"the type {row['type']!r} is not supported. Supported: {', '.join(sorted(TYPES))}",
                number,
                "type",
            )
    if sheet == "survey":
        yield from _twice(file, rows)


def _twice(file: str, rows: list[dict[str, str]]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, FIRST_ROW):
        name = row.get("name")
        if name and row["type"] != "end_group" and seen.setdefault(name, number) != number:
            yield Problem(file, f"the name {name!r} stands in row {seen[name]} already", number, "name")


def _with_pyxform(form: str, sheets: Sheets, elsewhere: set[str]) -> Mapping[str, Any]:
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.errors import PyXFormError
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import get_xlsform

    # An expression may name an item of another form of the study: pyxform learns of it by a row at the end.
    named = {name for row in sheets["survey"] for name in REFERENCE.findall(row.get("relevant") or "")}
    told = sheets["survey"] + [{"type": "hidden", "name": name} for name in sorted(named & elsewhere)]
    try:
        tree: dict[str, Any] = workbook_to_json(get_xlsform({**sheets, "survey": told}), form_name=form, warnings=[])
        create_survey_element_from_dict(tree)
    except PyXFormError as error:
        raise _refused(f"{form}/survey.csv", str(error)) from None
    return tree | {"children": [child for child in tree["children"] if child["name"] not in elsewhere | {"meta"}]}


def _refused(file: str, message: str) -> InstrumentError:
    return InstrumentError((Problem(file, message),))
