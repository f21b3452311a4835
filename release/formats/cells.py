"""Cells that no spreadsheet takes for a formula. Numbers, negative codes too, stay as they are."""

from __future__ import annotations

import re

import polars as pl

# What a spreadsheet reads as the beginning of a formula, or passes over on its way to one; also the letters of full
# width, which are read as formulas where East Asian input is usual.
STARTS = "^[=+@\t\r\n\x00＝＋－＠-]"
NUMBER = "^-[0-9]+([.][0-9]+)?$"  # in Python's re, $ would also stand before a last line feed
_STARTS, _NUMBER = re.compile(STARTS), re.compile(NUMBER.replace("$", r"\Z"))


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before what would begin a formula."""
    return f"'{cell}" if _STARTS.search(cell) and not _NUMBER.search(cell) else cell


def neutral_text(values: pl.Series) -> pl.Series:
    """The same for a whole column of text at once."""
    text = pl.col(values.name)
    risky = text.str.contains(STARTS) & ~text.str.contains(NUMBER)
    told = pl.when(risky).then(pl.lit("'") + text).otherwise(text).alias(values.name)
    return values.to_frame().select(told).to_series()
