"""One variable at each of its levels, and what each level costs. Pure; holds numbers, never a value.

What is told at a level follows from the finest number of each person, so everything about levels is worked out once for
each number, and never for each person. A level need not follow from the one before it: an area may be told as the city
that another question gave. Its finest numbers then differ where any level does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from privacy.disclosure.counting import Keys, Numbers, coded, combined, dense, firsts
from privacy.disclosure.loss import bits_lost


@dataclass(frozen=True)
class Ladder:
    """`which`: each person's finest number. `told`: at each level, what is told of each finest number, as a number.

    `people`: how many have each finest number.
    """

    which: Numbers = field(repr=False)
    told: tuple[Numbers, ...] = field(repr=False)
    people: Keys = field(repr=False)

    @property
    def highest(self) -> int:
        """Its coarsest level."""
        return len(self.told) - 1

    def at(self, levels: Sequence[int]) -> Ladder:
        """The same variable with these levels only, in this order."""
        return replace(self, told=tuple(self.told[level] for level in levels))

    def losses(self, levels: range) -> tuple[float, ...]:
        """Bits a person that each of these levels loses against the first of them."""
        return tuple(bits_lost(self.told[levels[0]], self.told[level], self.people) for level in levels)

    def share_lost(self, rows: Keys) -> float:
        """How much of what the first level tells of these rows is lost at the last, from 0 to 1."""
        people = np.bincount(self.which[rows], minlength=len(self.people)).astype(np.int64)
        nothing = np.zeros_like(self.told[0])
        whole = bits_lost(self.told[0], nothing, people)
        return min(1.0, bits_lost(self.told[0], self.told[-1], people) / whole) if whole else 0.0

    def refined(self, level: int) -> Numbers:
        """What this level and every coarser one tells together of each finest number."""
        key, size = combined(self.told[level:], len(self.people))
        return dense(key, size)[0].astype(np.int32)


def ladder_of(which: Numbers, told: Sequence[pl.Series]) -> Ladder:
    """From each person's finest number, and what is told of each such number at each level."""
    people = np.bincount(which, minlength=len(told[0])).astype(np.int64)
    return Ladder(which, tuple(coded(one) for one in told), people)


def ladder(columns: Sequence[pl.Series]) -> Ladder:
    """From everybody's value at each level."""
    key, size = dense(*combined([coded(one) for one in columns], len(columns[0])))
    rows = firsts(key, size)
    return ladder_of(key.astype(np.int32), [one.gather(rows) for one in columns])
