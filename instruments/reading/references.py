"""The expressions of a form that cannot be compiled, each read alone, and the names in them: all is said at once.

Where nothing else is wrong with the sheets this is not needed: whoever compiles a study reads every expression.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from errors import ExpressionError, Problem
from instruments.reading.sheets import Row, Sheet
from instruments.rules.parsing import parse

REFERENCE = re.compile(r"\$\{ *([^} ]+) *\}")
EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "repeat_count")
# Columns whose cells may name other items.
NAMING = (*EXPRESSIONS, "label", "hint", "guidance_hint")


def in_other_places(
    problems: Collection[Problem], forms: Iterable[Mapping[str, Sheet]], known: Collection[str]
) -> list[Problem]:
    """What is wrong with the rows of these forms, in cells that nothing was said of yet."""
    said = {(one.file, one.row, one.column) for one in problems}
    found = (one for sheets in forms for one in _problems_of_rows(sheets, known))
    return [one for one in found if (one.file, one.row, one.column) not in said]


def _problems_of_rows(sheets: Mapping[str, Sheet], known: Collection[str]) -> Iterator[Problem]:
    """Every expression that cannot be read, and every name in a row that is in none of the study's forms."""
    survey, columns = sheets["survey"], _columns(sheets["choices"])
    for row in survey.rows:
        for column, cell in row.cells.items():
            if column in EXPRESSIONS and cell:
                yield from _unreadable(survey, row, column, columns if column == "choice_filter" else ())
            if column.partition("::")[0] in NAMING:
                for name in dict.fromkeys(REFERENCE.findall(cell)):
                    if name not in known:
                        told = f"there is no item {name!r}; see that its name is spelled as in the column name"
                        yield Problem(survey.file, told, row.number, column, cell)


def _unreadable(survey: Sheet, row: Row, column: str, columns: Collection[str]) -> Iterator[Problem]:
    try:
        parse(row.cells[column], columns)
    except ExpressionError as error:
        yield from (Problem(survey.file, found.message, row.number, column) for found in error.problems)


def _columns(choices: Sheet) -> set[str]:
    return {column for column in choices.columns if not column.startswith("label") and column != "list_name"}
