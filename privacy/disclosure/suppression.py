"""Local suppression: remove single values of people who stand out, instead of the people. Pure functions.

Fewest values first, in the study's order of coarsening; a removed value is a value like others in the check that
follows. It is a greedy choice, not the least possible: to find that is NP-hard (Meyerson and Williams 2004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from privacy.disclosure.classes import class_sizes

ROW = ".row"
MOST_TOGETHER = 3  # values removed of one person


@dataclass(frozen=True)
class Suppressed:
    """`frame`: as given, with values removed. `cells`: how many by variable. `failing`: places of rows still alone."""

    frame: pl.DataFrame
    cells: Mapping[str, int]
    failing: Sequence[int]


def suppress_cells(
    frame: pl.DataFrame, names: Sequence[str], k: int, order: Sequence[str], removed: int = -6
) -> Suppressed:
    """Remove values of rows in classes below k until each stands among k, where a few values are enough for that."""
    first = [name for name in order if name in names] + [name for name in names if name not in order]
    told = frame.with_row_index(ROW)
    kept, alone = _parted(told, names, k)
    cells = dict.fromkeys(names, 0)
    for many in range(1, min(MOST_TOGETHER, len(names)) + 1):
        for blanked in combinations(first, many):
            if not alone.height:
                break
            joined, alone = _blanked(kept, alone, names, blanked, k, removed)
            kept = pl.concat([kept, joined])
            for name in blanked:
                cells[name] += joined.height
    whole = pl.concat([kept, alone]).sort(ROW)
    return Suppressed(whole.drop(ROW), {name: n for name, n in cells.items() if n}, alone[ROW].sort().to_list())


def _parted(told: pl.DataFrame, names: Sequence[str], k: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    sizes = class_sizes(told, names)
    return told.filter(sizes >= k), told.filter(sizes < k)


def _blanked(
    kept: pl.DataFrame, alone: pl.DataFrame, names: Sequence[str], blanked: Sequence[str], k: int, removed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who of those alone stands among k once these values are gone, counting those who stand there already."""
    gone = [
        pl.lit(str(removed) if alone[name].dtype == pl.String else removed).cast(alone[name].dtype).alias(name)
        for name in blanked
    ]
    tried = alone.with_columns(gone)
    there = kept.group_by(names).len(name=".there")
    counted = tried.select(ROW, *names).join(there, on=list(names), how="left", nulls_equal=True)
    sizes = counted.select(ROW, (pl.len().over(names) + pl.col(".there").fill_null(0)).alias(".size")).filter(
        pl.col(".size") >= k
    )
    enough = tried[ROW].is_in(sizes[ROW].implode())
    return tried.filter(enough), alone.filter(~enough)
