"""What coarser values cost: how much less each variable tells. Pure functions.

Non-uniform entropy: Gionis and Tassa 2009.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from privacy.disclosure.counting import Keys, Numbers, added, coded, combined, dense, firsts


def entropy_loss(fine: pl.Series, coarse: pl.Series) -> float:
    """Bits lost a person, on average, when values are told coarser: 0 where nothing is lost.

    For each person, how surprising the fine value is to somebody who knows the coarse one.
    """
    return bits_lost(coded(fine), coded(coarse), np.ones(len(fine), np.int64))


def bits_lost(fine: Numbers, coarse: Numbers, people: Keys) -> float:
    """The same, of values that so many people have."""
    whole, there = int(people.sum()), people > 0
    if not whole:
        return 0.0
    key, size = dense(*combined([coarse[there], fine[there]], int(there.sum())))
    both, alike = added(key, people[there], size), np.bincount(coarse[there], weights=people[there])
    share = alike[coarse[there][firsts(key, size)]] / both
    return max(0.0, round(float((both * np.log2(share)).sum() / whole), 12))


def entropy_of(fine: pl.Series) -> float:
    """Bits that a variable tells a person, on average: all that can be lost."""
    return entropy_loss(fine, pl.repeat(0, len(fine), eager=True))


def share_lost(fine: pl.Series, coarse: pl.Series) -> float:
    """How much of what a variable tells is lost, from 0 to 1."""
    whole = entropy_of(fine)
    return 0.0 if math.isclose(whole, 0.0) else min(1.0, entropy_loss(fine, coarse) / whole)
