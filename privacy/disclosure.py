"""Disclosure control: how many people share a combination of traits, and how far traits must be made coarser.

Rows are tuples of quasi-identifiers. A missing code is a value of its own, never a wildcard. Pure functions; they see
no name and write nothing. k-anonymity: Samarati and Sweeney 1998; l-diversity: Machanavajjhala et al. 2007.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

Row = tuple[Hashable, ...]
Levels = Mapping[str, int]


@dataclass(frozen=True)
class Risk:
    """A table's classes: how many, the smallest, people alone in theirs, people in classes below k."""

    people: int
    classes: int
    smallest: int
    unique: int
    below: int

    @property
    def mean(self) -> float:
        """Mean risk of being singled out: classes per person."""
        return self.classes / self.people if self.people else 0.0


@dataclass(frozen=True)
class Choice:
    """Levels chosen for each variable, and the places of the rows that still stand in a class below k."""

    levels: Levels
    failing: tuple[int, ...]


def class_sizes(rows: Sequence[Row]) -> list[int]:
    """For each row, how many rows are like it (itself included)."""
    counts = Counter(rows)
    return [counts[row] for row in rows]


def risk_of(rows: Sequence[Row], k: int) -> Risk:
    """The risk of a table as it stands."""
    sizes = class_sizes(rows)
    return Risk(len(rows), len(set(rows)), min(sizes, default=0), sizes.count(1), sum(1 for size in sizes if size < k))


def choose_levels(
    table: Callable[[Levels], Sequence[Row]],
    highest: Levels,
    order: Sequence[str],
    fixed: Levels,
    k: int,
    largest_suppression: int,
) -> Choice:
    """Coarsen one level at a time in the declared order until few enough rows stand in classes below k.

    `table(levels)` gives the rows at these levels; `highest` each variable's last level; `fixed` levels are not
    touched. `largest_suppression` is a percentage of the rows. Rows that still fail are named, for leaving out.
    """
    choice = _at(table, {name: fixed.get(name, 0) for name in highest}, k)
    allowed = largest_suppression * len(table(choice.levels)) // 100
    steps = [name for name in order if name in highest and name not in fixed for _ in range(highest[name])]
    for name in steps:
        if len(choice.failing) <= allowed:
            break
        choice = _at(table, {**choice.levels, name: choice.levels[name] + 1}, k)
    return _relaxed(table, choice, [name for name in reversed(order) if name in highest and name not in fixed], k)


def _relaxed(table: Callable[[Levels], Sequence[Row]], choice: Choice, names: Sequence[str], k: int) -> Choice:
    """Give each variable back the finest level that leaves no more rows failing, the most wanted variable first."""
    most = len(choice.failing)
    for name in names:
        for level in range(choice.levels[name]):
            finer = _at(table, {**choice.levels, name: level}, k)
            if len(finer.failing) <= most:
                choice = finer
                break
    return choice


def stable_failing(rows: Sequence[Row], k: int) -> tuple[int, ...]:
    """The places of rows in classes below k. Leaving them out makes no other class smaller."""
    return tuple(place for place, size in enumerate(class_sizes(rows)) if size < k)


def uniform_classes(rows: Sequence[Row], sensitive: Sequence[Hashable]) -> int:
    """How many classes hold fewer than two different sensitive values: there, being in the class tells the value."""
    held: dict[Row, set[Hashable]] = {}
    for row, value in zip(rows, sensitive, strict=True):
        held.setdefault(row, set()).add(value)
    return sum(1 for values in held.values() if len(values) < 2)


def _at(table: Callable[[Levels], Sequence[Row]], levels: Levels, k: int) -> Choice:
    choice = Choice(dict(levels), ())
    return replace(choice, failing=stable_failing(table(levels), k))
