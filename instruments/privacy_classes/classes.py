"""The file beside a form that says how private each of its questions is: read, written, laid over the form's rows.

A form made elsewhere does not say so itself. What the file does not name stays as private as it can be.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast, get_args

from errors import InstrumentError, Problem, SettingsError
from instruments.model import Kept, Privacy
from instruments.reading.sheets import Row, Sheet, is_classified
from instruments.reading.vocabulary import CLASSES, OURS, QUESTIONS, asked
from instruments.workbooks.cells import Line
from instruments.workbooks.refusals import check_size, refused, shown_name
from instruments.workbooks.table import make_sheet
from instruments.workbooks.texts import csv_lines

FORMAT, VERSION = "amanah-classes", 1
COLUMNS = ("name", "privacy", "stored", "special", "hierarchy", "reason")
NEEDED = ("name", "privacy", "stored")
CELLS: Mapping[str, tuple[str, ...]] = {
    "privacy": get_args(Privacy),
    "stored": get_args(Kept),
    "special": ("", "yes", "no"),
}
# What the file decides of a question; a form that has these columns decides it itself.
DECIDED = tuple(OURS + name for name in ("privacy", "stored", "special", "hierarchy"))
FORMULA = "=+-@＝＋－＠ "  # how a cell begins that a spreadsheet would work out
MOST_NAMED = 12  # questions in one warning


@dataclass(frozen=True)
class Decision:
    """What a team decided of one question: its class, where it is kept, and why. `row`: where the file says so."""

    name: str
    privacy: Privacy
    stored: Kept
    special: bool = False
    hierarchy: str = ""
    reason: str = ""
    row: int = field(default=0, compare=False)


def classes_file(form: Path) -> Path:
    """Where the classes of this form stand: beside a file, inside a folder of sheets."""
    return form / f"{CLASSES}.csv" if form.is_dir() else form.with_name(f"{form.stem}.{CLASSES}.csv")


def shown_file(form: Path) -> str:
    """That file as problems name it."""
    inside = f"{shown_name(form.name)}/" if form.is_dir() else ""
    return inside + shown_name(classes_file(form).name)


def read_classes(form: Path) -> tuple[Decision, ...] | None:
    """What stands in the file beside this form, None where there is none. Raises InstrumentError with every problem."""
    path, file = classes_file(form), shown_file(form)
    if not path.exists():
        return None
    try:
        check_size(file, path.stat().st_size)
        data = path.read_bytes()
    except OSError:
        raise refused(file, "this file cannot be read; see that you may open it") from None
    return parse_classes(file, data)


def write_classes(form: Path, decisions: Iterable[Decision]) -> Path:
    """Write the file beside this form, whole or not at all, over an older one. Raises SettingsError."""
    path = classes_file(form)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(classes_csv(decisions))
        os.replace(beside, path)
    except OSError:
        raise SettingsError(f"{path} cannot be written. See that you may write there; nothing was changed.") from None
    return path


def classes_csv(decisions: Iterable[Decision]) -> bytes:
    """The bytes of such a file."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([FORMAT, VERSION])
    writer.writerow(COLUMNS)
    for one in decisions:
        reason = " ".join(one.reason.split()).lstrip(FORMULA)
        writer.writerow([one.name, one.privacy, one.stored, "yes" if one.special else "no", one.hierarchy, reason])
    return sink.getvalue().encode()


def parse_classes(file: str, data: bytes) -> tuple[Decision, ...]:
    """What stands in these bytes. Raises InstrumentError with every problem."""
    lines = csv_lines(file, data)
    _check_version(file, next(lines, Line(1, {})))
    sheet, found = make_sheet(file, CLASSES, lines)
    problems = [*found, *_problems_in(sheet)] if not found else list(found)
    if problems:
        raise InstrumentError(tuple(problems))
    return tuple(map(_decision, sheet.rows))


def variables_in(survey: Sheet) -> list[Row]:
    """The rows that make a variable: what is asked, and what is calculated."""
    kinds = ((row, asked(row.cells.get("type", ""))) for row in survey.rows)
    return [row for row, found in kinds if found and found.kind in QUESTIONS | {"calculate"} and row.cells.get("name")]


