"""How many rows stand in small classes at a node of the lattice, counted from the coarsest finer count at hand.

Pure; keeps counts in memory only. A coarse table is small: most nodes are counted from a few hundred rows, not from
all. Values are numbers from 0 here. A level need not follow from the one before it (an area may be told as the city
that another question gave): then the finer one is counted apart for each value of the coarser ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Levels = tuple[int, ...]
Numbers = npt.NDArray[np.int64]
MOST_TABLES = 256  # counts that are kept
LARGEST_KEY = 1 << 62
EACH_LOOK = 10_000  # rows that could be counted in the time that a look takes beside its rows


@dataclass(frozen=True)
class _Level:
    """One level of one variable: a number for each row of the level before it (for each person at the first)."""

    from_before: Numbers  # before's number → this level's
    told: Numbers  # this level's number → what is told; several may tell the same
    values: int


@dataclass(frozen=True)
class _Table:
    """People counted by combination of numbers, at these levels."""

    levels: Levels
    numbers: tuple[Numbers, ...]
    people: Numbers


class Rollup:
    """The counts of one table of people."""

    def __init__(
        self, names: Sequence[str], ranges: Sequence[range], columns_at: Callable[[str, int], pl.Series], people: int
    ) -> None:
        self.people, self.looked_at, self.work = people, 0, 0
        self._first = tuple(one[0] for one in ranges)
        made = [_chain([columns_at(name, level) for level in one]) for name, one in zip(names, ranges, strict=True)]
        self._chains = tuple(chain for _, chain in made)
        self._below: dict[tuple[Levels, int], int] = {}
        rows = _Table(self._first, tuple(numbers for numbers, _ in made), np.ones(people, dtype=np.int64))
        self._tables = [self._summed(rows)]
        self._where = np.array([self._first], dtype=np.int16)

    def values(self, place: int, level: int) -> int:
        """How many different values a variable has at a level."""
        chain = self._chains[place][level - self._first[place]]
        return int(chain.told.max(initial=-1)) + 1

    def below(self, levels: Levels, k: int) -> int:
        """How many rows stand in classes below k at these levels."""
        if (levels, k) not in self._below:
            self.looked_at += 1
            classes = self._counts(levels)
            self._below[levels, k] = int(classes[classes < k].sum())
        return self._below[levels, k]

    def _counts(self, levels: Levels) -> Numbers:
        finer = np.flatnonzero((self._where <= np.array(levels, dtype=np.int16)).all(axis=1))
        table = min((self._tables[place] for place in finer), key=lambda one: len(one.people))
        self.work += len(table.people) + EACH_LOOK
        if table.levels != levels:
            rolled = self._summed(self._raised(table, levels))
            self._keep(rolled, len(table.people))
            table = rolled
        told = [
            self._chains[place][level - self._first[place]].told[numbers]
            for place, (level, numbers) in enumerate(zip(levels, table.numbers, strict=True))
        ]
        return _sums(_keys(told, len(table.people)), table.people)[1]

    def _raised(self, table: _Table, levels: Levels) -> _Table:
        return _Table(
            levels,
            tuple(
                self._up(place, numbers, table.levels[place], levels[place])
                for place, numbers in enumerate(table.numbers)
            ),
            table.people,
        )

    def _up(self, place: int, numbers: Numbers, start: int, end: int) -> Numbers:
        steps = self._chains[place][start + 1 - self._first[place] : end + 1 - self._first[place]]
        if not steps:
            return numbers
        along = steps[0].from_before
        for step in steps[1:]:
            along = step.from_before[along]
        return along[numbers]

    def _summed(self, table: _Table) -> _Table:
        firsts, people = _sums(_keys(table.numbers, len(table.people)), table.people)
        return _Table(table.levels, tuple(numbers[firsts] for numbers in table.numbers), people)

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


def _chain(columns: Sequence[pl.Series]) -> tuple[Numbers, tuple[_Level, ...]]:
    """Each person's number at the first level, and the levels, each number's following from the one before."""
    told = [column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy() for column in columns]
    told = [np.unique(one, return_inverse=True)[1].astype(np.int64) for one in told]
    refined = told[-1:]
    for one in reversed(told[:-1]):
        refined.insert(0, np.unique(_keys([one, refined[0]], len(one)), return_inverse=True)[1].astype(np.int64))
    levels, before = [], refined[0]
    for mine, real in zip(refined, told, strict=True):
        values = int(mine.max(initial=-1)) + 1
        levels.append(_Level(_mapped(before, mine), _mapped(mine, real), values))
        before = mine
    return refined[0], tuple(levels)


def _mapped(keys: Numbers, values: Numbers) -> Numbers:
    along = np.zeros(int(keys.max(initial=-1)) + 1, dtype=np.int64)
    along[keys] = values
    return along


def _keys(numbers: Sequence[Numbers], rows: int) -> Numbers:
    """One number for each combination."""
    key, size = np.zeros(rows, dtype=np.int64), 1
    for one in numbers:
        values = int(one.max(initial=0)) + 1
        if values == 1:
            continue
        if size > LARGEST_KEY // values:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = int(key.max(initial=0)) + 1
        key, size = key * values + one, size * values
    return key


def _sums(keys: Numbers, people: Numbers) -> tuple[Numbers, Numbers]:
    """The place of one row of each key, and how many people have the key."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return order[starts], np.add.reduceat(people[order], starts)
