"""data.dta, for Stata 14 and later: labels, and missing codes as extended missing values.

-1 is .a, -2 is .b, -6 is .f, -7 is .g, -8 is .h, -9 is .i: the letter's place in the alphabet. Text keeps its codes.
The header of a .dta file tells when it was made; here it tells a constant instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from release.formats.cut import label_for, words_for
from release.formats.several import spread
from release.formats.spss import blanked
from release.formats.stata_rows import has_short_texts, longest, put_rows
from release.formats.variables import Variable
from release.made import Release

STATA_14 = 14  # its form, 118, is the one that Stata 14 and all later ones, R, pandas and PSPP's kin read
CONSTANT = b"01 Jan 1970 00:00"
STAMP = b"<timestamp>"


def write_dta(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """The rows with everything that is known about them."""
    frame, ours = spread(release.frame, variables)
    blank = release.specification.missing == "blank"
    plain = blanked(frame, ours if blank else ())
    whole = [] if blank else [one for one in ours if one.kind == "whole" and one.missing]
    if not has_short_texts(plain):
        _write(plain.with_columns([_lettered(frame[one.name], one) for one in whole]), ours, blank, path)
        return _make_constant(path)
    first = longest(plain)
    _write(first.with_columns([_lettered(first[one.name], one) for one in whole]), ours, blank, path)
    _make_constant(path)
    letters = {one.name: {int(code): -int(code) for code in one.missing} for one in whole}
    put_rows(path, plain, letters)


def _write(frame: pl.DataFrame, ours: Sequence[Variable], blank: bool, path: Path) -> None:
    lettered = [one for one in ours if one.kind == "whole" and one.missing and not blank]
    pyreadstat.write_dta(
        frame,
        str(path),
        file_label="",
        version=STATA_14,
        column_labels={one.name: label_for("dta", one.label) for one in ours},
        variable_value_labels={one.name: _labels(one, blank) for one in ours if one.kind == "whole" and one.words},
        missing_user_values={one.name: [letter(int(code)) for code in one.missing] for one in lettered},
    )


def letter(code: int) -> str:
    """The letter of the extended missing value that stands for a missing code."""
    return chr(ord("a") - 1 - code)


def _lettered(values: pl.Series, one: Variable) -> pl.Series:
    letters: dict[Any, str] = {code: letter(int(code)) for code in one.missing}
    # pyreadstat takes a letter among numbers, which only a column of objects can hold.
    return pl.Series(values.name, [letters.get(code, code) for code in values.to_list()], dtype=pl.Object)


def _labels(one: Variable, blank: bool) -> dict[Any, str]:
    told: dict[Any, str] = dict(one.labels)
    told |= {} if blank else {letter(int(code)): words for code, words in one.missing.items()}
    return {code: words_for("dta", words) for code, words in told.items()}


def _make_constant(path: Path) -> None:
    with path.open("r+b") as file:
        start = file.read(1000).index(STAMP) + len(STAMP) + 1  # after it, a byte that tells the length
        file.seek(start)
        file.write(CONSTANT)