def laid_over(survey: Sheet, decisions: Sequence[Decision]) -> Sheet:
    """The rows with what was decided in the cells of `bind::amanah:*`.

    The columns stay as they are: what has no decision is still treated as a form that says nothing of it.
    """
    known = {one.name: one for one in decisions}

    def decided(row: Row) -> Row:
        one = known.get(row.cells.get("name", ""))
        return replace(row, cells={**row.cells, **_cells(one)}) if one else row

    return replace(survey, rows=tuple(map(decided, survey.rows)))


def problems_beside(survey: Sheet, file: str, decisions: Sequence[Decision] | None) -> Iterator[Problem]:
    """What does not fit between a form and the file beside it; a warning for what nobody has decided yet."""
    names = [row.cells["name"] for row in variables_in(survey)]
    if decisions is None:
        if names and not is_classified(survey):
            yield Problem(survey.file, NOT_CLASSIFIED, is_warning=True)
        return
    own = [column for column in DECIDED if column in survey.columns]
    if own:
        told = f"the form says so itself, in {', '.join(own)}; take this file away, or these columns out of the form"
        yield Problem(file, told)
        return
    for one in decisions:
        if one.name not in names:
            told = "there is no such question or calculation in the form; take this row out, or correct the name"
            yield Problem(file, told, one.row, "name", one.name)
    yield from _undecided(file, [name for name in names if name not in {one.name for one in decisions}])


NOT_CLASSIFIED = (
    "this form does not say how private its questions are. Until the team decides, everything is treated as what others"
    " could know about a person, and what people type freely is withheld; run `flask study classify` or use its page"
)


def _undecided(file: str, names: Sequence[str]) -> Iterator[Problem]:
    if names:
        named = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
        told = f"{len(names)} questions have no row here and are treated as what others could know, or as open text"
        yield Problem(file, f"{told}; add a row for each: {named}", is_warning=True)


def _check_version(file: str, line: Line) -> None:
    cells = [str(cell).strip() for cell in line.cells.values() if cell]
    if cells[:1] != [FORMAT]:
        told = f"the first line of this file must be {FORMAT},{VERSION}; write it with `flask study classify --write`"
        raise refused(file, told, ",".join(cells) or None)
    if cells[1:] != [str(VERSION)]:
        told = f"this software reads version {VERSION} of this file; write it again with `flask study classify --write`"
        raise refused(file, told, ",".join(cells))


def _problems_in(sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        if column not in COLUMNS:
            yield Problem(sheet.file, f"this column is not known; take it out. Known: {', '.join(COLUMNS)}", 2, column)
    missing = [column for column in NEEDED if column not in sheet.columns]
    yield from (Problem(sheet.file, "this column is missing; add it", 2, column) for column in missing)
    seen: dict[str, int] = {}
    for row in sheet.rows if not missing else ():
        name = row.cells["name"]
        if not name:
            yield Problem(sheet.file, "there is no name; write that of the question", row.number, "name")
        elif seen.setdefault(name, row.number) != row.number:
            told = f"the name {name!r} stands in row {seen[name]} already; take one out"
            yield Problem(sheet.file, told, row.number, "name")
        yield from _cell_problems(sheet.file, row)


def _cell_problems(file: str, row: Row) -> Iterator[Problem]:
    for column, allowed in CELLS.items():
        cell = row.cells.get(column, "")
        if cell not in allowed:
            told = f"{cell!r} is not one of {', '.join(filter(None, allowed))}; write one of these"
            yield Problem(file, told, row.number, column)
    if (row.cells["privacy"], row.cells["stored"]) == ("direct", "research"):
        told = (
            "what names a person directly is never kept with the answers; write nowhere, and it can be shown in later"
            " questions of the visit"
        )
        yield Problem(file, told, row.number, "stored", "research")


def _decision(row: Row) -> Decision:
    told = row.cells
    return Decision(
        name=told["name"],
        privacy=cast(Privacy, told["privacy"]),
        stored=cast(Kept, told["stored"]),
        special=told.get("special") == "yes",
        hierarchy=told.get("hierarchy", ""),
        reason=told.get("reason", ""),
        row=row.number,
    )


def _cells(one: Decision) -> dict[str, str]:
    told = {"privacy": one.privacy, "stored": one.stored, "special": "yes" if one.special else "no"}
    return {OURS + name: cell for name, cell in (told | {"hierarchy": one.hierarchy}).items()}
