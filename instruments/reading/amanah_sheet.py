"""The sheet `amanah` of a workbook that is a whole study: what `study.toml` holds beside a folder of forms.

One row says one thing; `kind` says what, and which other columns it fills. Every mistake is named by its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from errors import Problem
from instruments.reading.sheets import Row, Sheet
from instruments.reading.vocabulary import LANGUAGE
from instruments.settings import GROUP, RELEASE, RETENTION, STUDY, UNREVIEWED, Place, Shape, Words, Written
from instruments.spoken import Spoken
from instruments.workbooks import Workbook

SHEET = "amanah"
# What each kind of row fills in. A column with "?" may stay empty. Title and value may have a column for each language.
KINDS: Mapping[str, tuple[str, ...]] = {
    "setting": ("name", "value"),
    "fill_in": ("name", "value?"),
    "switched_on": ("name", "value"),
    "quota": ("name", "value"),
    "retention": ("name", "value"),
    "release": ("name", "value?"),
    "legal_hold": ("name", "value"),
    "group": ("name", "title", "minimum_age?", "maximum_age?"),
    "scale": ("name", "title", "group", "minimum_answered", "direction", "parent?"),
    "level": ("name", "level?", "rule?", "source?"),
    "category": ("name", "level", "code", "title", "members"),
}
COLUMNS = tuple(dict.fromkeys(["kind", *(column.rstrip("?") for columns in KINDS.values() for column in columns)]))
# Settings that XLSForm has a place for, and those that the survey or rows of other kinds hold.
IN_SETTINGS = {"id": "form_id", "title": "form_title", "version": "version"}
ELSEWHERE = {*IN_SETTINGS, "parts", "groups", "scales", "hierarchies", "release", "retention", "quotas",
             "fill_in", "switched_on", "legal_hold"}  # fmt: skip
MAY_LACK = {
    "format": 1, "keep_single_years": False, "plain_path": False, "waves": 1, "wave": 1, "easy_read_version": "",
    "unreviewed": UNREVIEWED[0],
}  # fmt: skip
SETTINGS: Shape = {name.rstrip("?"): kind for name, kind in STUDY.items()}
LANGUAGES = ("setting", "languages")
SPOKEN = ("title", "value")  # columns that can be said in each language
ONE_VALUE = "this has one value for every language; empty this"
NUMBER = re.compile("[0-9]{1,6}")
TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass
class _Reading:
    """One reading of the sheet: the settings so far, where each stands, and what is wrong."""

    sheet: Sheet
    told: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    levels: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)

    def refuse(self, row: Row, column: str | None, message: str, text: str | None = None) -> None:
        self.problems.append(Problem(self.sheet.file, message, row.number, column, text))

    def stands(self, row: Row, setting: str, column: str) -> bool:
        """Remember where a setting stands; one that stands there already is refused."""
        if setting in self.places:
            self.refuse(row, column, f"this stands in row {self.places[setting][1]} already; take one out", setting)
            return False
        self.places[setting] = (self.sheet.file, row.number, column)
        return True


def read_amanah(book: Workbook, defaults: Mapping[str, Any]) -> tuple[dict[str, Any], Written, tuple[Problem, ...]]:
    """The settings of a whole study without its parts, where each is written, and everything that is wrong.

    `defaults` are those for what need not be said.
    """
    sheet = book[SHEET]
    reading = _Reading(sheet)
    reading.told |= {"groups": [], "scales": [], "hierarchies": {}, "switched_on": {}, "fill_in": {}, "quotas": {}}
    reading.told |= {"retention": {}, "release": {}, "legal_hold": {}}
    reading.problems += _wrong_columns(sheet)
    if not reading.problems:
        for row in sheet.rows:
            _read(reading, row)
        _join_levels(reading)
        _read_head(reading, book)
        _add_defaults(reading, defaults)
    return reading.told, Written(sheet.file, reading.places), tuple(reading.problems)


def _wrong_columns(sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        kind, _, language = column.partition("::")
        if column in COLUMNS or (kind in SPOKEN and LANGUAGE.fullmatch(language)):
            continue
        if kind in SPOKEN and language:
            yield Problem(sheet.file, f"write the language with its code, as in {kind}::Arabic (ar)", 1, column)
        else:
            told = f"this column is not known; take it out. Columns: {', '.join(COLUMNS)}"
            yield Problem(sheet.file, told, 1, column)
    for column in ("kind", "name", "value"):
        if column not in sheet.columns:
            yield Problem(sheet.file, "this column is missing; add it", 1, column)


def _read(reading: _Reading, row: Row) -> None:
    kind = row.cells["kind"]
    if kind not in KINDS:
        told = f"{kind!r} is no kind of row. Kinds: {', '.join(KINDS)}" if kind else "say here what this row holds"
        reading.refuse(row, "kind", told)
        return
    before = len(reading.problems)
    known = {column.rstrip("?") for column in KINDS[kind]} | {"kind"}
    for column, cell in row.cells.items():
        if cell and column.partition("::")[0] not in known:
            reading.refuse(row, column, f"a row of the kind {kind} does not use this; empty it", cell)
    for column in KINDS[kind]:
        if not column.endswith("?") and not row.cells.get(column):
            reading.refuse(row, column, f"a row of the kind {kind} needs this; fill it in")
    if len(reading.problems) == before:
        READERS[kind](reading, row)


def _setting(reading: _Reading, row: Row) -> None:
    name = row.cells["name"]
    if name in IN_SETTINGS:
        reading.refuse(row, "name", f"write this in the sheet settings, column {IN_SETTINGS[name]}", name)
    elif name in ELSEWHERE:
        reading.refuse(row, "name", "this has rows of its own kind, or is in the survey; take this row out", name)
    elif name not in SETTINGS:
        known = ", ".join(one for one in SETTINGS if one not in ELSEWHERE)
        reading.refuse(row, "name", f"there is no setting of this name. Settings: {known}", name)
    elif reading.stands(row, name, "value"):
        is_spoken = SETTINGS[name] is Words
        reading.told[name] = _spoken(reading, row, "value") if is_spoken else _one(reading, row, SETTINGS[name])


def _brackets(reading: _Reading, row: Row) -> None:
    if reading.stands(row, f"fill_in.{row.cells['name']}", "value"):
        reading.told["fill_in"][row.cells["name"]] = _spoken(reading, row, "value")


def _words(kind: str) -> Callable[[_Reading, Row], None]:
    def read(reading: _Reading, row: Row) -> None:
        if reading.stands(row, f"{kind}.{row.cells['name']}", "value"):
            reading.told[kind][row.cells["name"]] = _one(reading, row, str)

    return read


def _of_shape(kind: str, told: Shape | None) -> Callable[[_Reading, Row], None]:
    shape = told and {name.rstrip("?"): of_kind for name, of_kind in told.items()}

    def read(reading: _Reading, row: Row) -> None:
        name = row.cells["name"]
        if shape is not None and name not in shape:
            reading.refuse(row, "name", f"there is no {kind} of this name. Known: {', '.join(shape)}", name)
        elif reading.stands(row, f"{kind}.{name}", "value"):
            reading.told[kind][name] = _one(reading, row, shape[name] if shape else int)

    return read


def _group(reading: _Reading, row: Row) -> None:
    if reading.stands(row, f"groups.{row.cells['name']}", "name"):
        ages = {name.rstrip("?") for name in GROUP if name.endswith("?") and row.cells.get(name.rstrip("?"))}
        told = {name: _value(reading, row, name, int) for name in sorted(ages)}
        reading.told["groups"].append({"name": row.cells["name"], "title": _spoken(reading, row, "title")} | told)


def _scale(reading: _Reading, row: Row) -> None:
    if reading.stands(row, f"scales.{row.cells['name']}", "name"):
        told = {name: row.cells[name] for name in ("name", "group", "direction", "parent") if row.cells.get(name)}
        answered = _value(reading, row, "minimum_answered", int)
        reading.told["scales"].append(told | {"title": _spoken(reading, row, "title"), "minimum_answered": answered})


def _level(reading: _Reading, row: Row) -> None:
    name = row.cells["name"]
    levels = reading.levels.setdefault(name, {})
    reading.places.setdefault(f"hierarchies.{name}", (reading.sheet.file, row.number, "name"))
    if row.cells.get("level"):
        number = _value(reading, row, "level", int)
        if reading.stands(row, f"hierarchies.{name}.{number}", "level"):
            told = {key: row.cells[key] for key in ("rule", "source") if row.cells.get(key)}
            levels.setdefault(number, {}).update(told)


def _category(reading: _Reading, row: Row) -> None:
    name, number = row.cells["name"], _value(reading, row, "level", int)
    level = reading.levels.setdefault(name, {}).setdefault(number, {})
    for setting in (f"hierarchies.{name}", f"hierarchies.{name}.{number}"):
        reading.places.setdefault(setting, (reading.sheet.file, row.number, "level"))
    if reading.stands(row, f"hierarchies.{name}.{number}.{row.cells['code']}", "code"):
        told = {"code": row.cells["code"], "label": _spoken(reading, row, "title"), "members": row.cells["members"]}
        level.setdefault("categories", []).append(told)


READERS: Mapping[str, Callable[[_Reading, Row], None]] = {
    "setting": _setting,
    "fill_in": _brackets,
    "switched_on": _words("switched_on"),
    "legal_hold": _words("legal_hold"),
    "quota": _of_shape("quotas", None),
    "retention": _of_shape("retention", RETENTION),
    "release": _of_shape("release", RELEASE),
    "group": _group,
    "scale": _scale,
    "level": _level,
    "category": _category,
}


def _spoken(reading: _Reading, row: Row, kind: str) -> Spoken:
    """The words in the first language, or in every language that has some, by its code."""
    return _in_columns(row, kind, _first_language(reading.sheet), row.cells.get(kind, ""))


def _in_columns(row: Row, kind: str, first: str, own: str) -> Spoken:
    told = {column.partition("::"): cell for column, cell in row.cells.items() if cell}
    spoken = {LANGUAGE.fullmatch(language): cell for (column, _, language), cell in told.items() if column == kind}
    others = {found.group(1): cell for found, cell in spoken.items() if found}
    return {**others, **({first: own} if own or first not in others else {})} if others else own


def _one(reading: _Reading, row: Row, kind: type) -> Any:
    """A value that is the same in every language."""
    for column, cell in row.cells.items():
        if cell and column.startswith("value::"):
            reading.refuse(row, column, ONE_VALUE, cell)
    return _value(reading, row, "value", kind)


def _first_language(sheet: Sheet) -> str:
    told = (row.cells["value"] for row in sheet.rows if (row.cells["kind"], row.cells["name"]) == LANGUAGES)
    return next(iter(next(told, "").split()), "en")


def _value(reading: _Reading, row: Row, column: str, kind: type) -> Any:
    cell = row.cells[column]
    if kind is list:
        return cell.split()
    if kind is int and not NUMBER.fullmatch(cell):
        reading.refuse(row, column, "this must be a whole number; write one such as 5", cell)
        return 0
    if kind is bool and cell.lower() not in TRUTHS:
        reading.refuse(row, column, "write yes or no", cell)
        return False
    return int(cell) if kind is int else TRUTHS[cell.lower()] if kind is bool else cell


def _join_levels(reading: _Reading) -> None:
    for name, levels in reading.levels.items():
        numbers = sorted(levels)
        if numbers != list(range(1, len(numbers) + 1)):
            file, row, _ = reading.places[f"hierarchies.{name}"]
            told = f"the levels of {name} are numbered 1, 2 and so on, without a gap"
            reading.problems.append(Problem(file, told, row, "level"))
        reading.told["hierarchies"][name] = [levels[number] for number in numbers]


def _read_head(reading: _Reading, book: Workbook) -> None:
    """What XLSForm's own sheet of settings says: id, title and version."""
    settings = book.get("settings")
    row = settings.rows[0] if settings and settings.rows else None
    for name, column in IN_SETTINGS.items():
        cell = row.cells.get(column, "") if row else ""
        file, number = (settings.file, row.number) if settings and row else (reading.sheet.file, None)
        reading.places[name] = (file, number, column)
        reading.told[name] = (
            _in_columns(row, "title_in", _first_language(reading.sheet), cell) if row and name == "title" else cell
        )
        if not cell:
            told = f"the study's {name} is missing; write it in the sheet settings, column {column}"
            reading.problems.append(Problem(file, told, number, column))


def _add_defaults(reading: _Reading, defaults: Mapping[str, Any]) -> None:
    told = reading.told
    told |= MAY_LACK | {"neutral_title": told["title"]} | told
    for name in ("retention", "release"):
        told[name] = {**defaults[name], **told[name]}
    for name in SETTINGS:
        if name not in told and name not in ELSEWHERE:
            problem = f"the setting {name!r} is missing; add a row of the kind setting"
            reading.problems.append(Problem(reading.sheet.file, problem))
