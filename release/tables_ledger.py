"""Public tables beside earlier ones: the files that may be handed on, remembered before they are.

Two sets of tables of nearly the same people, or other tables of the same people, could be held together: then cells
that each set withholds for itself come out. So exact tables of somebody are made once: the same tables of the same
people again are allowed, and tables of people of whom none was in earlier ones. Noisy tables go by the budget; exact
and noisy tables of the same people are never both made, as the exact ones would take the noise off the others, and for
the same reason neither is made beside a summary of them that leaves the team.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.budget import Ledger
from release.dataset import Dataset
from release.desk_notes import turn
from release.ledger import Entry, earlier_releases, left_out_for, refuse_differences, remember
from release.made import Files
from release.public_files import exact_files, noisy_files
from release.public_noise import noisy
from release.public_tables import GroupTables, group_tables, least_of
from release.source import Source
from release.specification import Specification
from release.summary.files import people_of
from release.told_in_public import SUMMARY, SUMMARY_BEFORE, InPublic, remember_told, told_before
from release.versions import versions_of

OTHERS = (
    "Public tables of some of these people were made before, of other people beside them or as other tables. Cells "
    "that each withholds could be worked out from both. Ask for the same tables of the same people again. Where a "
    "study comes back to people, another wave is of the same people: add noise from the first wave on, or make a "
    "summary of each."
)
MIXED = (
    "Of some of these people there are {} tables already. Exact counts would take the noise off noisy ones, so only "
    "one of the two is ever made. Ask for {} tables."
)


def tables_files(source: Source, dataset: Dataset, ordered: Specification) -> dict[str, bytes]:
    """The files of exact tables, to be looked at. Raises ReleaseError; noise cannot be looked at before it is paid."""
    if ordered.privacy:
        raise ReleaseError("Noisy tables cannot be looked at beforehand: to draw noise spends the budget.")
    people = people_of(source, dataset, ordered)
    return exact_files(_groups(source, people, ordered), ordered, source.newest)


def tables_release(
    source: Source,
    dataset: Dataset,
    ordered: Specification,
    releases: Path,
    keys: Sequence[PrivateKey],
    today: date,
) -> Files:
    """The files of public tables that may be written, remembered before they are. Raises ReleaseError.

    `keys`: the research keys, the oldest first. With `hold_back`, people are left out until nobody can be worked out.
    """
    return tables_beside(source, people_of(source, dataset, ordered), ordered, releases, keys, today)


def tables_beside(
    source: Source,
    everyone: pl.DataFrame,
    ordered: Specification,
    releases: Path,
    keys: Sequence[PrivateKey],
    today: date,
) -> Files:
    """The same of people who are chosen already."""
    ledger = Ledger(releases, keys, source.study)
    with turn(releases):
        return _remembered(source, everyone, ordered, ledger, today)


def _remembered(
    source: Source, everyone: pl.DataFrame, ordered: Specification, ledger: Ledger, today: date
) -> Files:
    groups = tables_beside_others(source, everyone, ordered, ledger)
    if ordered.privacy:
        # Remembered first: from here on no exact table of these people is made, whatever goes wrong.
        _remember(ledger, groups, ordered)
        return Files(noisy_files(groups, noisy(groups, ordered, ledger, today), ordered, source.newest))
    files = exact_files(groups, ordered, source.newest)
    _remember(ledger, groups, ordered)
    for group in groups:
        remember(ledger.releases, ledger.keys[-1], source.study, Entry("tables", ordered.purpose, today, group.labels))
    return Files(files, _left_out(groups, everyone))


def _left_out(groups: Sequence[GroupTables], everyone: pl.DataFrame) -> dict[str, int]:
    counts = {one.group.name: everyone.filter(pl.col(".group") == one.group.name).height for one in groups}
    return {one.group.name: gone for one in groups if (gone := counts[one.group.name] - len(one.labels))}


def tables_beside_others(
    source: Source, everyone: pl.DataFrame, ordered: Specification, ledger: Ledger
) -> tuple[GroupTables, ...]:
    """The tables that may be made beside everything told before; writes nothing. Raises ReleaseError."""
    is_exact = not ordered.privacy
    earlier = earlier_releases(ledger.releases, ledger.keys, source.study)
    people = _without_few(everyone, ordered, earlier, ledger.keys) if ordered.hold_back and is_exact else everyone
    groups, before = _groups(source, people, ordered), told_before(ledger)
    for group in groups:
        _refuse_beside(group, ordered, before)
        if is_exact:
            refuse_differences(group.labels, earlier)
    return groups


def _groups(source: Source, people: pl.DataFrame, ordered: Specification) -> tuple[GroupTables, ...]:
    if ordered.language not in source.newest.languages:
        raise ReleaseError(
            f"The study does not speak {ordered.language}. It has: {', '.join(source.newest.languages)}."
        )
    asked = [one for one in source.newest_first if one.version in (ordered.instrument_versions or (one.version,))]
    # Which cells have noise may not follow from who is there.
    return group_tables(asked if ordered.privacy else versions_of(asked, people), people, ordered)


def _without_few(
    people: pl.DataFrame, ordered: Specification, earlier: Sequence[Entry], keys: Sequence[PrivateKey]
) -> pl.DataFrame:
    held: set[bytes] = set()
    for group in ordered.groups:
        ours = frozenset(people.filter(pl.col(".group") == group).get_column(".linked"))
        held |= left_out_for(ours, earlier, keys[0])
    return people.filter(~pl.col(".linked").is_in(list(held)))


def _refuse_beside(group: GroupTables, ordered: Specification, before: Sequence[InPublic]) -> None:
    for one in before:
        if not one.people & group.labels:
            continue
        if one.shape == SUMMARY:
            raise ReleaseError(SUMMARY_BEFORE)
        if one.noisy != bool(ordered.privacy):
            before_them = "noisy" if one.noisy else "exact"
            raise ReleaseError(MIXED.format(before_them, before_them))
        if not one.noisy and (one.people != group.labels or one.shape != _shape(group, ordered)):
            raise ReleaseError(OTHERS)


def _shape(group: GroupTables, ordered: Specification) -> Any:
    """What must be the same for the same cells to be withheld."""
    values = {name: list(codes) for name, codes in group.values.items()}
    return [sorted(sorted(names) for names in group.crossings), values, least_of(ordered), list(group.waves)]


def _remember(ledger: Ledger, groups: Sequence[GroupTables], ordered: Specification) -> None:
    before = told_before(ledger)
    for group in groups:
        remember_told(ledger, InPublic(group.labels, _shape(group, ordered), bool(ordered.privacy)), before)
