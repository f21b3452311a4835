"""What a summary or tables would tell, in counts, before anything is written, drawn or paid for. Holds no figure.

It is worked out as the thing itself will be, beside everything that was told before: what would be refused is refused
here already. Shown at the desk alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from instruments.model import Group
from privacy.tables import primary
from release.budget import Ledger
from release.making import Opened
from release.public_noise import Price, price_of
from release.public_tables import GroupTables, least_of
from release.specification import Specification
from release.summary.build import GroupSummary
from release.summary.files import people_of
from release.summary.ledger import summary_beside_others
from release.summary.rules import TEAM
from release.tables_ledger import tables_beside_others
from release.unlocked import in_order


@dataclass(frozen=True)
class SummaryRow:
    """One group of a summary. `people`: None where there are too few to tell anything of.

    `means` and `questions`: how many are told, of how many. `left_out`: beside earlier releases.
    """

    group: Group
    people: int | None
    means: tuple[int, int] = (0, 0)
    questions: tuple[int, int] = (0, 0)
    left_out: int = 0


@dataclass(frozen=True)
class SummaryLook:
    """A summary beforehand. `is_for_team`: it keeps to the rules of what stays within the team."""

    rows: tuple[SummaryRow, ...]
    held_back: int
    least: int
    is_for_team: bool


@dataclass(frozen=True)
class TablesRow:
    """One group's tables: numbers that are told, withheld as too few (or all of a row), withheld for others."""

    group: Group
    people: int
    tables: int
    shown: int
    few: int
    others: int

    @property
    def is_too_small(self) -> bool:
        """Whether nothing at all is told of the group."""
        return not self.shown


@dataclass(frozen=True)
class TablesLook:
    """Exact tables beforehand. `none`: groups of which nobody is there."""

    rows: tuple[TablesRow, ...]
    none: tuple[str, ...]
    held_back: int
    least: int


@dataclass(frozen=True)
class NoisyRow:
    """One group's noisy tables. `each`: people behind a number, on average; `bar` and `error`: how far out it is."""

    group: Group
    people: int
    tables: int
    numbers: int
    bar: int
    error: float

    @property
    def each(self) -> float:
        """How many people stand behind a number, on average."""
        return self.people * self.tables / self.numbers if self.numbers else 0.0

    @property
    def is_drowned(self) -> bool:
        """Whether most numbers would say more of the noise than of people."""
        return self.error > self.each / 2


@dataclass(frozen=True)
class NoisyLook:
    """Noisy tables beforehand, and what they cost."""

    rows: tuple[NoisyRow, ...]
    price: Price


Look = SummaryLook | TablesLook | NoisyLook


def look_at(opened: Opened, ordered: Specification, releases: Path) -> Look:
    """What is ordered, in counts. Raises ReleaseError where it would be refused."""
    source = opened.source
    everyone = people_of(source, opened.dataset, ordered)
    ledger = Ledger(releases, in_order(source, opened.keys), source.study)
    if ordered.kind == "summary":
        summary, people = summary_beside_others(source, everyone, ordered, ledger)
        rows = tuple(_summary_row(one, summary.beside.left_out) for one in summary.groups)
        return SummaryLook(rows, everyone.height - people.height, summary.rules.cell, summary.rules == TEAM)
    groups = tables_beside_others(source, everyone, ordered, ledger)
    if ordered.privacy:
        return _noisy_look(groups, price_of(groups, ordered, ledger))
    return _tables_look(groups, everyone, ordered)


def _summary_row(told: GroupSummary, left_out: Mapping[str, int]) -> SummaryRow:
    questions = [one for _, block in told.blocks for one in block]
    means = (sum(row.mean is not None for row in told.scales), len(told.scales))
    shown = (sum(bool(one.counts) for one in questions), len(questions))
    return SummaryRow(told.group, told.people, means, shown, left_out.get(told.group.name, 0))


def _tables_look(groups: Iterable[GroupTables], everyone: pl.DataFrame, ordered: Specification) -> TablesLook:
    least = least_of(ordered)
    rows = tuple(_tables_row(group, least) for group in groups)
    there = {row.group.name for row in rows}
    none = tuple(name for name in ordered.groups if name not in there)
    return TablesLook(rows, none, everyone.height - sum(row.people for row in rows), least)


def _tables_row(group: GroupTables, least: int) -> TablesRow:
    withheld, few = group.withheld(least), primary(group.tables, least, zero_too=True)
    numbers = len(group.tables.counts)
    return TablesRow(
        group.group, len(group.labels), len(group.crossings), numbers - len(withheld), len(few), len(withheld - few)
    )


def _noisy_look(groups: Iterable[GroupTables], price: Price) -> NoisyLook:
    rows = (
        NoisyRow(group.group, len(group.labels), len(group.crossings), sum(1 for _ in group.inner()), bar, error)
        for group, bar, error in zip(groups, price.bars, price.errors, strict=True)
    )
    return NoisyLook(tuple(rows), price)
