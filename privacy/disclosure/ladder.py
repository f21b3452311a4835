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

    def losses(self, base: int) -> list[float]:
        """Bits a person that each level from `base` on loses against it."""
        return [bits_lost(self.told[base], coarse, self.people) for coarse in self.told[base:]]

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
