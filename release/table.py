"""The people of a release as a table of codes, at any levels of coarsening. Refuses what has no declared privacy.

One release holds records of several versions of a study. A variable is described as the newest version has it; each
record is protected as the version says under which it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from errors import ReleaseError
from instruments.codebook import variables
from instruments.hierarchies import coarsen
from instruments.model import (
    NOT_APPLICABLE,
    NOT_IN_VERSION,
    REMOVED,
    Answers,
    Hierarchy,
    Instrument,
    Item,
    Text,
    Value,
)
from privacy.disclosure import Levels
from release.person import Person

RELEASED = ("quasi", "sensitive", "ordinary")
WITHHELD = ("direct", "open")  # open text waits for a person's review
# An interviewer is known to the team alone: study.md section 6.
NOT_ARCHIVED = ("interviewer_code",)
# Which version a record was answered under, where a study's own sheets do not declare that variable.
FORM_VERSION = Item("form_version", "hidden", Text((("en", "Version of the wording"),)), privacy="ordinary")


@dataclass(frozen=True)
class Column:
    """One variable, with its hierarchy in the newest version of the study that has it.

    `versions`: the item in each version that has it, by digest, the newest first. `asked`: the digests of versions
    with the groups of which each asks it.
    """

    item: Item
    hierarchy: Hierarchy | None
    versions: Mapping[str, Item] = field(default_factory=dict)
    asked: frozenset[tuple[str, str]] = frozenset()

    @property
    def asked_of(self) -> frozenset[str]:
        """The groups of which any version asks it."""
        return frozenset(group for _, group in self.asked)

    @property
    def highest(self) -> int:
        """Its coarsest level."""
        return len(self.hierarchy.levels) if self.hierarchy else 0

    @property
    def stored(self) -> int:
        """The coarsest level at which any version stored it; no release can be finer for anybody."""
        stored = (item.stored_level for item in self.versions.values() if item.hierarchy)
        return min(max(stored, default=0), self.highest)

    @property
    def is_known_to_others(self) -> bool:
        """Whether any version says that others could know it."""
        return any(item.privacy == "quasi" for item in (self.item, *self.versions.values()))

    def is_withheld_for(self, version: str) -> bool:
        """Whether the version promised that it is not released: a later version's class does not change that."""
        return version in self.versions and self.versions[version].privacy in WITHHELD


def columns_of(versions: Sequence[Instrument], groups: Sequence[str]) -> dict[str, Column]:
    """Every variable of these groups in these versions of a study, the first version's first.

    Raises ReleaseError for a variable whose privacy class is none that is known: what nobody declared is not released.
    """
    found: dict[str, Column] = {}
    for version in versions:
        ours = [group for group in groups if group in {one.name for one in version.groups}]
        asked = {group: {item.name for item in version.research_items(group)} for group in ours}
        for item in variables(version, ours):
            hierarchy = version.hierarchy(item.hierarchy) if item.hierarchy else None
            column = found.setdefault(item.name, Column(item, hierarchy))
            more = {(version.digest, group) for group in ours if item.name in asked[group]}
            others = {**column.versions, version.digest: item}
            found[item.name] = replace(column, versions=others, asked=column.asked | more)
    if len(versions) > 1:
        found.setdefault(FORM_VERSION.name, Column(FORM_VERSION, None))
    undeclared = [name for name, column in found.items() if column.item.privacy not in RELEASED + WITHHELD]
    if undeclared:
        raise ReleaseError(f"No privacy class is declared for: {', '.join(undeclared)}. Nothing was released.")
    return found


class Table:
    """People by columns. Each column is made once at each level that is looked at."""

    def __init__(self, people: Sequence[Person], columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self.people: list[tuple[Person, Answers]] = [(person, _flat(person)) for person in people]
        self._made: dict[tuple[str, int], list[Value]] = {}

    def rows(self, names: Iterable[str], levels: Levels) -> list[tuple[Value, ...]]:
        """Everyone's values of these columns at these levels (0 where none is given)."""
        made = [self.column(name, levels.get(name, 0)) for name in names]
        return list(zip(*made, strict=True)) if made else [() for _ in self.people]

    def column(self, name: str, level: int) -> list[Value]:
        """Everyone's value of one column at one level."""
        if (name, level) not in self._made:
            column, asked_of = self.columns[name], self.columns[name].asked_of
            made = [_at(column, asked_of, level, person, answers) for person, answers in self.people]
            self._made[name, level] = made
        return self._made[name, level]


def _at(column: Column, asked_of: frozenset[str], level: int, person: Person, answers: Answers) -> Value:
    name = column.item.name
    if name not in answers:
        # Routed past, or of another group; or the version did not have it, which says nothing about the person.
        return NOT_IN_VERSION if person.group in asked_of else NOT_APPLICABLE
    if column.is_withheld_for(person.instrument):
        return REMOVED
    own = column.versions.get(person.instrument, column.item).stored_level
    # Where other versions stored it coarser, nobody's value may stand out as finer.
    needed = max(level, column.stored) if own < column.stored else level
    return coarsen(column.hierarchy, needed, answers[name], answers) if column.hierarchy else answers[name]


def _flat(person: Person) -> Answers:
    return {"respondent_group": person.group, **person.recorded, **person.answers}
