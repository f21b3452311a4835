"""Several versions of a study in one release: who answered which, what differs, what cannot be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

import polars as pl

from instruments.codebook import codebook_row
from instruments.comparing.differences import Difference, breaking, differences_to_all
from instruments.model import Instrument

if TYPE_CHECKING:
    from release.build import Release
    from release.columns import Column

DIFFERING = ("label", "type", "codes")  # of a codebook's row, where an earlier version's may be another


def versions_of(known: Sequence[Instrument], people: pl.DataFrame) -> tuple[Instrument, ...]:
    """The newest version and every one that these people answered, the newest first."""
    answered = set(people[".instrument"].unique())
    return tuple(one for place, one in enumerate(known) if place == 0 or one.digest in answered)


def answered_by(told: pl.Series, versions: Sequence[Instrument]) -> tuple[int, ...]:
    """How many people answered each version, from the digest of each one's."""
    counts = Counter(dict(told.value_counts().iter_rows()))
    return tuple(counts[version.digest] for version in versions)


def asked_in(release: Release, column: Column) -> list[str]:
    """The versions that have a variable, the newest first."""
    if not column.versions:
        return [version.version for version in release.instruments]
    return [version.version for version in release.instruments if version.digest in column.versions]


def is_lacking(release: Release, column: Column) -> bool:
    """Whether a version does not ask a group what another asks of it."""
    return any(
        (version.digest, group.name) not in column.asked
        for version in release.instruments
        for group in version.groups
        if group.name in column.asked_of
    )


def elsewhere(release: Release, column: Column) -> Iterator[str]:
    """What the codebook says of a variable in an earlier version, where that is another thing than now."""
    ordered = release.specification
    now: dict[str, str] = {}
    for version in release.instruments:
        if version.digest not in column.versions:
            continue
        item = column.versions[version.digest]
        row = codebook_row(version, item, ordered.groups, ordered.language)
        now = now or row
        found = [f"{_titled(name, ordered.language)}: {row[name]}" for name in DIFFERING if row[name] != now[name]]
        if column.is_withheld_for(version.digest):
            found.append("withheld, as it was promised then")
        if found:
            yield f"in {version.version} {'; '.join(found)}"


def _titled(name: str, language: str) -> str:
    return name if name == "type" else f"{name} ({language})"


def incomparable(release: Release) -> Iterator[tuple[Instrument, Difference]]:
    """What breaks comparability between the versions of a release, with the version that broke it, the first first."""
    ours = {column.item.name for column in release.columns} | {
        f"{kind} {name}" for column in release.columns for kind, name in _shared(column)
    }
    yield from broken_between(release.instruments, ours)


def broken_between(newest_first: Sequence[Instrument], ours: Set[str]) -> Iterator[tuple[Instrument, Difference]]:
    """What breaks comparability of these (items by name, "scale NAME", "hierarchy NAME") between versions."""
    added = newest_first[::-1]
    for place, version in enumerate(added):
        found = breaking(differences_to_all(added[:place], version))
        yield from ((version, one) for one in found if one.about in ours)


def incomparable_in_words(release: Release) -> Iterator[str]:
    """The same, a line each: what, since when, why, and in which language its words changed."""
    yield from (broken_in_words(version, one) for version, one in incomparable(release))


def broken_in_words(version: Instrument, one: Difference) -> str:
    """One thing that broke, on a line."""
    what = " ".join(filter(None, (one.what, f"in {one.language}" if one.language else "")))
    return f"{one.about}, since {version.version}: {one.breaks}{f' ({what})' if what else ''}"


def _shared(column: Column) -> Iterator[tuple[str, str]]:
    for item in column.versions.values():
        yield from (("scale", scale) for scale in item.scales)
        if item.hierarchy:
            yield "hierarchy", item.hierarchy
