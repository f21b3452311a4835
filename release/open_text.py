"""Open text in a release: only as a person has reviewed it, and only of who agreed to be quoted; else its themes.

What was not reviewed, and what somebody does not want quoted, becomes -6. Knows nothing of how texts are reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from errors import ReleaseError
from instruments.model import REMOVED
from release.coarsening import MISSING_CELLS
from release.columns import Column
from release.specification import Specification

# By variable: what stands in a release for each participant's text, by their label. Reviewed words, or codes of themes.
Texts = Mapping[str, Mapping[bytes, str]]
NOT_REVIEWED = (
    "No answer in people's own words has been {} for this study yet. Do that at the desk first, or leave open_text out "
    "of the specification."
)
DONE = {"reviewed": "reviewed", "themes": "given a theme"}


def open_columns(known: Mapping[str, Column], ordered: Specification, texts: Texts) -> dict[str, Column]:
    """These columns, with those of open text as something that is released where the order wants it."""
    if ordered.open_text == "withheld":
        return dict(known)
    if not any(texts.values()):
        raise ReleaseError(NOT_REVIEWED.format(DONE[ordered.open_text]))
    return {
        name: _released(column) if column.item.privacy == "open" and name in texts else column
        for name, column in known.items()
    }


def with_texts(people: pl.DataFrame, ordered: Specification, texts: Texts) -> pl.DataFrame:
    """These people with what stands for their words. Nothing of what they wrote stays but what was reviewed."""
    if ordered.open_text == "withheld":
        return people
    return people.with_columns([_told(people, name, ordered, texts[name]) for name in texts if name in people.columns])


def _told(people: pl.DataFrame, name: str, ordered: Specification, told: Mapping[bytes, str]) -> pl.Expr:
    labels, words = list(told), list(told.values())
    reviewed = pl.col(".participant").replace_strict(
        pl.Series(labels, dtype=pl.Binary), pl.Series(words, dtype=pl.String), default=None, return_dtype=pl.String
    )
    if ordered.open_text == "reviewed":
        reviewed = pl.when(_may_be_quoted(people)).then(reviewed)
    is_code = pl.col(name).is_null() | pl.col(name).is_in(list(MISSING_CELLS))
    return pl.when(is_code).then(pl.col(name)).otherwise(reviewed.fill_null(str(REMOVED))).alias(name)


def _may_be_quoted(people: pl.DataFrame) -> pl.Expr:
    # Who was never asked did not agree.
    return pl.col(".o_quote").fill_null(False) if ".o_quote" in people.columns else pl.lit(False)


def _released(column: Column) -> Column:
    """A column whose texts were reviewed. Versions that promised to withhold more than open text still do."""
    versions = {
        digest: replace(item, privacy="sensitive") if item.privacy == "open" else item
        for digest, item in column.versions.items()
    }
    return replace(column, item=replace(column.item, privacy="sensitive"), versions=versions)
