"""Public tables beside earlier ones: the files that may be handed on, remembered before they are.

Two sets of tables of nearly the same people, or other tables of the same people, could be held together: then cells
that each set withholds for itself come out. So exact tables of somebody are made once: the same tables of the same
people again are allowed, and tables of people of whom none was in earlier ones. Noisy tables go by the budget; exact
and noisy tables of the same people are never both made, as the exact ones would take the noise off the others.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.budget import Ledger
from release.dataset import Dataset
from release.desk_notes import keep_note, notes
from release.ledger import LABEL, Entry, earlier_releases, left_out_for, refuse_differences, remember
from release.public_files import exact_files, noisy_files
from release.public_noise import noisy
from release.public_tables import GroupTables, group_tables, least_of
from release.source import Source
from release.specification import Specification
from release.summary.files import people_of
from release.versions import versions_of

KIND = "tables"
OTHERS = (
    "Public tables of some of these people were made before, of other people beside them or as other tables. Cells "
    "that each withholds could be worked out from both. Ask for the same tables of the same people (another wave is "
    "other people), or add noise from the start."
)
MIXED = (
    "Of some of these people there are {} tables already. Exact counts would take the noise off noisy ones, so only "
    "one of the two is ever made. Ask for {} tables."
)


@dataclass(frozen=True)
class Made:
    """Tables of before: of whom, which, and whether they had noise."""

    people: frozenset[bytes]
    shape: Any
    noisy: bool


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
) -> dict[str, bytes]:
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
) -> dict[str, bytes]:
    """The same of people who are chosen already."""
    ledger = Ledger(releases, keys, source.study)
    earlier = earlier_releases(releases, keys, source.study)
    people = _without_few(everyone, ordered, earlier, keys) if ordered.hold_back and not ordered.privacy else everyone
    groups = _groups(source, people, ordered)
    before = _made(ledger)
    for group in groups:
        _refuse_beside(group, ordered, before)
    if ordered.privacy:
        # Remembered first: from here on no exact table of these people is made, whatever goes wrong.
        _remember(ledger, groups, ordered, before)
        return noisy_files(groups, noisy(groups, ordered, ledger), ordered, source.newest)
    for group in groups:
        refuse_differences(group.labels, earlier)
    files = exact_files(groups, ordered, source.newest)
    _remember(ledger, groups, ordered, before)
    for group in groups:
        remember(releases, keys[-1], source.study, Entry("tables", ordered.purpose, today, group.labels))
    return files


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
        ours = frozenset(people.filter(pl.col(".group") == group).get_column(".participant"))
        held |= left_out_for(ours, earlier, keys[0])
    return people.filter(~pl.col(".participant").is_in(list(held)))


def _refuse_beside(group: GroupTables, ordered: Specification, before: Sequence[Made]) -> None:
    for one in before:
        if not one.people & group.labels:
            continue
        if one.noisy != bool(ordered.privacy):
            before_them = "noisy" if one.noisy else "exact"
            raise ReleaseError(MIXED.format(before_them, before_them))
        if not one.noisy and (one.people != group.labels or one.shape != _shape(group, ordered)):
            raise ReleaseError(OTHERS)


def _shape(group: GroupTables, ordered: Specification) -> Any:
    """What must be the same for the same cells to be withheld."""
    values = {name: list(codes) for name, codes in group.values.items()}
    return [sorted(sorted(names) for names in group.crossings), values, least_of(ordered)]


def _remember(ledger: Ledger, groups: Sequence[GroupTables], ordered: Specification, before: Sequence[Made]) -> None:
    for group in groups:
        made = Made(group.labels, _shape(group, ordered), bool(ordered.privacy))
        if made not in before:
            people = base64.b64encode(b"".join(sorted(made.people))).decode("ascii")
            told = {"people": people, "shape": made.shape, "noisy": made.noisy}
            keep_note(ledger.releases, ledger.keys[-1].public(), ledger.study, KIND, told)


def _made(ledger: Ledger) -> tuple[Made, ...]:
    return tuple(map(_read, notes(ledger.releases, ledger.keys, ledger.study, KIND)))


def _read(told: Mapping[str, Any]) -> Made:
    try:
        labels = base64.b64decode(told["people"], validate=True)
        people = frozenset(labels[at : at + LABEL] for at in range(0, len(labels), LABEL))
        return Made(people, told["shape"], bool(told["noisy"]))
    except (LookupError, TypeError, ValueError):
        raise ReleaseError(
            "A note of earlier public tables has a form that this version does not know. No tables are made until it "
            "is clear what was told before."
        ) from None
