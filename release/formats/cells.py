"""Cells that no spreadsheet takes for a formula. Numbers, negative codes too, stay as they are.

Also not where it splits the file elsewhere than we do: a spreadsheet of a language that separates cells by semicolons
begins a new cell after each, and a new row at a line break that our quotes hold together.
"""

from __future__ import annotations

import re

import polars as pl

# What a spreadsheet reads as the beginning of a formula, also the letters of full width, which are read as formulas
# where East Asian input is usual; and what it passes over on its way to one: spaces of all kinds, what has no width.
SIGNS = "=+@＝＋－＠-"
PASSED = "[\\x00-\\x20\x85\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*"
STARTS = f"^(?:[\t\r\n\\x00]|{PASSED}[{SIGNS}])"
INSIDE = f"([;\t\r\n]{PASSED})([{SIGNS}])"
NUMBER = "^-[0-9]+([.][0-9]+)?$"  # in Python's re, $ would also stand before a last line feed
_STARTS, _INSIDE, _NUMBER = re.compile(STARTS), re.compile(INSIDE), re.compile(NUMBER.replace("$", r"\Z"))


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before what would begin a formula."""
    told = _INSIDE.sub(r"\1'\2", cell)
    return f"'{told}" if _STARTS.search(cell) and not _NUMBER.search(cell) else told


def neutral_text(values: pl.Series) -> pl.Series:
    """The same for a whole column of text at once."""
    text = pl.col(values.name)
    risky = text.str.contains(STARTS) & ~text.str.contains(NUMBER)
    safe = text.str.replace_all(INSIDE, "${1}'${2}")
    told = pl.when(risky).then(pl.lit("'") + safe).otherwise(safe).alias(values.name)
    return values.to_frame().select(told).to_series()
