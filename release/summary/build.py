"""Work out a group summary: every figure that may be told, and none besides. Pure; reads no file, asks no clock.

The rules are the study's (R2, R3; docs/summary.md). What this hands out is what stands in the page, the PDF and the
JSON: numbers of groups, already withheld where they must be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from errors import ReleaseError
from instruments.model import Group, Instrument, Item, Scale, Text
from release.summary.distributions import Distribution, distribution_of, is_scale, without_numbers
from release.summary.flow import Flow, flow_of, in_steps
from release.summary.means import ScaleRow, scale_rows
from release.summary.mirrors import mirrors_of
from release.summary.missing import MissingShares, missing_shares
from release.summary.patterns import SPLITS, Part, Patterns, patterns_of
from release.summary.rules import Rules
from release.summary.spans import Sums, tells_of_few
from storage.office import Tally


@dataclass(frozen=True)
class GroupSummary:
    """One group. `people`: exact within the team, else in steps; None where there are too few to tell anything of.

    `blocks`: its questions as they stood together, each block with its heading.
    """

    group: Group
    people: int | None
    is_exact: bool
    parts: tuple[Part, ...]
    scales: tuple[ScaleRow, ...]
    missing: tuple[MissingShares, ...]
    blocks: tuple[tuple[Text | None, tuple[Distribution, ...]], ...]


@dataclass(frozen=True)
class Mirror:
    """One idea and the questions of the groups that ask it, with their groups."""

    idea: str
    questions: tuple[tuple[Group, Distribution], ...]


@dataclass(frozen=True)
class Beside:
    """What a summary gives up so that nobody can be worked out beside earlier releases.

    `left_out`: how many people of which group. `untold`: by what a group is not told apart (a group, a split).
    """

    left_out: Mapping[str, int] = field(default_factory=dict)
    untold: frozenset[tuple[str, str]] = frozenset()


NOTHING = Beside()


@dataclass(frozen=True)
class Summary:
    """A whole summary. `versions`: those that were answered, the newest first."""

    versions: tuple[Instrument, ...]
    rules: Rules
    flow: Flow
    groups: tuple[GroupSummary, ...]
    mirrors: tuple[Mirror, ...]
    beside: Beside = NOTHING


def build_summary(
    people: pl.DataFrame,
    versions: Sequence[Instrument],
    groups: Sequence[str],
    tallies: Iterable[Tally],
    rules: Rules,
    beside: Beside = NOTHING,
) -> Summary:
    """The summary of these people (one wave of these versions, the newest first). Raises ReleaseError."""
    known = {group.name: group for version in reversed(versions) for group in version.groups}
    if strangers := [name for name in groups if name not in known]:
        raise ReleaseError(f"The study has no group {', '.join(strangers)}.")
    told = tuple(group_summary(people, versions, known[name], rules, beside.untold) for name in groups)
    flow = flow_of(tallies, groups, rules.step)
    return Summary(tuple(versions), rules, flow, told, tuple(_mirrors(versions[0].study, told)), beside)


def group_summary(
    people: pl.DataFrame,
    versions: Sequence[Instrument],
    group: Group,
    rules: Rules,
    untold: Collection[tuple[str, str]] = (),
) -> GroupSummary:
    """One group's part of the summary. `untold`: groups and the splits by which they are not told apart."""
    ours = people.filter(pl.col(".group") == group.name)
    if ours.height < rules.mean:
        return GroupSummary(group, None, False, (), (), (), ())
    splits = [split for split in SPLITS if split in ours.columns and (group.name, split) not in untold]
    parts = (None, *(part for split in splits for part in _parts(ours, split)))
    families = list(_families(versions, group.name))
    asked = {item.name: distribution_of(item, ours, rules) for item in _questions(versions, group.name)}
    rows: list[ScaleRow] = []
    shares = []
    for family in families:
        found = patterns_of(ours, [name for scale in family for name in scale.items], splits)
        told = scale_rows(family, found, parts, rules)
        rows += told
        shares.append(missing_shares(family[0], found, rules))
        asked |= _safe_beside(family, told, asked, found, rules)
    exact = not rules.zero_too
    number = ours.height if exact else in_steps(ours.height, rules.step)
    blocks = tuple(_blocks(versions, group.name, asked))
    return GroupSummary(group, number, exact, parts, tuple(rows), tuple(shares), blocks)


