"""What coarser values cost: how much less each variable tells. Pure functions.

Non-uniform entropy: Gionis and Tassa 2009; discernibility: Bayardo and Agrawal 2005.
"""

from __future__ import annotations

import math

import polars as pl

from privacy.disclosure.classes import classes


def entropy_loss(fine: pl.Series, coarse: pl.Series) -> float:
    """Bits lost a person, on average, when values are told coarser: 0 where nothing is lost.

    For each person, how surprising the fine value is to somebody who knows the coarse one.
    """
    if not len(fine):
        return 0.0
    both = pl.DataFrame({"fine": fine, "coarse": coarse}).group_by("fine", "coarse").len(name="n")
    told = both.with_columns(pl.col("n").sum().over("coarse").alias("whole"))
    bits = (pl.col("n") * (pl.col("whole") / pl.col("n")).log(2)).sum() / len(fine)
    return max(0.0, round(float(told.select(bits).item()), 12))


def entropy_of(fine: pl.Series) -> float:
    """Bits that a variable tells a person, on average: all that can be lost."""
    return entropy_loss(fine, pl.repeat(0, len(fine), eager=True))


def share_lost(fine: pl.Series, coarse: pl.Series) -> float:
    """How much of what a variable tells is lost, from 0 to 1."""
    whole = entropy_of(fine)
    return 0.0 if math.isclose(whole, 0.0) else min(1.0, entropy_loss(fine, coarse) / whole)


def discernibility(frame: pl.DataFrame, k: int) -> int:
    """The sum of squared class sizes; who stands in a class below k counts as like everyone in the table."""
    sizes = classes(frame)
    kept, left = sizes.filter(sizes >= k).cast(pl.Int64), int(sizes.filter(sizes < k).sum())
    return int((kept * kept).sum()) + left * frame.height
