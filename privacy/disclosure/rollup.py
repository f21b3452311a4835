"""How many people have each combination at a node of the lattice, counted from the coarsest finer count at hand.

Pure; keeps counts in memory only. A coarse table is small: most nodes are counted from a few hundred rows, not from
all people. Where a level does not follow from the one before it, people who differ at a coarser one are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privacy.disclosure.counting import Keys, Numbers, added, combined, dense, firsts
from privacy.disclosure.ladder import Ladder

Levels = tuple[int, ...]
MOST_TABLES = 256  # counts that are kept
EACH_LOOK = 2_000  # rows that could be counted in the time that a look takes beside its rows


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
    """What a number of the level before becomes here, and what is told of a number here."""

    from_before: Numbers
    told: Numbers


class Rollup:
    """The counts of one table of people, by their variables and `answers` that are never made coarser."""

    def __init__(
        self, ladders: Sequence[Ladder], starts: Levels, people: int, answers: Sequence[Numbers] = ()
    ) -> None:
        self.looked_at, self.work = 0, 0
        self._starts = starts
        self._chains = tuple(_chain(one, start) for one, start in zip(ladders, starts, strict=True))
        mine = [one.refined(start)[one.which] for one, start in zip(ladders, starts, strict=True)]
        # An answer that nobody was asked for is -1; numbers are from 0.
        key, size = dense(*combined([*mine, *(one + np.int32(1) for one in answers)], people))
        self.row_of = key.astype(np.int32)
        rows = firsts(key, size)
        told = tuple(one[rows] for one in (*mine, *answers))
        self._tables = [_Table(starts, told, added(key, np.ones(people, np.int64), size))]
        self._where = np.array([starts], dtype=np.int16)

    def values(self, place: int, level: int) -> int:
        """How many different values a variable has at a level."""
        return int(self._chains[place][level - self._starts[place]].told.max(initial=-1)) + 1

    def told(self, levels: Levels) -> Told:
        """Everybody at these levels, counted from the smallest table that tells."""
        self.looked_at += 1
        finer = np.flatnonzero((self._where <= np.array(levels, dtype=np.int16)).all(axis=1))
        table = min((self._tables[place] for place in finer), key=lambda one: len(one.people))
        self.work += len(table.people) + EACH_LOOK
        if table.levels != levels:
            rolled = self._summed(table, levels)
            self._keep(rolled, len(table.people))
            table = rolled
        return self._told(table)

    def everybody(self, levels: Levels) -> Told:
        """The same, a row for each of the finest combinations, which is what `row_of` tells of each person."""
        first = self._tables[0]
        return self._told(_Table(levels, self._raised(first, levels), first.people))

    def _told(self, table: _Table) -> Told:
        variables = len(self._chains)
        told = [
            self._chains[place][level - self._starts[place]].told[numbers]
            for place, (level, numbers) in enumerate(zip(table.levels, table.numbers[:variables], strict=True))
        ]
        return Told(*combined(told, len(table.people)), table.people, table.numbers[variables:])

    def _raised(self, table: _Table, levels: Levels) -> tuple[Numbers, ...]:
        variables = len(self._chains)
        raised = (
            self._up(place, numbers, table.levels[place], levels[place])
            for place, numbers in enumerate(table.numbers[:variables])
        )
        return (*raised, *table.numbers[variables:])

    def _up(self, place: int, numbers: Numbers, start: int, end: int) -> Numbers:
        steps = self._chains[place][start + 1 - self._starts[place] : end + 1 - self._starts[place]]
        if not steps:
            return numbers
        along = steps[0].from_before
        for step in steps[1:]:
            along = step.from_before[along]
        return along[numbers]

    def _summed(self, table: _Table, levels: Levels) -> _Table:
        numbers, variables = self._raised(table, levels), len(self._chains)
        counted = [*numbers[:variables], *(one + np.int32(1) for one in numbers[variables:])]
        key, size = dense(*combined(counted, len(table.people)))
        rows = firsts(key, size)
        return _Table(levels, tuple(one[rows] for one in numbers), added(key, table.people, size))

    def _keep(self, table: _Table, before: int) -> None:
        # Worth keeping where it is much smaller than what it was counted from.
        if len(table.people) * 2 > before:
            return
        if len(self._tables) > MOST_TABLES:
            # The first is of everybody; of the rest the oldest goes.
            del self._tables[1]
            self._where = np.delete(self._where, 1, axis=0)
        self._tables.append(table)
        self._where = np.vstack([self._where, np.array(table.levels, dtype=np.int16)])


def _chain(ladder: Ladder, start: int) -> tuple[_Level, ...]:
    """The levels from this one on, each number's following from the one before."""
    found, before = [], ladder.refined(start)
    for level in range(start, ladder.highest + 1):
        mine = ladder.refined(level)
        found.append(_Level(_along(before, mine), _along(mine, ladder.told[level])))
        before = mine
    return tuple(found)


def _along(numbers: Numbers, becoming: Numbers) -> Numbers:
    told = np.zeros(int(numbers.max(initial=-1)) + 1, np.int32)
    told[numbers] = becoming
    return told
