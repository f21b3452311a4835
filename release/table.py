"""The people of a release as a table of codes, at any levels of coarsening. Refuses what has no declared privacy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from errors import ReleaseError
from instruments.codebook import variables
from instruments.hierarchies import coarsen
from instruments.model import NOT_APPLICABLE, Answers, Hierarchy, Instrument, Item, Value
from privacy.disclosure import Levels
from release.person import Person

RELEASED = ("quasi", "sensitive", "ordinary")
WITHHELD = ("direct", "open")  # open text waits for a person's review
# An interviewer is known to the team alone: study.md section 6.
NOT_ARCHIVED = ("interviewer_code",)


@dataclass(frozen=True)
class Column:
    """One variable, with its hierarchy in the version of the study it comes from."""

    item: Item
    hierarchy: Hierarchy | None

    @property
    def highest(self) -> int:
        """Its coarsest level."""
        return len(self.hierarchy.levels) if self.hierarchy else 0

    @property
    def stored(self) -> int:
        """The level at which it was stored; no release can be finer."""
        return self.item.stored_level if self.hierarchy else 0


def columns_of(versions: Iterable[Instrument], groups: Sequence[str]) -> dict[str, Column]:
    """Every variable of these groups in these versions of a study, the first version's first.

    Raises ReleaseError for a variable whose privacy class is none that is known: what nobody declared is not released.
    """
    found: dict[str, Column] = {}
    for version in versions:
        ours = [group for group in groups if group in {one.name for one in version.groups}]
        for item in variables(version, ours):
            hierarchy = version.hierarchy(item.hierarchy) if item.hierarchy else None
            found.setdefault(item.name, Column(item, hierarchy))
    undeclared = [name for name, column in found.items() if column.item.privacy not in RELEASED + WITHHELD]
    if undeclared:
        raise ReleaseError(f"No privacy class is declared for: {', '.join(undeclared)}. Nothing was released.")
    return found


class Table:
    """People by columns. Each column is made once at each level that is looked at."""

    def __init__(self, people: Sequence[Person], columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self.people: list[Answers] = [_flat(person) for person in people]
        self._made: dict[tuple[str, int], list[Value]] = {}

    def rows(self, names: Iterable[str], levels: Levels) -> list[tuple[Value, ...]]:
        """Everyone's values of these columns at these levels (0 where none is given)."""
        made = [self.column(name, levels.get(name, 0)) for name in names]
        return list(zip(*made, strict=True)) if made else [() for _ in self.people]

    def column(self, name: str, level: int) -> list[Value]:
        """Everyone's value of one column at one level."""
        if (name, level) not in self._made:
            hierarchy = self.columns[name].hierarchy
            self._made[name, level] = [_at(hierarchy, level, name, answers) for answers in self.people]
        return self._made[name, level]


def _at(hierarchy: Hierarchy | None, level: int, name: str, answers: Answers) -> Value:
    value = answers.get(name, NOT_APPLICABLE)
    if hierarchy is None or not level or name not in answers:
        return value
    return coarsen(hierarchy, level, value, answers)


def _flat(person: Person) -> Answers:
    return {"respondent_group": person.group, **person.recorded, **person.answers}
