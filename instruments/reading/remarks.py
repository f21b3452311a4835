"""What a person should look at in the sheets of a form, and what is not read of them: warnings. Refuses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from errors import ExpressionError, Problem
from instruments.expressions import holds, names, parse
from instruments.model import SAID_ASIDE, Tree
from instruments.reading.references import REFERENCE
from instruments.reading.sheets import NOTHING, Row, Sheet
from instruments.reading.translations import translation_remarks
from instruments.reading.vocabulary import ELSEWHERE, GROUPING, OURS, SHEETS, TOGETHER, asked, is_unread
from instruments.rules.bounds import all_that_must_hold

# Words with signs that other software turns into bold, headings or links.
STYLED = re.compile(
    r"(?m)\*\*[^*]+\*\*|__[^_]+__|(?<!\w)\*[^*\s][^*]*\*(?!\w)|(?<!\w)_[^_\s][^_]*_(?!\w)|^#{1,6} |\[[^\]]+\]\([^)]+\)"
    r"|</?[A-Za-z][^<>]*>"
)
WORDS = ("label", "hint", "guidance_hint")


def remarks_on(sheets: Mapping[str, Sheet]) -> tuple[Problem, ...]:
    """Every warning of these sheets."""
    found = [one for name in SHEETS for one in (*_unread(sheets[name]), *_styled(sheets[name]))]
    for row in sheets["survey"].rows:
        found += (*_looks(sheets["survey"], row), *_below_zero(sheets["survey"], row))
    return tuple((*found, *_unused(sheets), *translation_remarks(sheets)))


def _looks(sheet: Sheet, row: Row) -> Iterator[Problem]:
    """What a row asks for that changes only how a question looks, and that is not done here."""
    for look in sorted(ELSEWHERE & set(row.cells.get("appearance", "").split())):
        told = f"the appearance {look!r} is not used; the question looks as every one of its kind"
        if look in TOGETHER and (asked(row.cells["type"]) or NOTHING).kind in GROUPING:
            told = f"the appearance {look!r} is not used; the questions stay on one page, one below the other"
        yield Problem(sheet.file, told, row.number, "appearance", is_warning=True)


def _unread(sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        if is_unread(column) and any(row.cells[column] for row in sheet.rows):
            told = "this column is not read; it changes no question"
            yield Problem(sheet.file, told, 1, column, is_warning=True)


def _styled(sheet: Sheet) -> Iterator[Problem]:
    for row in sheet.rows:
        for column, cell in row.cells.items():
            found = STYLED.search(REFERENCE.sub("", cell)) if column.partition("::")[0] in WORDS else None
            if found:
                told = "words are shown as they are written, with the signs for bold, links and the like; take them out"
                yield Problem(sheet.file, told, row.number, column, found.group().strip(), is_warning=True)


def _below_zero(sheet: Sheet, row: Row) -> Iterator[Problem]:
    """A constraint that lets numbers below zero pass, which nobody can type."""
    cell = row.cells.get("constraint", "")
    if (asked(row.cells["type"]) or NOTHING).kind not in ("integer", "decimal") or not cell:
        return
    try:
        rules = [rule for rule in all_that_must_hold(parse(cell)) if not names(rule)]
    except ExpressionError:
        return  # it is refused elsewhere
    aside = set(map(int, SAID_ASIDE)) if row.cells.get(OURS + "aside") else set()
    near = [number + by for by in (0, -1, 1) for rule in rules for number in _numbers(rule)]
    below = [number for number in near if number < 0 and number not in aside]
    passing = [number for number in below if all(holds(rule, {}, number) for rule in rules)]
    if passing:
        told = f"an answer is a number from 0, so people cannot type {passing[0]}, which this lets pass"
        told += "; ask how far below zero in a question of its own, or offer choices"
        yield Problem(sheet.file, told, row.number, "constraint", cell, is_warning=True)


def _numbers(tree: Tree) -> Iterator[int]:
    """The whole numbers in an expression, those below zero too."""
    is_below = tree[0] == "neg"
    told = tree[1] if is_below else tree
    if told[0] == "number" and isinstance(told[1], int):
        yield -told[1] if is_below else told[1]
        return
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from _numbers(part)


def _unused(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Lists of choices that no question offers."""
    survey = sheets["survey"].rows
    used = {(asked(row.cells["type"]) or NOTHING).choices for row in survey}
    used |= {row.cells.get(OURS + "aside", "") for row in survey}
    rows = {row.cells["list_name"]: row.number for row in reversed(sheets["choices"].rows)}
    for name, number in sorted(rows.items(), key=lambda pair: pair[1]):
        if name and name not in used:
            told = f"no question offers the list {name!r}; take it out, or name it in the type of a question"
            yield Problem(sheets["choices"].file, told, number, "list_name", is_warning=True)
