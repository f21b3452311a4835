"""Plots of the desk as plain numbers for the page to draw as SVG. Each stands beside a table of the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from flask_babel import gettext

from release.report.bands import Band, bands_of
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
    bands = bands_of(before, after, k)
    most = max(max(one.before, one.after) for one in bands)
    return [
        Bar(_label(one), one.before, one.after, length_of(one.before, most), length_of(one.after, most))
        for one in bands
    ]


def _label(band: Band) -> str:
    if band.most is None:
        return str(gettext("among %(least)s or more", least=band.least))
    if band.most == 1:
        return str(gettext("alone"))
    return str(gettext("among %(least)s to %(most)s", least=band.least, most=band.most))
