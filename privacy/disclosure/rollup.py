"""How many rows stand in small classes at a node of the lattice, counted from the coarsest finer count at hand.

Pure; keeps counts in memory only. A coarse table is small: most nodes are counted from a few
hundred rows, not from all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

Levels = tuple[int, ...]
PEOPLE = ".people"
MOST_TABLES = 48  # counts that are kept


class Rollup:
    """The counts of one table. Every column is told at every level, so no hierarchy needs to be nested."""

    def __init__(
        self,
        names: Sequence[str],
        ranges: Sequence[range],
        columns_at: Callable[[str, int], pl.Series],
        people: int,
    ) -> None:
        self.ranges = tuple(ranges)
        made = [
            columns_at(name, level).rank("dense").cast(pl.UInt32).alias(_column(place, level))
            for place, (name, one) in enumerate(zip(names, ranges, strict=True))
            for level in one
        ]
        whole = pl.DataFrame(made).with_columns(pl.lit(1, dtype=pl.UInt32).alias(PEOPLE)) if made else None
        self.people = people
        self.looked_at = 0
        self._below: dict[tuple[Levels, int], int] = {}
        self._tables: list[tuple[Levels, pl.DataFrame]] = []
        if whole is not None:
            bottom = tuple(one[0] for one in ranges)
            self._tables = [(bottom, self._summed(whole, bottom))]

    def below(self, levels: Levels, k: int) -> int:
        """How many rows stand in classes below k at these levels."""
        if (levels, k) not in self._below:
            self._below[levels, k] = self._counted(levels, k)
        return self._below[levels, k]

    def _counted(self, levels: Levels, k: int) -> int:
        self.looked_at += 1
        if not levels:
            return self.people if self.people < k else 0
        start, table = min(
            (one for one in self._tables if all(a <= b for a, b in zip(one[0], levels, strict=True))),
            key=lambda one: one[1].height,
        )
        if start != levels:
            rolled = self._summed(table, levels)
            self._keep(levels, rolled, table.height)
            table = rolled
        classes = table.group_by([_column(place, level) for place, level in enumerate(levels)]).agg(
            pl.col(PEOPLE).sum()
        )
        return int(classes.filter(pl.col(PEOPLE) < k)[PEOPLE].sum())

    def _summed(self, table: pl.DataFrame, levels: Levels) -> pl.DataFrame:
        kept = [
            _column(place, level) for place, one in enumerate(self.ranges) for level in one if level >= levels[place]
        ]
        return table.group_by(kept).agg(pl.col(PEOPLE).sum())

    def _keep(self, levels: Levels, rolled: pl.DataFrame, before: int) -> None:
        # Worth keeping where it is much smaller than what it was counted from.
        if rolled.height * 2 > before:
            return
        self._tables.append((levels, rolled))
        if len(self._tables) > MOST_TABLES:
            del self._tables[1]  # the first is every row; of the rest the oldest goes


def _column(place: int, level: int) -> str:
    return f"{place}.{level}"
