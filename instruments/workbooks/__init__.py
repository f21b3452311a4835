"""Read the sheets of one XLSForm, in every kind of file that a research team has it in, into plain cells.

Writes nothing, runs nothing, follows no link. Whatever the bytes, it gives sheets or an InstrumentError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from errors import InstrumentError, Problem
from instruments.reading.sheets import Sheet, problems_in
from instruments.reading.vocabulary import CLASSES, NEEDED, SHEETS
from instruments.workbooks.cells import Wrong, cleaned
from instruments.workbooks.refusals import MACROS, check_size, refused, shown_name
from instruments.workbooks.table import make_sheet
from instruments.workbooks.texts import csv_lines, csv_sheets, markdown_sheets
from instruments.workbooks.xls import xls_sheets
from instruments.workbooks.xlsx import Lines, xlsx_sheets

READ = ("survey", "choices", "settings", "amanah")
NOT_SUPPORTED = {"external_choices", "entities", "osm"}  # they change what a form asks, so they cannot be left out
MOST_SHEETS = 100
KINDS: dict[str, Callable[[str, bytes], list[tuple[str, Lines]]]] = {
    ".xlsx": xlsx_sheets,
    ".xls": xls_sheets,
    ".csv": csv_sheets,
    ".md": markdown_sheets,
    ".txt": markdown_sheets,
}


class Workbook(dict[str, Sheet]):
    """The sheets of one form by name, and what was left out of it, as warnings."""

    def __init__(self, sheets: dict[str, Sheet], warnings: tuple[Problem, ...]) -> None:
        super().__init__(sheets)
        self.warnings = warnings


def read_workbook(path: Path) -> Workbook:
    """The sheets of the form in this file, or in this folder of CSV files. Raises InstrumentError."""
    file = shown_name(path.name)
    if path.is_dir():
        return _read_folder(file, path)
    return read_bytes(path.name, _bytes_of(file, path))


def read_bytes(name: str, data: bytes) -> Workbook:
    """The sheets of the form in an uploaded file of this name. Raises InstrumentError."""
    file = shown_name(name)
    check_size(file, len(data))
    kind = PurePath(file).suffix.lower()
    if kind in (".xlsm", ".xltm", ".xlam"):
        raise refused(file, MACROS)
    if kind not in KINDS:
        raise refused(file, f"this kind of file is not supported; save it as one of {', '.join(KINDS)}")
    return _workbook(file, [(f"{file}, sheet {{}}", name, lines) for name, lines in KINDS[kind](file, data)])


def _read_folder(file: str, folder: Path) -> Workbook:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    except OSError:
        raise refused(file, "this folder cannot be read; see that it is there and that you may open it") from None
    sheets = [path for path in found if path.stem != CLASSES]  # instruments/privacy_classes/classes.py reads that one
    return _workbook(file, [_sheet_of(f"{file}/{shown_name(path.name)}", path) for path in sheets])


def _sheet_of(file: str, path: Path) -> tuple[str, str, Lines]:
    return file, path.stem, lambda: csv_lines(file, _bytes_of(file, path))


def _bytes_of(file: str, path: Path) -> bytes:
    try:
        if not path.is_file():
            raise refused(file, "there is no such file; see that its name is right")
        check_size(file, path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError):
        raise refused(file, "this file cannot be read; see that it is there and that you may open it") from None


def _workbook(file: str, told: Sequence[tuple[str, str, Lines]]) -> Workbook:
    if len(told) > MOST_SHEETS:
        raise refused(file, f"a form may have {MOST_SHEETS} sheets; take out those that are not used")
    sheets: dict[str, Sheet] = {}
    found = tuple(problem for place, name, lines in told for problem in _add(sheets, place, name, lines))
    if "survey" not in sheets:
        found += (Problem(file, "there is no sheet survey; give this name to the sheet with the questions"),)
    if any(not problem.is_warning for problem in found):
        raise InstrumentError((*found, *_in_other_rows(sheets, found)))
    return Workbook(sheets, found)


def _in_other_rows(sheets: Mapping[str, Sheet], found: Sequence[Problem]) -> Iterator[Problem]:
    """What is wrong with the rows of which nothing was said yet: a cell that cannot be read hides no other."""
    said = {(problem.file, problem.row) for problem in found}
    for name in [name for name in SHEETS if name in sheets]:
        sheet = sheets[name]
        is_cut = {(sheet.file, None), (sheet.file, 1)} & said or not set(NEEDED[name]) <= set(sheet.columns)
        rest = () if is_cut else problems_in(name, sheet)
        # A cell without a heading makes a column, of which enough was said.
        yield from (one for one in rest if one.row != 1 and (one.file, one.row) not in said)


def _add(sheets: dict[str, Sheet], place: str, told: str, lines: Lines) -> tuple[Problem, ...]:
    clean = cleaned(told)
    name = told if isinstance(clean, Wrong) else clean.lower()
    file = place.format(shown_name(name))
    if name in sheets:
        return (Problem(file, "two sheets have this name; give one of them another"),)
    if name in NOT_SUPPORTED:
        return (Problem(file, "this sheet is not supported; take it out, and what refers to it"),)
    if name not in READ:
        return (Problem(file, f"this sheet is not read; only {', '.join(READ)} are", is_warning=True),)
    sheets[name] = Sheet(file, (), ())
    try:
        sheets[name], problems = make_sheet(file, name, lines())
    except InstrumentError as error:
        return error.problems
    if name == "survey" and not sheets[name].columns and not problems:
        return (Problem(file, "this sheet is empty; its first row names the columns"),)
    return problems