def _parts(people: pl.DataFrame, split: str) -> list[Part]:
    """The places or ways that somebody of the group told; whoever did not say stands in none."""
    found = people.get_column(split).cast(pl.String).drop_nulls().unique().to_list()
    known = sorted((value for value in found if not value.startswith("-")), key=lambda value: (len(value), value))
    return [(split, value) for value in known]


def _families(versions: Sequence[Instrument], group: str) -> Iterator[tuple[Scale, ...]]:
    """Each scale of the group with its facets, as the newest version that has it defines it."""
    known = {scale.name: scale for version in reversed(versions) for scale in version.scales if scale.group == group}
    for scale in known.values():
        if scale.parent not in known:
            yield (scale, *(facet for facet in known.values() if facet.parent == scale.name))


def _questions(versions: Sequence[Instrument], group: str) -> Iterator[Item]:
    """Questions with five ordered answers, of which anybody may be told. Traits that others know are no part of it."""
    found = {item.name: item for version in reversed(versions) for item in _asked(version, group)}
    promised = {item.name for version in versions for item in _asked(version, group) if item.privacy in UNTOLD}
    yield from (item for item in found.values() if is_scale(item) and item.name not in promised)


UNTOLD = ("direct", "open", "quasi")


def _asked(version: Instrument, group: str) -> Iterable[Item]:
    return version.research_items(group) if group in {one.name for one in version.groups} else ()


def _blocks(
    versions: Sequence[Instrument], group: str, asked: dict[str, Distribution]
) -> Iterator[tuple[Text | None, tuple[Distribution, ...]]]:
    left = dict(asked)
    for version in versions:
        if group not in {one.name for one in version.groups}:
            continue
        for block in (block for part in version.visit(group) for block in part.blocks):
            if here := tuple(left.pop(item.name) for item in block.items if item.name in left):
                yield block.title, here


def _safe_beside(
    family: Sequence[Scale],
    rows: Sequence[ScaleRow],
    asked: dict[str, Distribution],
    found: Patterns,
    rules: Rules,
) -> dict[str, Distribution]:
    """The family's questions, without those whose answers would with the means tell of fewer than ten people.

    The question that fewest answered goes first: it is the one that tells the others apart.
    """
    ours = {name: asked[name] for scale in family for name in scale.items if name in asked}
    means = [Sums(row.scale, row.part) for row in rows if row.mean]
    while tells_of_few(
        [*means, *(Sums(family[0], None, name) for name in ours if _is_sum(ours[name]))], found, rules.mean
    ):
        told = [name for name in ours if _is_sum(ours[name])]
        if not told:
            raise ReleaseError("The summary's means would tell of single people. Nothing was written.")
        gone = min(told, key=lambda name: (ours[name].number or 0, name))
        ours[gone] = without_numbers(ours[gone])
    return ours


def _is_sum(told: Distribution) -> bool:
    """Whether the sum of its answers can be worked out from what is told."""
    return told.mean is not None or (bool(told.counts) and all(len(group) == 1 for group in told.answers))


def _mirrors(study: str, groups: Sequence[GroupSummary]) -> Iterator[Mirror]:
    asked = {told.item.name: (one.group, told) for one in groups for _, block in one.blocks for told in block}
    for idea, names in mirrors_of(study):
        found = tuple(asked[name] for name in names if name in asked)
        if len(found) > 1:
            yield Mirror(idea, found)
