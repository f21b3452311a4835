"""What an order changes in answers before anything is checked: rare ones removed, far numbers told as a bound.

A rare answer becomes -6, together with the next rarer ones until enough people have it: -6 must not name the few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from errors import ReleaseError
from instruments.model import REMOVED
from privacy.disclosure.coding import bottom_coded, rare_removed, top_coded
from release.specification import Specification

NO_NUMBERS = "{} names {}, whose answers are not whole numbers. Leave it out there, or fix a coarser level in levels."
Coded = Callable[[pl.Series, int], pl.Series]


def recoded(people: pl.DataFrame, ordered: Specification) -> pl.DataFrame:
    """These people with their answers as the order wants them. Raises ReleaseError."""
    _refuse_words(people, "top", ordered.top)
    _refuse_words(people, "bottom", ordered.bottom)
    deeds: tuple[tuple[Coded, Mapping[str, int]], ...] = (
        (top_coded, ordered.top), (bottom_coded, ordered.bottom), (_without_rare, ordered.rare),
    )  # fmt: skip
    for deed, wanted in deeds:
        people = people.with_columns(
            [deed(people[name], bound).alias(name) for name, bound in wanted.items() if name in people.columns]
        )
    return people


def _refuse_words(people: pl.DataFrame, key: str, wanted: Mapping[str, int]) -> None:
    for name in wanted:
        if name in people.columns and people[name].dtype != pl.Int32:
            raise ReleaseError(NO_NUMBERS.format(key, name))


def _without_rare(values: pl.Series, least: int) -> pl.Series:
    # Who was never asked has no answer that could be rare.
    asked = values.is_not_null()
    removed = str(REMOVED) if values.dtype == pl.String else REMOVED
    told = rare_removed(values.filter(asked), least, removed)
    return values.clone().scatter(asked.arg_true(), told)
