"""The questions and calculations of one form with the words that each is asked in, for rules that read words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from instruments.model import SAID_ASIDE
from instruments.numbers import plain_decimal
from instruments.privacy_classes.classes import variables_in
from instruments.privacy_classes.naming_words import NOT_WANTED
from instruments.privacy_classes.wording import Spoken, sentences, spoken
from instruments.reading.sheets import Row, Sheet
from instruments.reading.vocabulary import CLOSED, LANGUAGE, asked

Cells = Mapping[str, str]
Lists = dict[str, list[tuple[Spoken, ...]]]  # the words of each choice


@dataclass(frozen=True)
class Question:
    """One row. `words`: its name, labels and hints; `wanted`: those without what it asks people not to write.

    `label`: its words in the form's first language. `headings`: the words of the groups around it. `choices`: those
    of each choice, without what is said aside. `steps`: of a range, else 0.
    """

    name: str
    kind: str
    label: str
    words: tuple[Spoken, ...]
    wanted: tuple[Spoken, ...]
    headings: tuple[Spoken, ...]
    choices: tuple[tuple[Spoken, ...], ...]
    steps: int
    cells: Cells = field(repr=False)

    @property
    def is_closed(self) -> bool:
        """Whether one chooses from a list."""
        return self.kind in CLOSED


def questions_in(sheets: Mapping[str, Sheet]) -> Iterator[Question]:
    """Every question and calculation of a form, in order."""
    lists = _lists(sheets)
    variables = {id(row) for row in variables_in(sheets["survey"])}
    headings: list[tuple[Spoken, ...]] = []
    for row in sheets["survey"].rows:
        kind = row.cells.get("type", "").replace(" ", "_")
        if kind.startswith("begin"):
            headings.append(_spoken(row.cells, ("label",)))
        elif kind.startswith("end") and headings:
            headings.pop()
        elif id(row) in variables:
            yield _question(row, lists, tuple(said for heading in headings for said in heading))


def _question(row: Row, lists: Lists, headings: tuple[Spoken, ...]) -> Question:
    found = asked(row.cells["type"])
    kind, choices = (found.kind, found.choices) if found else ("", "")
    label = next((cell for column, cell in row.cells.items() if cell and _kind(column) == "label"), "")
    name = spoken("", row.cells["name"])
    return Question(
        name=row.cells["name"],
        kind=kind,
        label=label,
        words=(name, *_spoken(row.cells, ("label", "hint"))),
        wanted=(name, *_wanted(row.cells)),
        headings=headings,
        choices=tuple(lists.get(choices, ())),
        steps=_steps(row.cells.get("parameters", "")) if kind == "range" else 0,
        cells=row.cells,
    )


def _lists(sheets: Mapping[str, Sheet]) -> Lists:
    lists: Lists = {}
    for row in sheets["choices"].rows if "choices" in sheets else ():
        if row.cells.get("name") not in SAID_ASIDE:
            lists.setdefault(row.cells.get("list_name", ""), []).append(_spoken(row.cells, ("label",)))
    return lists


def _kind(column: str) -> str:
    return column.partition("::")[0]


def _language(column: str) -> str:
    found = LANGUAGE.fullmatch(column.partition("::")[2])
    return found.group(1) if found else ""


def _spoken(cells: Cells, kinds: tuple[str, ...]) -> tuple[Spoken, ...]:
    return tuple(spoken(_language(column), cell) for column, cell in cells.items() if cell and _kind(column) in kinds)


def _wanted(cells: Cells) -> Iterator[Spoken]:
    for column, cell in cells.items():
        if cell and _kind(column) in ("label", "hint"):
            said = (spoken(_language(column), sentence) for sentence in sentences(cell))
            yield from (one for one in said if not NOT_WANTED.places_in(one))


def _steps(parameters: str) -> int:
    """How many numbers a range has to choose from."""
    told = dict(part.partition("=")[::2] for part in parameters.split())
    start, end, step = (plain_decimal(told.get(name, usual)) for name, usual in USUAL)
    if start is None or end is None or step is None or float(step) == 0:
        return 0
    return int((float(end) - float(start)) / float(step)) + 1


USUAL = (("start", "1"), ("end", "10"), ("step", "1"))  # XLSForm's own, where a range does not say
