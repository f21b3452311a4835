"""Recoding before classes are looked at: rare categories together, far numbers at a bound. Pure functions.

A bound's value reads "this or more" (top) and "this or less" (bottom). Negative numbers are missing codes: they stay.
Hundepool et al. 2012, Statistical Disclosure Control, section 3.3.
"""

from __future__ import annotations

import polars as pl


def top_coded(values: pl.Series, top: int) -> pl.Series:
    """Every number above `top` becomes it."""
    return (
        values.to_frame()
        .select(pl.when(pl.col(values.name) > top).then(top).otherwise(pl.col(values.name)))
        .to_series()
        .alias(values.name)
        .cast(values.dtype)
    )


def bottom_coded(values: pl.Series, bottom: int) -> pl.Series:
    """Every number from 0 to below `bottom` becomes it."""
    low = (pl.col(values.name) >= 0) & (pl.col(values.name) < bottom)
    return (
        values.to_frame()
        .select(pl.when(low).then(bottom).otherwise(pl.col(values.name)))
        .to_series()
        .alias(values.name)
        .cast(values.dtype)
    )


def rare_values(values: pl.Series, least: int) -> list[object]:
    """Values that fewer than `least` people have, in their order."""
    counted = values.to_frame("value").group_by("value").len(name="n")
    return counted.filter(pl.col("n") < least).sort("value")["value"].to_list()


def rare_removed(values: pl.Series, least: int, removed: int | str) -> pl.Series:
    """Every rare value becomes `removed`. Where that leaves only few removed, the next rarer value goes with them.

    Else the few who are removed would be the rare ones themselves, named by their absence.
    """
    counted = values.to_frame("value").group_by("value").len(name="n").sort("n", "value")
    gone: list[object] = []
    people = 0
    for value, n in counted.iter_rows():
        if n >= least and (not gone or people >= least):
            break
        gone.append(value)
        people += n
    return values.replace(gone, [removed] * len(gone))
