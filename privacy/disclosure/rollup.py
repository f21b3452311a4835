"""How many people have each combination at a node of the lattice, counted from the coarsest finer count at hand.

Pure; keeps counts in memory only. A coarse table is small: most nodes are counted from a few hundred rows, not from
all people. Where a level does not follow from the one before it, people who differ at a coarser one are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privacy.disclosure.counting import Keys, Numbers, added, combined, dense, firsts, grouped
from privacy.disclosure.ladder import Ladder

Levels = tuple[int, ...]
MOST_TABLES, MOST_ROWS = 256, 1_500_000  # counts that are kept, and their rows: about 100 MB
EACH_LOOK = 5_000  # rows that could be counted in the time that a look takes beside its rows


@dataclass(frozen=True)
class Told:
    """A node's table: of each row, the class it falls into (below `size`), how many people it is, what they answered.

    Several rows can be of one class.
    """

    classes: Keys
    size: int
    people: Keys
    answers: tuple[Numbers, ...]


@dataclass(frozen=True)
class _Table:
    """People counted by combination of numbers at these levels."""

    levels: Levels
    numbers: tuple[Numbers, ...]
    people: Keys


@dataclass(frozen=True)
class _Level:
    """What a number of the level before becomes here, and what is told of a number here.

    `values`: how many numbers there are. `is_plain`: whether no two of them are told as the same.
    """

    from_before: Numbers
    told: Numbers
    values: int
    is_plain: bool


class Rollup:
    """The counts of one table of people, by their variables and `answers` that are never made coarser."""

    def __init__(self, ladders: Sequence[Ladder], starts: Levels, people: int, answers: Sequence[Numbers] = ()) -> None:
        self.looked_at, self.work = 0, 0
        self._starts = starts
        self._chains = tuple(_chain(one, start) for one, start in zip(ladders, starts, strict=True))
        # An answer that nobody was asked for is -1; numbers are from 0.
        self._answers = tuple(int(one.max(initial=-1)) + 2 for one in answers)
        mine = [one.refined(start)[one.which] for one, start in zip(ladders, starts, strict=True)]
        numbers = (*mine, *(one + np.int32(1) for one in answers))
        key, size = dense(*combined(numbers, people))
        self.row_of, rows = key.astype(np.int32), firsts(key, size)
        counted = added(key, np.ones(people, np.int64), size)
        self._tables = [_Table(starts, tuple(one[rows] for one in numbers), counted)]
        self._where = np.array([starts], dtype=np.int16)

    def values(self, place: int, level: int) -> int:
        """How many different values a variable has at a level, at the most."""
        return self._level(place, level).values

    def sizes(self, levels: Levels) -> Keys:
        """The size of each class at these levels, counted from the smallest table that tells."""
        raised, rows, people = self._counted(levels)
        if all(self._level(place, level).is_plain for place, level in enumerate(levels)):
            return people
        told = self._told(_Table(levels, tuple(one[rows] for one in raised.numbers), people))
        return grouped(told.classes, told.size, told.people)[1]

    def told(self, levels: Levels) -> Told:
        """Everybody at these levels, with what they answered."""
        raised, rows, people = self._counted(levels)
        return self._told(_Table(levels, tuple(one[rows] for one in raised.numbers), people))

    def everybody(self, levels: Levels) -> Told:
        """The same, a row for each of the finest combinations, which is what `row_of` tells of each person."""
        return self._told(self._raised(self._tables[0], levels))

    def _told(self, table: _Table) -> Told:
        each = [self._level(place, level) for place, level in enumerate(table.levels)]
        told = [one if step.is_plain else step.told[one] for step, one in zip(each, table.numbers, strict=False)]
        classes, size = dense(*combined(told, len(table.people), [step.values for step in each]))
        return Told(classes, size, table.people, tuple(one - np.int32(1) for one in table.numbers[len(each) :]))

    def _smallest(self, levels: Levels) -> _Table:
        finer = np.flatnonzero((self._where <= np.array(levels, dtype=np.int16)).all(axis=1))
        table = min((self._tables[place] for place in finer), key=lambda one: len(one.people))
        self.looked_at += 1
        self.work += len(table.people) + EACH_LOOK
        return table

    def _counted(self, levels: Levels) -> tuple[_Table, Keys, Keys]:
        """A table at these levels, a row of each combination in it, and how many people that is.

        It is kept where it is much smaller than what it was counted from.
        """
        table = self._smallest(levels)
        raised = self._raised(table, levels)
        rows, people = grouped(*combined(raised.numbers, len(raised.people), self._values(levels)), raised.people)
        if len(rows) * 2 <= len(raised.people):
            self._keep(_Table(levels, tuple(one[rows] for one in raised.numbers), people))
        return raised, rows, people

    def _raised(self, table: _Table, levels: Levels) -> _Table:
        raised = (
            self._up(place, one, table.levels[place], level)
            for place, (one, level) in enumerate(zip(table.numbers, levels, strict=False))
        )
        return _Table(levels, (*raised, *table.numbers[len(levels) :]), table.people)

    def _up(self, place: int, numbers: Numbers, start: int, end: int) -> Numbers:
        if start == end:
            return numbers
        along = self._level(place, start + 1).from_before
        for level in range(start + 2, end + 1):
            along = self._level(place, level).from_before[along]
        return along[numbers]

    def _values(self, levels: Levels) -> list[int]:
        return [*(self.values(place, level) for place, level in enumerate(levels)), *self._answers]

    def _level(self, place: int, level: int) -> _Level:
        return self._chains[place][level - self._starts[place]]

    def _keep(self, table: _Table) -> None:
        self._tables.append(table)
        # The first is of everybody; of the rest the oldest go.
        while len(self._tables) > MOST_TABLES or sum(len(one.people) for one in self._tables[1:]) > MOST_ROWS:
            del self._tables[1]
        self._where = np.array([one.levels for one in self._tables], dtype=np.int16)


def _chain(ladder: Ladder, start: int) -> tuple[_Level, ...]:
    """The levels from this one on, each number's following from the one before."""
    found, before = [], ladder.refined(start)
    for level in range(start, ladder.highest + 1):
        mine = ladder.refined(level)
        told, values = _along(mine, ladder.told[level]), int(mine.max(initial=-1)) + 1
        found.append(_Level(_along(before, mine), told, values, len(np.unique(told)) == values))
        before = mine
    return tuple(found)


def _along(numbers: Numbers, becoming: Numbers) -> Numbers:
    told = np.zeros(int(numbers.max(initial=-1)) + 1, np.int32)
    told[numbers] = becoming
    return told
