"""Which public tables are made of which people: their cells, and which of them are withheld. Writes no file.

Each group is a set of tables of its own, as groups are asked different questions: no sum goes over two groups. Every
person of a group is in one cell of each of its tables; who gave no answer, for whatever reason, stands under "no
answer". What is asked only after a certain answer is in no table: the rest of one table could be taken from the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from errors import ReleaseError
from instruments.model import Group, Instrument, Item
from privacy.tables import Cell, Crossing, Tables, is_ring, tables_of, withhold
from release.specification import Specification
from release.table import WITHHELD as OF_NOBODY

LEAST = 10  # people behind a count that leaves the team
GROUP, SITE, NO_ANSWER = "respondent_group", "site", "none"
MOST_VARIABLES, MOST_CELLS = 3, 20_000


@dataclass(frozen=True)
class GroupTables:
    """One group's tables. `labels`: whose answers they are, and `waves`: of which wave, for the ledger alone.

    `values`: of each variable.
    """

    group: Group
    items: Mapping[str, Item] = field(repr=False)
    crossings: tuple[Crossing, ...]
    values: Mapping[str, tuple[str, ...]] = field(repr=False)
    tables: Tables = field(repr=False)
    labels: frozenset[bytes] = field(repr=False)
    waves: tuple[int, ...] = ()

    def withheld(self, least: int) -> frozenset[Cell]:
        """The cells that are not told where no noise is added."""
        return withhold(self.tables, least, zero_too=True)

    def inner(self) -> Iterator[tuple[Crossing, Cell]]:
        """Every cell of every table that is no margin, each table on its own."""
        for names in self.crossings:
            fixed = frozenset(names)
            for cell in self.tables.counts:
                if frozenset(name for name, _ in cell) == fixed:
                    yield names, cell


def group_tables(
    versions: Sequence[Instrument], people: pl.DataFrame, ordered: Specification
) -> tuple[GroupTables, ...]:
    """The tables of each ordered group that has people. Raises ReleaseError for tables that cannot be."""
    made = [_of_group(versions, people.filter(pl.col(".group") == group), group, ordered) for group in ordered.groups]
    found = tuple(one for one in made if one is not None)
    if not found:
        raise ReleaseError(
            "Nobody is in these tables. Look at the groups, the wave and the versions that are asked for."
        )
    return found


def least_of(ordered: Specification) -> int:
    """The fewest people behind a count: 10, or more where the order says so."""
    return max(LEAST, ordered.k)


def _of_group(
    versions: Sequence[Instrument], people: pl.DataFrame, group: str, ordered: Specification
) -> GroupTables | None:
    if not people.height and not ordered.privacy:
        return None
    known = {group.name: group for version in reversed(versions) for group in version.groups}
    if group not in known:
        raise ReleaseError(f"There is no group {group}. The study has: {', '.join(sorted(known))}.")
    items = dict(_closed(versions, group))
    crossings = _crossings(items, ordered)
    _refuse(crossings, items, known[group])
    used = sorted({name for names in crossings for name in names})
    values = {name: _values(versions, name, group) for name in used}
    if SITE in values and not ordered.privacy and not _lacking(people, values[SITE]):
        # Every table is by place, so an empty cell of people without one would take other totals with it. That
        # everybody has a place tells of nobody. Which cells have noise may not follow from who is there.
        values[SITE] = tuple(code for code in values[SITE] if code != NO_ANSWER)
    told = [dict(zip(used, row, strict=True)) for row in _coded(people, values).iter_rows()] if used else [
        {} for _ in range(people.height)
    ]  # fmt: skip
    tables = tables_of(told, crossings, values)
    if len(tables.counts) > MOST_CELLS:
        raise ReleaseError(f"These tables have {len(tables.counts)} cells, and at most {MOST_CELLS} can be checked.")
    labels, waves = frozenset(people.get_column(".linked")), people.get_column(".wave").unique().sort().to_list()
    return GroupTables(known[group], items, crossings, values, tables, labels, tuple(waves))


def _closed(versions: Sequence[Instrument], group: str) -> Iterator[tuple[str, Item]]:
    """The questions with one answer of several that everybody of the group is asked, the newest words of each."""
    found = [item for version in versions for item in version.research_items(group)]
    asked_of_some = {item.name for item in found if item.relevant is not None}
    for item in reversed(found):
        is_closed = item.kind == "select_one" and item.choices and item.privacy not in OF_NOBODY
        if is_closed and item.name not in asked_of_some:
            yield item.name, item


def _crossings(items: Mapping[str, Item], ordered: Specification) -> tuple[Crossing, ...]:
    if ordered.tables:
        told = (tuple(name for name in names if name != GROUP) for names in ordered.tables)
        # The same variables in another order are the same table.
        return tuple({frozenset(names): names for names in told}.values())
    beside = (SITE,) if SITE in items else ()
    wanted = [name for name in reversed(list(items)) if name != SITE and name in (ordered.variables or items)]
    return tuple((*beside, name) for name in wanted)


def _refuse(crossings: Sequence[Crossing], items: Mapping[str, Item], group: Group) -> None:
    strangers = sorted({name for names in crossings for name in names} - items.keys())
    if strangers:
        raise ReleaseError(
            f"Public tables of the group {group.name} cannot hold: {', '.join(strangers)}. They take questions with "
            "one answer of several that everybody of the group is asked. Order each group's tables apart."
        )
    if any(len(set(names)) > MOST_VARIABLES for names in crossings):
        raise ReleaseError(f"A public table has at most {MOST_VARIABLES} variables beside the group.")
    if is_ring(crossings):
        raise ReleaseError(
            "These tables hang together in a ring, so that more could be worked out from them than can be checked. "
            "Leave one of them out, or make one table of them."
        )


def _values(versions: Sequence[Instrument], name: str, group: str) -> tuple[str, ...]:
    """Every code that was offered, and none: unless every version makes everybody of the group choose one of them."""
    asked = [{item.name: item for item in version.research_items(group)}.get(name) for version in versions]
    codes = dict.fromkeys(choice.code for item in asked if item for choice in item.choices if not choice.aside)
    always = all(item and item.required and not any(choice.aside for choice in item.choices) for item in asked)
    return tuple(codes) if always else (*codes, NO_ANSWER)


def _lacking(people: pl.DataFrame, codes: tuple[str, ...]) -> bool:
    return NO_ANSWER in _coded(people, {SITE: codes}).get_column(SITE)


def _coded(people: pl.DataFrame, values: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """Every person's value of each variable; whatever is no answer that was offered is none."""
    return people.select(
        (
            pl.when(pl.col(name).cast(pl.String).is_in(list(codes)))
            .then(pl.col(name).cast(pl.String))
            .otherwise(pl.lit(NO_ANSWER))
            if name in people.columns
            else pl.lit(NO_ANSWER)
        ).alias(name)
        for name, codes in values.items()
    )
