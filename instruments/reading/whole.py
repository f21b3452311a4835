"""A whole study in one workbook: its survey holds every part of the visit as a group, marked `bind::amanah:part`.

Only the reading of parts stands here; instruments/reading/amanah_sheet.py reads what the study decides beside its
questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from errors import Problem
from instruments.reading.references import in_other_places
from instruments.reading.remarks import remarks_on
from instruments.reading.sheets import Row, Sheet, is_classified
from instruments.reading.vocabulary import OURS, SHEETS, asked
from instruments.reading.xlsform import EMPTY, NONE, Form, Sheets, problems_of_sheets, refuse, rows_of, tree_of_form
from instruments.recordings import Media
from instruments.workbooks import Workbook

PART = OURS + "part"


@dataclass(frozen=True)
class PartRows:
    """One part of the visit: the row of its group, and the rows in it."""

    head: Row
    rows: tuple[Row, ...]

    @property
    def told(self) -> dict[str, str]:
        """The part as `study.toml` would name it."""
        return {"name": self.head.cells[PART], "form": self.head.cells["name"]}


def parts_of(book: Workbook, media: Media = NONE) -> list[PartRows]:
    """The parts of a whole study in order. Raises InstrumentError with every problem of its sheets."""
    sheets = EMPTY | book
    survey = sheets["survey"]
    found = list(problems_of_sheets(sheets, media))
    refuse([*found, *(in_other_places(found, [sheets], set(rows_of(survey.rows))) if found else ())])
    refuse(list(_misplaced(survey)))
    return list(_parts(survey))


def forms_of(book: Workbook, parts: list[PartRows]) -> dict[str, Form]:
    """The form of each part. Raises InstrumentError with what pyxform does not take."""
    sheets: Sheets = {name: (EMPTY | book)[name] for name in SHEETS}
    survey = sheets["survey"]
    tree = tree_of_form("study", sheets, set(rows_of(survey.rows)))
    groups = {child["name"]: child for child in tree["children"]}
    forms = {}
    for number, part in enumerate(parts):
        name, group = part.head.cells["name"], groups[part.head.cells["name"]]
        inner = {**tree, "title": group.get("label") or part.head.cells[PART], "children": group.get("children", [])}
        # What is to be said of the whole workbook is said once.
        said = () if number else book.warnings + remarks_on(sheets)
        forms[name] = Form(name, inner, rows_of(part.rows), survey.file, is_classified(survey), said)
    return forms


def _parts(survey: Sheet) -> Iterator[PartRows]:
    head: Row | None = None
    inside: list[Row] = []
    for depth, row in _depths(survey):
        if depth == 0 and row.cells.get(PART):
            head, inside = row, []
        elif depth == 0 and head is not None:
            yield PartRows(head, tuple(inside))
        else:
            inside.append(row)


def _depths(survey: Sheet) -> Iterator[tuple[int, Row]]:
    """Each row and how many groups are around it; a group's own first and last row stand outside it."""
    depth = 0
    for row in survey.rows:
        found = asked(row.cells["type"])
        kind = found.kind if found else ""
        depth -= kind.startswith("end_")
        yield depth, row
        depth += kind.startswith("begin_")


def _misplaced(survey: Sheet) -> Iterator[Problem]:
    """Rows outside every part, parts inside others, groups that do not end."""
    opened: list[Row] = []
    for row in survey.rows:
        found = asked(row.cells["type"])
        kind = found.kind if found else ""
        if kind.startswith("end_"):
            if not opened:
                yield Problem(survey.file, "this ends a group that has not begun; take it out", row.number, "type")
                return
            opened.pop()
            continue
        if not opened and not row.cells.get(PART):
            told = "in a workbook of a whole study every row stands in the group of a part; begin one above, with"
            yield Problem(survey.file, f"{told} its part here, such as questionnaire", row.number, PART)
        elif opened and row.cells.get(PART):
            yield Problem(survey.file, "a part stands in no other group; end that one above", row.number, PART)
        opened += [row] if kind.startswith("begin_") else []
    if opened:
        yield Problem(survey.file, "this group does not end; add its end_group", opened[-1].number, "type")
