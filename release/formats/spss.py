"""data.sav, for SPSS, PSPP and whatever else reads it: labels, user-missing values, levels of measurement.

The header of a .sav file tells when it was made; here it tells a constant instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from errors import ReleaseError
from release.formats.cut import label_for, words_for
from release.formats.several import spread
from release.formats.variables import Variable
from release.made import Release

MADE = 92  # where the header tells day and time
CONSTANT = b"01 Jan 7000:00:00"
MOST_CODES = 3  # user-missing values that SPSS takes one by one; for numbers a range may stand instead of two
SHORT = 8  # bytes: what a user-missing text can be long


def write_sav(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """The rows with everything that is known about them. Raises ReleaseError where missing codes cannot be told."""
    frame, ours = spread(release.frame, variables)
    blank = release.specification.missing == "blank"
    pyreadstat.write_sav(
        blanked(frame, ours) if blank else _without_nul(frame),
        str(path),
        file_label="",
        column_labels={one.name: label_for("sav", one.label) for one in ours},
        variable_value_labels={one.name: _labels(one, blank) for one in ours if one.labels or one.missing},
        missing_ranges={} if blank else {one.name: ranges(one, frame[one.name]) for one in ours if one.missing},
        variable_measure={one.name: one.measure for one in ours},
    )
    with path.open("r+b") as file:
        file.seek(MADE)
        file.write(CONSTANT)


def ranges(one: Variable, values: pl.Series) -> list[Any]:
    """The user-missing values of a variable as SPSS takes them: up to three texts, or a range of numbers."""
    codes = list(one.missing)
    if one.kind == "text":
        found = set(values.unique())
        return [code for code in codes if code in found][:MOST_CODES] or codes[:MOST_CODES]
    if len(codes) <= MOST_CODES:
        return codes
    numbers = [int(code) for code in codes]
    return _in_ranges(one.name, numbers, _answers(one, values))


def _answers(one: Variable, values: pl.Series) -> set[int]:
    below = values.filter(values < 0).unique().to_list()
    return {int(code) for code in (*below, *one.labels) if int(code) < 0} - {int(code) for code in one.missing}


def _in_ranges(name: str, codes: list[int], answers: set[int]) -> list[Any]:
    # One range and one value more: whatever holds every missing code and no answer.
    for alone in (None, *codes):
        rest = [code for code in codes if code != alone]
        if not any(min(rest) <= answer <= max(rest) for answer in answers):
            span = {"lo": min(rest), "hi": max(rest)}
            return [span] if alone is None else [span, alone]
    raise ReleaseError(
        f"SPSS cannot tell the missing codes of {name} from its answers, which are below zero too. Leave out the "
        f"format sav, or {name} with variables. Nothing was written."
    )


def blanked(frame: pl.DataFrame, variables: Sequence[Variable]) -> pl.DataFrame:
    """The frame with nothing where a code says that there is no answer."""
    told = [
        pl.when(pl.col(one.name).is_in(list(one.missing))).then(pl.lit("") if one.kind == "text" else None)
        .otherwise(pl.col(one.name)).alias(one.name)
        for one in variables if one.missing
    ]  # fmt: skip
    return _without_nul(frame.with_columns(told))


def _without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    # Both forms end a text at its first NUL.
    return frame.with_columns(pl.col(pl.String).str.replace_all("\x00", "�", literal=True))


def _labels(one: Variable, blank: bool) -> dict[Any, str]:
    told = one.labels if blank else one.words
    return {code: words_for("sav", words) for code, words in told.items()}
