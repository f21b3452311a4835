"""Plots of the desk as plain numbers for the page to draw as SVG. Each stands beside a table of the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from flask_babel import gettext

from views.plots import length_of


@dataclass(frozen=True)
class Bar:
    """One row of the plot and the table: people before and after, and how long their bars are (views/plots.py)."""

    label: str
    before: int
    after: int
    before_length: int
    after_length: int


def crowd_bars(before: pl.Series, after: pl.Series, k: int) -> list[Bar]:
    """How many people stand alone, among too few, among enough. `before` and `after`: each person's class size."""
    bands = [(gettext("alone"), 1, 2), (gettext("among 2 to %(most)s", most=k - 1), 2, k)] if k > 2 else []
    bands = bands or [(gettext("alone"), 1, 2)]
    first = max(k, 2)
    bands += [
        (gettext("among %(least)s to %(most)s", least=first, most=2 * first - 1), first, 2 * first),
        (gettext("among %(least)s or more", least=2 * first), 2 * first, len(before) + 1),
    ]
    counts = [(label, _within(before, low, high), _within(after, low, high)) for label, low, high in bands]
    most = max((count for _, *both in counts for count in both), default=0)
    return [Bar(label, one, other, length_of(one, most), length_of(other, most)) for label, one, other in counts]


def _within(sizes: pl.Series, low: int, high: int) -> int:
    return int(sizes.is_between(low, high - 1).sum())
