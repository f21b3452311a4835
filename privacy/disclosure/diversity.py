"""How much belonging to a class tells of a sensitive answer: l-diversity and t-closeness of each class.

l-diversity: Machanavajjhala et al. 2007. t-closeness: Li, Li and Venkatasubramanian 2007; for answers in an order the
earth mover's distance over that order, else the variational distance. Missing codes are answers like others; they stand
first in an order. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from privacy.disclosure.counting import coded, combined, dense

CLASS, SHARE = ".class", ".share"


@dataclass(frozen=True)
class Diversity:
    """The least over the classes. `distinct`: different answers; `entropy`: e to the entropy of the answers, so that
    entropy l-diversity holds for every l up to it; `uniform`: classes with one answer; `people`: how many are in those.
    `most_guessed`: the largest share that one answer has in a class: how often guessing it there is right.
    """

    distinct: int
    entropy: float
    uniform: int
    people: int
    most_guessed: float


def diversity(frame: pl.DataFrame, names: Sequence[str], sensitive: str) -> Diversity:
    """Of these classes and this answer. An empty table has nothing to tell: 0 of everything."""
    each = per_class(frame, names, sensitive)
    if not each.height:
        return Diversity(0, 0.0, 0, 0, 0.0)
    alike = each.filter(pl.col("distinct") == 1)
    least = each.select(pl.col("distinct").min(), pl.col("entropy").min(), pl.col("guessed").max()).row(0)
    return Diversity(int(least[0]), float(least[1]), alike.height, int(alike["size"].sum()), float(least[2]))


def per_class(frame: pl.DataFrame, names: Sequence[str], sensitive: str) -> pl.DataFrame:
    """A row a class: `.class`, `size`, `distinct`, `entropy` (e to the power of it), `guessed`."""
    counted = _numbered(frame, names, sensitive).group_by(CLASS, sensitive).len(name="n")
    share = pl.col("n") / pl.col("n").sum()
    return counted.group_by(CLASS).agg(
        pl.col("n").sum().alias("size"),
        pl.len().alias("distinct"),
        (-(share * share.log()).sum()).exp().alias("entropy"),
        share.max().alias("guessed"),
    )


def t_closeness(frame: pl.DataFrame, names: Sequence[str], sensitive: str, ordered: bool = False) -> float:
    """The largest distance between the answers of a class and those of the whole table, from 0 to 1."""
    distances = t_per_class(frame, names, sensitive, ordered)
    return float(distances["t"].max() or 0.0) if distances.height else 0.0  # type: ignore[arg-type]


def t_per_class(frame: pl.DataFrame, names: Sequence[str], sensitive: str, ordered: bool = False) -> pl.DataFrame:
    """A row a class: `.class` and its distance `t`."""
    numbered = _numbered(frame, names, sensitive)
    whole = numbered.group_by(sensitive).len(name="n").sort(sensitive)
    whole = whole.with_columns((pl.col("n") / pl.col("n").sum()).alias("q"), pl.int_range(pl.len()).alias("place"))
    wide = numbered.group_by(CLASS, sensitive).len(name="n")
    shared = wide.with_columns((pl.col("n") / pl.col("n").sum().over(CLASS)).alias(SHARE))
    joined = shared.join(whole.select(sensitive, "q", "place"), on=sensitive)
    return _moved(joined, whole) if ordered else _varied(joined)


def _numbered(frame: pl.DataFrame, names: Sequence[str], sensitive: str) -> pl.DataFrame:
    # A class may share the name of the answer: that column can be a trait and an answer at once.
    which, _ = dense(*combined([coded(frame[name]) for name in names], frame.height))
    return pl.DataFrame([pl.Series(CLASS, which, pl.UInt32), frame[sensitive]])


def _varied(joined: pl.DataFrame) -> pl.DataFrame:
    # Half the sum of all differences; an answer that a class lacks adds its whole share of the table.
    gap = (pl.col(SHARE) - pl.col("q")).abs().sum() + (1 - pl.col("q").sum())
    return joined.group_by(CLASS).agg((gap / 2).alias("t"))


def _moved(joined: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    # Between two answers of the class, what must be moved on changes only by the table's own shares: cumulated sums.
    answers = whole.height
    if answers < 2:
        return joined.group_by(CLASS).agg(pl.lit(0.0).alias("t"))
    every = joined.select(CLASS).unique().join(whole.select("place", "q"), how="cross")
    filled = every.join(joined.select(CLASS, "place", SHARE), on=[CLASS, "place"], how="left").sort(CLASS, "place")
    gap = (pl.col(SHARE).fill_null(0.0) - pl.col("q")).cum_sum().over(CLASS).abs()
    return filled.with_columns(gap.alias("gap")).group_by(CLASS).agg((pl.col("gap").sum() / (answers - 1)).alias("t"))
