"""A summary beside the releases before it: refused where a mean of one less a mean of the other would tell of a few.

A summary speaks of parts (a group, its people of one place), so each part that is told is an entry of the ledger of
its own. And a mean is over those who have a score: also of these, an earlier summary may lack none or at least ten.
Remembers the labels of who was in a part, sealed as release/ledger.py seals them; no answer and no score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from errors import ReleaseError
from instruments.model import Scale
from instruments.scoring import LEAST_VALID
from privacy.opening import PrivateKey
from release.budget import Ledger
from release.dataset import Dataset
from release.desk_notes import turn
from release.differencing import LEAST, remainders
from release.ledger import WHAT_TO_DO, Entry, earlier_releases, left_out_for, refuse_differences, remember
from release.made import Files
from release.source import Source
from release.specification import Specification
from release.summary.build import Beside, GroupSummary, Summary
from release.summary.files import files_of, people_of, summary_of
from release.summary.patterns import Part
from release.summary.rules import TEAM
from release.told_in_public import SUMMARY, InPublic, refuse_after_tables, remember_told, told_before
from release.unlocked import in_order

Told = tuple[GroupSummary, Part, pl.DataFrame]  # a part that is told, with its people


def summary_release(
    source: Source,
    dataset: Dataset,
    ordered: Specification,
    releases: Path,
    keys: Sequence[PrivateKey],
    today: date,
) -> Files:
    """The files of a summary that may be written, remembered before they are. Raises ReleaseError.

    With `hold_back`, a group is not told apart by what would tell of few, and people are left out until nobody can be
    worked out.
    """
    known = in_order(source, keys)
    return files_beside(source, people_of(source, dataset, ordered), ordered, releases, known, today)


def files_beside(
    source: Source,
    everyone: pl.DataFrame,
    ordered: Specification,
    releases: Path,
    keys: Sequence[PrivateKey],
    today: date,
) -> Files:
    """The same of people who are chosen already. `keys`: the research keys, the oldest first."""
    ledger = Ledger(releases, keys, source.study)
    with turn(releases):
        return _remembered(source, everyone, ordered, ledger, today)


def _remembered(
    source: Source, everyone: pl.DataFrame, ordered: Specification, ledger: Ledger, today: date
) -> Files:
    summary, people = summary_beside_others(source, everyone, ordered, ledger)
    files = files_of(summary, ordered)
    before = told_before(ledger) if summary.rules != TEAM else ()
    for _, _, who in _told(summary, people):
        if summary.rules != TEAM:
            remember_told(ledger, InPublic(_labels(who), SUMMARY), before)
        remember(ledger.releases, ledger.keys[-1], source.study, Entry("summary", ordered.purpose, today, _labels(who)))
    return Files(files, summary.beside.left_out)


def summary_beside_others(
    source: Source, everyone: pl.DataFrame, ordered: Specification, ledger: Ledger
) -> tuple[Summary, pl.DataFrame]:
    """The summary that may be made beside everything told before, and of whom; writes nothing. Raises ReleaseError."""
    earlier = earlier_releases(ledger.releases, ledger.keys, source.study)
    people = _without_few(everyone, ordered, earlier, ledger.keys) if ordered.hold_back else everyone
    summary = _untold(source, people, ordered, earlier, Beside(_left_out(everyone, people)))
    told = list(_told(summary, people))
    before = told_before(ledger) if summary.rules != TEAM else ()
    for _, part, who in told:
        refuse_after_tables(_labels(who), before)
        refuse_differences(_labels(who), _compared(part, _labels(who), earlier))
    _refuse_scores(told, people, earlier)
    return summary, people


def _compared(part: Part, people: frozenset[bytes], earlier: Sequence[Entry]) -> list[Entry]:
    """What a part is compared with: a whole group with everything, a place only with what holds nearly all of it.

    Sums of people of one place and of people asked in one way cross each other: neither leaves a remainder of the
    other, and release/summary/spans.py looks at what all of them together leave.
    """
    near = (one for one in earlier if len(people - one.people) < LEAST or len(one.people - people) < LEAST)
    return list(earlier) if part is None else [one for one in near if one.people & people]


def _without_few(
    people: pl.DataFrame, ordered: Specification, earlier: Sequence[Entry], keys: Sequence[PrivateKey]
) -> pl.DataFrame:
    """Without those of each whole group who could be worked out. For a part of a group nobody is left out."""
    held: set[bytes] = set()
    for group in ordered.groups:
        ours = _labels(people.filter(pl.col(".group") == group))
        held |= left_out_for(ours, earlier, keys[0])
    return people.filter(~pl.col(".linked").is_in(list(held)))


def _untold(
    source: Source, people: pl.DataFrame, ordered: Specification, earlier: Sequence[Entry], beside: Beside
) -> Summary:
    """The summary; with `hold_back`, without the places and ways of asking that would tell of few."""
    summary = summary_of(source, people, ordered, beside)
    if not ordered.hold_back:
        return summary
    crossing = {
        (group.group.name, part[0])
        for group, part, who in _told(summary, people)
        if part and (_is_cut_out(part, who, earlier) or any(_few_scores(group, part, who, people, earlier)))
    }
    if not crossing:
        return summary
    # What is told apart no more may let other parts be told: so it is looked at again.
    return _untold(source, people, ordered, earlier, replace(beside, untold=beside.untold | crossing))


def _is_cut_out(part: Part, who: pl.DataFrame, earlier: Sequence[Entry]) -> bool:
    ours = _labels(who)
    return bool(remainders(ours, [one.people for one in _compared(part, ours, earlier)]))


def _left_out(everyone: pl.DataFrame, people: pl.DataFrame) -> dict[str, int]:
    gone = everyone.filter(~pl.col(".participant").is_in(people.get_column(".participant").to_list()))
    return dict(gone.group_by(".group").len().sort(".group").iter_rows())


def _told(summary: Summary, people: pl.DataFrame) -> Iterator[Told]:
    """Every part of which a mean or a count is told."""
    for group in summary.groups:
        ours = people.filter(pl.col(".group") == group.group.name)
        if group.people is not None:
            yield group, None, ours
        for part in dict.fromkeys(row.part for row in group.scales if row.part and row.mean):
            if part:
                yield group, part, ours.filter(pl.col(part[0]).cast(pl.String) == part[1])


def _labels(people: pl.DataFrame) -> frozenset[bytes]:
    return frozenset(people.get_column(".linked"))


def _refuse_scores(told: Sequence[Told], people: pl.DataFrame, earlier: Sequence[Entry]) -> None:
    """Refuse where those who have a score are others than in an earlier summary, and fewer than ten others."""
    for group, part, who in told:
        for scale, one in _few_scores(group, part, who, people, earlier):
            raise ReleaseError(
                f"Fewer than ten people could be worked out by comparing the mean of {scale.name} with {one.title}: "
                f"they have a score in one and not in the other. {WHAT_TO_DO}"
            )


def _few_scores(
    group: GroupSummary, part: Part, who: pl.DataFrame, people: pl.DataFrame, earlier: Sequence[Entry]
) -> Iterator[tuple[Scale, Entry]]:
    before = [one for one in earlier if one.kind == "summary"]
    for row in group.scales if before else ():
        if row.part == part and row.mean:
            yield from ((row.scale, one) for one in _few_with(row.scale, who, people, before))


def _few_with(scale: Scale, who: pl.DataFrame, people: pl.DataFrame, before: Sequence[Entry]) -> Iterator[Entry]:
    """Earlier summaries of which a few others have this score."""
    now, anybody = _labels(who.filter(_has_score(scale, who))), _labels(people.filter(_has_score(scale, people)))
    for one in before:
        others = now ^ (one.people & anybody)
        if 0 < len(others) < LEAST:
            yield one


def _has_score(scale: Scale, people: pl.DataFrame) -> pl.Expr:
    answered = [(pl.col(name) >= LEAST_VALID).fill_null(False) for name in scale.items if name in people.columns]
    return pl.sum_horizontal(*answered, pl.lit(0)) >= scale.minimum_answered
