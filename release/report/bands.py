"""Class sizes in bands: how many people stand alone, among too few, among enough, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Band:
    """People who share their traits with `least` to `most` people, themselves included. `most` None: or more."""

    least: int
    most: int | None
    before: int
    after: int


def bands_of(before: pl.Series, after: pl.Series, k: int) -> list[Band]:
    """The bands for a table that was made for this k. `before`, `after`: the class size of each person."""
    return [Band(low, high, _within(before, low, high), _within(after, low, high)) for low, high in _edges(max(k, 2))]


def _edges(k: int) -> Iterator[tuple[int, int | None]]:
    yield 1, 1
    first = 2
    for below in (k, 2 * k, 4 * k, 10 * k):
        if below > first:
            yield first, below - 1
            first = below
    yield first, None


def _within(sizes: pl.Series, low: int, high: int | None) -> int:
    return int((sizes >= low).sum() if high is None else sizes.is_between(low, high).sum())
