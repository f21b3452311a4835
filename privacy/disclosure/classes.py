"""Equivalence classes: people who share every trait that others could know, and what risk that leaves.

A missing code is a value of its own, never a wildcard. Pure functions over frames; they see no name and write nothing.
k-anonymity: Samarati and Sweeney 1998. Risks: Dankar and El Emam 2010, as ARX names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from privacy.disclosure.counting import coded, combined, dense

Levels = Mapping[str, int]


@dataclass(frozen=True)
class Risk:
    """A table's classes: how many, the smallest, people alone in theirs, people in classes below k.

    `prosecutor`: the largest chance of finding somebody who is known to be in the table. `marketer`: the mean of that
    chance over everybody, which is classes a person. Nobody's table of the whole population is known here, so the
    journalist's risk is taken to be the prosecutor's, which is never less.
    """

    people: int
    classes: int
    smallest: int
    unique: int
    below: int

    @property
    def mean(self) -> float:
        """Mean risk of being singled out: classes per person."""
        return self.classes / self.people if self.people else 0.0

    @property
    def prosecutor(self) -> float:
        """One divided by the smallest class."""
        return 1 / self.smallest if self.smallest else 0.0

    @property
    def journalist(self) -> float:
        """As the prosecutor's: no population table is known."""
        return self.prosecutor

    @property
    def marketer(self) -> float:
        """The share of people that somebody who tries everyone expects to find."""
        return self.mean


def class_sizes(frame: pl.DataFrame, names: Sequence[str] | None = None) -> pl.Series:
    """For each row, how many rows are like it in these columns (itself included); all columns where none are named."""
    wanted = frame.columns if names is None else names
    key, size = dense(*combined([coded(frame[name]) for name in wanted], frame.height))
    return pl.Series("size", np.bincount(key, minlength=size)[key], pl.UInt32)


def risk_of(frame: pl.DataFrame, k: int, names: Sequence[str] | None = None) -> Risk:
    """The risk of a table as it stands."""
    return risk_of_sizes(class_sizes(frame, names), k)


def risk_of_sizes(sizes: pl.Series, k: int) -> Risk:
    """The same, from how many are like each person."""
    people = histogram(sizes)
    return Risk(
        people=len(sizes),
        classes=sum(alike // size for size, alike in people.items()),
        smallest=min(people, default=0),
        unique=people.get(1, 0),
        below=sum(alike for size, alike in people.items() if size < k),
    )


def histogram(sizes: pl.Series) -> dict[int, int]:
    """How many people stand in classes of each size, from each person's class size."""
    counted = sizes.value_counts().sort(sizes.name)
    return {int(size): int(people) for size, people in counted.iter_rows()}


def failing(frame: pl.DataFrame, k: int, names: Sequence[str] | None = None) -> list[int]:
    """The places of rows in classes below k. Leaving them out makes no other class smaller."""
    return (class_sizes(frame, names) < k).arg_true().to_list()
