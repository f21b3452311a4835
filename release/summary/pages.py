"""A summary as blocks: what stands in the page and in the PDF, in this order. Adds no figure of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from release.limits import limits_of
from release.specification import Specification
from release.summary.blocks import Block, Bullets, Cell, Heading, Page, Paragraph, Said, Table, in_study
from release.summary.build import GroupSummary, Summary
from release.summary.flow import NOT_COUNTED
from release.summary.page_figures import (
    answers_figures,
    means_figure,
    mirror_figure,
    missing_blocks,
    part_in_words,
    reliability_table,
)
from release.summary.patterns import Part
from release.summary.told_beside import (
    NOT_TOLD,
    WHOSE,
    left_out_in_words,
    number_left_out,
    splits_untold,
)
from release.summary.words import (
    ANSWERS,
    MIRRORS,
    MISSING,
    PARTS,
    RELIABILITY,
    SCALES,
    SPLITS,
    TEAM_ONLY,
    TOGETHER,
    VIEWS,
    WHO,
    method_in_words,
    withheld_in_words,
)
from release.versions import broken_between, broken_in_words


def page_of(summary: Summary, ordered: Specification) -> Page:
    """The whole page."""
    title = in_study(summary.versions[0].title, ordered.language)
    return Page(title, tuple(_blocks(summary, ordered)))


def _blocks(summary: Summary, ordered: Specification) -> Iterator[Block]:
    yield Paragraph(Said(f"Summary by group. Purpose: {ordered.purpose}"))
    if ordered.recipient:
        yield Paragraph(Said(f"Made for: {ordered.recipient}"))
    if not summary.rules.zero_too:
        yield Paragraph(Said(TEAM_ONLY))
    yield from _limits(summary, ordered)
    yield from _flow(summary, ordered.language)
    for group in summary.groups:
        yield from _group(group, summary, ordered.language)
    yield from _mirrors(summary, ordered.language)
    yield from _versions(summary)
    yield Heading(2, Said("What is withheld, and why"))
    yield Bullets(tuple(map(Said, withheld_in_words(summary.rules))))
    yield Heading(2, Said("How the figures were worked out"))
    yield Bullets(tuple(map(Said, method_in_words(summary.rules))))
    yield Paragraph(Said(f"Licence: {ordered.licence}. {WHO}"), is_quiet=True)


def _limits(summary: Summary, ordered: Specification) -> Iterator[Block]:
    study = summary.versions[0].study
    yield Heading(2, Said("What this cannot show"))
    yield Bullets(tuple(Said(line) for line in (*limits_of(study, ordered.groups), VIEWS)))


def _flow(summary: Summary, language: str) -> Iterator[Block]:
    flow, step = summary.flow, summary.flow.step
    yield Heading(2, Said("Who took part"))
    if flow.is_told:
        yield Table(
            Said("People by group, from the tallies of the study"),
            tuple(map(Said, ("Group", "Finished", "Refused", "Could not take part", "In this summary"))),
            tuple(
                (
                    Cell(in_study(group.group.title, language)),
                    *(_steps(number, step) for number in (row.finished, row.refused, row.not_eligible)),
                    _people(group, step),
                )
                for group, row in zip(summary.groups, flow.rows, strict=True)
            ),
        )
        yield from _left_out(summary, language)
        yield Paragraph(Said(f"Withdrew, in the whole study: {_in_steps(flow.withdrawn, step)}."))
        yield Paragraph(Said(f"Tallies are told in steps of {step}, so that no two summaries tell of one person."))
        yield Bullets(tuple(map(Said, NOT_COUNTED)))
    else:
        yield Paragraph(Said("These records carry no tallies, so refusals and withdrawals are not told."))


def _left_out(summary: Summary, language: str) -> Iterator[Block]:
    """Why there are fewer in this summary than finished."""
    ours = [group for group in summary.groups if summary.beside.left_out.get(group.group.name)]
    if ours:
        rows = ((in_study(one.group.title, language), Said(number_left_out(one, summary))) for one in ours)
        head = (Said("Group"), Said("People"))
        yield Table(Said("Left out beside earlier releases"), head, tuple((Cell(a), Cell(b)) for a, b in rows))
        yield Paragraph(Said(WHOSE))


def _in_steps(number: int | None, step: int) -> str:
    return f"fewer than {step}" if number is None else f"at least {number}"


def _steps(number: int | None, step: int) -> Cell:
    return Cell(Said(_in_steps(number, step)), is_number=True)


def _people(group: GroupSummary, step: int) -> Cell:
    if group.people is None:
        return Cell(Said("fewer than 10"), is_number=True)
    return Cell(Said(str(group.people)), is_number=True) if group.is_exact else _steps(group.people, step)


def _group(group: GroupSummary, summary: Summary, language: str) -> Iterator[Block]:
    yield Heading(2, in_study(group.group.title, language))
    if group.people is None:
        yield Paragraph(Said("Fewer than 10 people, so nothing is told of what they answered."))
        return
    if summary.beside.left_out.get(group.group.name):
        yield Paragraph(Said(left_out_in_words(group, summary)))
    yield Heading(3, Said("Scales"))
    yield Paragraph(Said(SCALES))
    yield means_figure(group, (None,), summary, language)
    for split in dict.fromkeys(part[0] for part in group.parts if part):
        yield from _split(group, split, summary, language)
    for split in splits_untold(group.group.name, summary):
        yield Heading(4, Said(SPLITS[split]))
        yield Paragraph(Said(NOT_TOLD))
    yield Heading(3, Said("Reliability"))
    yield Paragraph(Said(RELIABILITY))
    yield reliability_table(group, summary, language)
    yield Heading(3, Said("Missing answers"))
    yield Paragraph(Said(MISSING))
    yield from missing_blocks(group, language)
    yield Heading(3, Said("Answers to each question"))
    yield Paragraph(Said(ANSWERS))
    yield from answers_figures(group, language)


def _split(group: GroupSummary, split: str, summary: Summary, language: str) -> Iterator[Block]:
    parts = tuple(part for part in group.parts if part and part[0] == split)
    told = tuple(part for part in parts if any(row.mean for row in group.scales if row.part == part))
    yield Heading(4, Said(SPLITS[split]))
    if told:
        yield Paragraph(Said(PARTS))
        yield means_figure(group, told, summary, language)
    yield from _withheld(group, told, parts, summary, language)


def _withheld(
    group: GroupSummary, told: Sequence[Part], parts: Sequence[Part], summary: Summary, language: str
) -> Iterator[Block]:
    """In a sentence, what no table needs a row for."""
    if untold := [part_in_words(part, summary, language) for part in parts if part not in told]:
        yield Paragraph(Said("Withheld for every scale, as too few people would stand behind them or be left over:"))
        yield Bullets(tuple(untold))
    scales = {row.scale.name: row.scale for row in group.scales}
    shown = {row.scale.name for row in group.scales if row.part in told and row.mean}
    if told and (rest := [in_study(scale.title, language) for name, scale in scales.items() if name not in shown]):
        yield Paragraph(Said("Withheld for every part:"))
        yield Bullets(tuple(rest))


def _mirrors(summary: Summary, language: str) -> Iterator[Block]:
    if not summary.mirrors:
        return
    yield Heading(2, Said("Similar questions to the groups"))
    yield Paragraph(Said(MIRRORS))
    for mirror in summary.mirrors:
        yield Heading(3, Said(mirror.idea))
        yield mirror_figure(mirror, summary, language)


def _versions(summary: Summary) -> Iterator[Block]:
    if len(summary.versions) < 2:
        return
    yield Heading(2, Said("What differs between versions"))
    labels = ", ".join(version.version for version in summary.versions)
    yield Paragraph(Said(f"People answered these versions of the questionnaire, the newest first: {labels}."))
    broken = [broken_in_words(version, one) for version, one in broken_between(summary.versions, _ours(summary))]
    if not broken:
        yield Paragraph(Said("Nothing was found whose answers cannot be compared between these versions."))
        return
    yield Paragraph(Said(TOGETHER))
    yield Bullets(tuple(map(Said, broken)))


def _ours(summary: Summary) -> set[str]:
    """What the summary speaks of, as differences between versions name it."""
    scales = {f"scale {row.scale.name}" for group in summary.groups for row in group.scales}
    items = {name for group in summary.groups for row in group.scales for name in row.scale.items}
    return scales | items | {told.item.name for group in summary.groups for _, block in group.blocks for told in block}
