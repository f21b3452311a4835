"""The people of a release as a table of codes, at any levels of coarsening. Refuses what has no declared privacy.

One release holds records of several versions of a study. A variable is described as the newest version has it; each
record is protected as the version says under which it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from errors import ReleaseError
from instruments.codebook import variables
from instruments.model import Instrument, Item, Text
from privacy.disclosure.classes import Levels
from privacy.disclosure.counting import Numbers, coded, combined, dense, firsts
from privacy.disclosure.ladder import Ladder, ladder_of
from release.coarsening import coarse, sources_of
from release.columns import WITHHELD as WITHHELD
from release.columns import Column as Column

Places = npt.NDArray[np.int64]  # of people in a frame
RELEASED = ("quasi", "sensitive", "ordinary")
# An interviewer is known to the team alone: study.md section 6.
NOT_ARCHIVED = ("interviewer_code",)
# Which version a record was answered under, where a study's own sheets do not declare that variable.
FORM_VERSION = Item("form_version", "hidden", Text((("en", "Version of the wording"),)), privacy="ordinary")


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
    undeclared = [name for name, column in found.items() if not _is_declared(column)]
    if undeclared:
        raise ReleaseError(f"No privacy class is declared for: {', '.join(undeclared)}. Nothing was released.")
    return found


def _is_declared(column: Column) -> bool:
    return all(item.privacy in RELEASED + WITHHELD for item in (column.item, *column.versions.values()))


class Table:
    """People by columns. What depends on levels is worked out once for each different value, not for each person."""

    def __init__(self, people: pl.DataFrame, columns: Mapping[str, Column]) -> None:
        self.columns, self.people = columns, people
        self._numbers: dict[str, Numbers] = {}
        self._different: dict[str, tuple[pl.DataFrame, Numbers]] = {}
        self._made: dict[tuple[str, int], pl.Series] = {}

    def frame(self, names: Iterable[str], levels: Levels, rows: Places | None = None) -> pl.DataFrame:
        """The values of these columns at these levels (0 where none is given): of everyone, or of these rows."""
        return pl.DataFrame([self.column(name, levels.get(name, 0), rows) for name in names])

    def column(self, name: str, level: int, rows: Places | None = None) -> pl.Series:
        """The value of one column at one level, of everyone or of these rows; no value is null."""
        if not level and not self.columns[name].stored:
            made = coarse(self.people, self.columns[name], 0)
            return made if rows is None else made.gather(rows)
        _, which = self._known(name)
        return self._at(name, level).gather(which if rows is None else which[rows])

    def ladder(self, name: str, levels: Sequence[int]) -> Ladder:
        """One variable at these levels, as the search for the best levels takes it."""
        _, which = self._known(name)
        return ladder_of(which, [self._at(name, level) for level in levels])

    def _at(self, name: str, level: int) -> pl.Series:
        """What becomes of each different value at this level."""
        if (name, level) not in self._made:
            self._made[name, level] = coarse(self._known(name)[0], self.columns[name], level)
        return self._made[name, level]

    def _known(self, name: str) -> tuple[pl.DataFrame, Numbers]:
        """A row of each different value with what its levels follow from, and which of them each person has."""
        if name not in self._different:
            sources = sources_of(self.people, self.columns[name])
            key, size = dense(*combined([self._number(one) for one in sources], self.people.height))
            rows = self.people.select(sources)[firsts(key, size)]
            self._different[name] = rows, key.astype(np.int32)
        return self._different[name]

    def _number(self, name: str) -> Numbers:
        if name not in self._numbers:
            self._numbers[name] = coded(self.people[name])
        return self._numbers[name]
