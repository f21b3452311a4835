"""People of one group counted by how they answered some items and where they stand. Keeps counts, hands out no row.

A hundred thousand people answer the items of a scale in a few hundred ways: every figure of the summary is worked out
from these. A pattern stays inside the summary's arithmetic; nothing of it is written anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from instruments.model import NOT_IN_VERSION, Value

SPLITS = ("site", "admin_mode")  # by which means are told apart, where a study asks or records them
Part = tuple[str, str] | None  # a split and its value; None: everybody of the group


@dataclass(frozen=True)
class Patterns:
    """Distinct answers to some items with how many people gave them. `places[i]` maps each split to its value."""

    answers: tuple[dict[str, Value], ...] = field(repr=False)
    counts: tuple[int, ...] = field(repr=False)
    places: tuple[dict[str, str], ...] = field(repr=False)

    def of(self, part: Part) -> Patterns:
        """Only the people of this part of the group."""
        if part is None:
            return self
        split, value = part
        kept = [place for place, where in enumerate(self.places) if where.get(split) == value]
        return Patterns(
            tuple(self.answers[place] for place in kept),
            tuple(self.counts[place] for place in kept),
            tuple(self.places[place] for place in kept),
        )


def patterns_of(people: pl.DataFrame, items: Sequence[str], splits: Sequence[str]) -> Patterns:
    """The patterns of these items. An item that is in no record counts as not asked."""
    names = [*dict.fromkeys((*splits, *items))]
    found = people.select(_column(people, name, name in splits) for name in names).group_by(names).len("..count")
    rows = found.sort(names, nulls_last=True).to_dicts()
    return Patterns(
        tuple({name: _value(row[name]) for name in items} for row in rows),
        tuple(row["..count"] for row in rows),
        tuple({name: str(row[name]) for name in splits} for row in rows),
    )


def _column(people: pl.DataFrame, name: str, is_split: bool) -> pl.Expr:
    there = pl.col(name) if name in people.columns else pl.lit(None, dtype=pl.Int32)
    return (there.cast(pl.String) if is_split else there).alias(name)


def _value(told: Value | None) -> Value:
    return NOT_IN_VERSION if told is None else told
