"""Multiple answers as columns of 0 and 1, as SPSS and Stata count them; the text "1 2" stands before them.

Made only where each column gets a name that both take and nothing else has: they are a help, never a reason to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from instruments.model import MISSING_CODES, NOT_IN_VERSION
from release.formats.names import in_spss, in_stata
from release.formats.variables import Code, Variable

MOST = 60  # codes; a list of towns would be a file of towns
MISSING = [str(code) for code in (*MISSING_CODES, NOT_IN_VERSION)]


def spread(frame: pl.DataFrame, variables: Sequence[Variable]) -> tuple[pl.DataFrame, tuple[Variable, ...]]:
    """The frame and its variables, with a column of 0 and 1 for each code of a multiple answer after it."""
    taken = frozenset(one.name.lower() for one in variables)
    told = [(one, more, code) for one in variables for more, code in ((one, ""), *_columns(one, taken))]
    made = [frame[one.name] if not code else _said(frame[one.name], more.name, code) for one, more, code in told]
    return pl.DataFrame(made), tuple(more for _, more, _ in told)


def names_of(one: Variable, variables: Sequence[Variable]) -> tuple[str, ...]:
    """The names of the columns of 0 and 1 that a multiple answer has in SPSS and Stata."""
    return tuple(more.name for more, _ in _columns(one, frozenset(other.name.lower() for other in variables)))


def _columns(one: Variable, taken: frozenset[str]) -> Iterator[tuple[Variable, str]]:
    names = {code: f"{one.name}__{code}" for code in one.codes}
    lawful = all(re.fullmatch("[A-Za-z0-9_]+", code) for code in names)
    lawful = lawful and all(in_spss(name) and in_stata(name) for name in names.values())
    if not lawful or len(names) > MOST or taken & {name.lower() for name in names.values()}:
        return
    missing: dict[Code, str] = {int(code): words for code, words in one.missing.items()}
    for code, words in one.codes.items():
        label = f"{words} · {one.label}"
        chosen: dict[Code, str] = dict(enumerate(one.chosen))
        yield Variable(names[code], label, "whole", labels=chosen, missing=missing, privacy=one.privacy), code


def _said(values: pl.Series, name: str, code: str) -> pl.Series:
    text = pl.col(values.name)
    held = text.str.split(" ").list.contains(code).cast(pl.Int32)
    absent = text.is_in(MISSING)
    told = pl.when(absent).then(text.cast(pl.Int32, strict=False)).otherwise(held).alias(name)
    return values.to_frame().select(told).to_series()
