"""Whose words are there to look at, and whether they may be quoted. Shows nobody anything but one text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from instruments.model import Text
from release.coarsening import MISSING_CELLS
from release.dataset import Dataset
from release.source import Source

Key = tuple[bytes, str, str]  # participant's label, variable, digest of the words


@dataclass(frozen=True)
class Answer:
    """One open answer. `may_be_quoted`: only where the person said Yes to that. `month`: of the visit; never shown."""

    participant: bytes = field(repr=False)
    item: str
    text: str = field(repr=False)
    may_be_quoted: bool
    month: str = field(repr=False, default="")

    @property
    def key(self) -> Key:
        """What decisions about these words go by."""
        return self.participant, self.item, hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def open_items(source: Source) -> dict[str, Text]:
    """Each open text of any version with its question, the newest version's first."""
    found: dict[str, Text] = {}
    for version in source.newest_first:
        for name, item in version.items.items():
            if item.privacy == "open":
                found.setdefault(name, item.label)
    return found


def answers(source: Source, dataset: Dataset) -> Iterator[Answer]:
    """Every open answer that holds words."""
    people = dataset.people
    for name in open_items(source):
        if name in people.columns and people[name].dtype == pl.String:
            told = people.select(".participant", name, _quotable(people), _month(people)).drop_nulls(name)
            yield from (Answer(who, name, *rest) for who, *rest in told.rows() if rest[0] not in MISSING_CELLS)


def _quotable(people: pl.DataFrame) -> pl.Expr:
    # Who was never asked did not agree.
    agreed = pl.col(".o_quote").fill_null(False) if ".o_quote" in people.columns else pl.lit(False)
    return agreed.alias(".may")


def _month(people: pl.DataFrame) -> pl.Expr:
    return (pl.col("month").fill_null("") if "month" in people.columns else pl.lit("")).alias(".month")
