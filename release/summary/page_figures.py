"""The figures of a summary's page with their tables: means as dots, answers as bars. Draws only what may be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from instruments.model import Item
from instruments.scoring import half_up
from release.summary.blocks import (
    Block,
    Bullets,
    Cell,
    Drawn,
    Figure,
    Heading,
    Paragraph,
    Said,
    Table,
    in_study,
    is_leftwards,
)
from release.summary.build import GroupSummary, Mirror, Summary
from release.summary.distributions import Distribution
from release.summary.means import ScaleRow
from release.summary.patterns import Part
from release.summary.plots import STEPS, TOGETHER, axis, bar, dot, reach_of, swatch
from release.summary.words import MODES, WITHHELD

NOT_TOLD = Said("withheld")


def means_figure(group: GroupSummary, parts: Sequence[Part], summary: Summary, language: str) -> Figure:
    """Scale means of the whole group, or of parts of it."""
    told = {row.scale.name for row in group.scales if row.part in parts and row.mean}
    rows = [row for row in group.scales if row.part in parts and (row.part is None or row.scale.name in told)]
    leftwards, places = is_leftwards(language), summary.rules.decimals
    lines = [
        Drawn(_of(row, summary, language), dot(row.mean.mean, row.mean.low, row.mean.high, leftwards, bool(row.part)))
        for row in rows
        if row.mean
    ]
    who = (Said("Who"),) if any(parts) else ()
    head = (Said("Scale"), *who, *map(Said, ("n", "Mean", "SD", "95% interval")))
    table = tuple(
        (Cell(in_study(row.scale.title, language)), *_who(row, summary, language), *_mean_cells(row, places))
        for row in rows
    )
    return Figure((), _with_axis(lines, leftwards), Table(Said("Scale means"), head, table, language))


def reliability_table(group: GroupSummary, summary: Summary, language: str) -> Table:
    """Alpha and omega of each scale, for the whole group and for parts where there are enough people."""
    rows = [row for row in group.scales if row.part is None or (row.mean and row.mean.complete)]
    least = f"fewer than {summary.rules.reliability} complete"
    table = tuple(
        (
            Cell(in_study(row.scale.title, language)),
            Cell(part_in_words(row.part, summary, language)),
            *_reliability_cells(row, least),
        )
        for row in rows
    )
    head = tuple(map(Said, ("Scale", "Who", "Complete", "Alpha", "Omega")))
    return Table(Said("Alpha and omega; of two questions Spearman-Brown (SB)"), head, table, language)


def missing_blocks(group: GroupSummary, language: str) -> Iterator[Block]:
    """Shares of Don't know and Prefer not to say: of scales, then of questions that are in none."""
    scaled = {name for row in group.scales for name in row.scale.items}
    shares = [(in_study(one.scale.title, language), one.dont_know, one.not_said) for one in group.missing]
    for _, block in group.blocks:
        for told in (told for told in block if told.item.name not in scaled):
            both = [None, None] if told.missing is None else [Fraction(one, told.asked) for one in told.missing]
            shares.append((in_study(told.item.label, language), both[0], both[1]))
    rows = tuple((Cell(said), *_share_cells(first, second)) for said, first, second in shares if second is not None)
    head = tuple(map(Said, ("Scale or question", "Don't know", "Prefer not to say")))
    if rows:
        yield Table(Said("Shares of missing answers"), head, rows, language)
    if untold := [said for said, _, second in shares if second is None]:
        yield Paragraph(Said("Withheld for:"))
        yield Bullets(tuple(untold))


def answers_figures(group: GroupSummary, language: str) -> Iterator[Block]:
    """For each block of the questionnaire, a figure for each set of answers in it."""
    reach = reach_of(told.counts for _, block in group.blocks for told in block if told.counts)
    for title, block in group.blocks:
        if title:
            yield Heading(4, in_study(title, language))
        for same in _same_answers(block, language):
            yield _answers(same, reach, language)


def mirror_figure(mirror: Mirror, summary: Summary, language: str) -> Figure:
    """The means of similar questions side by side."""
    leftwards, places = is_leftwards(language), summary.rules.decimals
    lines = [
        Drawn(in_study(group.title, language), dot(told.mean.mean, told.mean.low, told.mean.high, leftwards))
        for group, told in mirror.questions
        if told.mean
    ]
    table = tuple(
        (Cell(in_study(group.title, language)), Cell(in_study(told.item.label, language)), *_item_mean(told, places))
        for group, told in mirror.questions
    )
    head = tuple(map(Said, ("Group", "Question", "n", "Mean", "95% interval")))
    return Figure((), _with_axis(lines, leftwards), Table(Said(mirror.idea), head, table, language))


def part_in_words(part: Part, summary: Summary, language: str) -> Said:
    """Who a part of a group is."""
    if part is None:
        return Said("Everybody")
    split, value = part
    sites = {site.code: site.label for version in reversed(summary.versions) for site in version.sites}
    if split == "site" and value in sites:
        return in_study(sites[value], language)
    return Said(MODES.get(value, value))


def _of(row: ScaleRow, summary: Summary, language: str) -> Said:
    title = in_study(row.scale.title, language)
    if row.part is None:
        return title
    return Said(f"{title.words} · {part_in_words(row.part, summary, language).words}", title.language)


def _with_axis(lines: list[Drawn], leftwards: bool) -> tuple[Drawn, ...]:
    return (*lines, Drawn(Said(""), axis(leftwards))) if lines else ()


def _who(row: ScaleRow, summary: Summary, language: str) -> tuple[Cell, ...]:
    return (Cell(part_in_words(row.part, summary, language)),) if row.part else ()


def _mean_cells(row: ScaleRow, places: int) -> tuple[Cell, ...]:
    if row.mean is None:
        return (Cell(Said(WITHHELD[row.why or "part"]), span=4),)
    mean = row.mean
    low_high = _range(mean.low, mean.high, places)
    return _numbers(str(mean.number), half_up(mean.mean, places), half_up(mean.deviation, places), low_high)


def _range(low: Fraction, high: Fraction, places: int) -> str:
    return f"{half_up(low, places)} to {half_up(high, places)}"


def _numbers(*told: str) -> tuple[Cell, ...]:
    return tuple(Cell(Said(one), is_number=True) for one in told)


def _reliability_cells(row: ScaleRow, least: str) -> tuple[Cell, ...]:
    if row.mean is None or row.mean.complete is None:
        return (Cell(Said(least if row.mean else WITHHELD[row.why or "part"]), span=3),)
    pair = len(row.scale.items) == 2
    return _numbers(
        str(row.mean.complete), _coefficient(row.mean.alpha, pair), "" if pair else _coefficient(row.mean.omega)
    )


def _coefficient(value: Fraction | float | None, is_pair: bool = False) -> str:
    if value is None:
        return "not defined"
    return half_up(Fraction(value), 2) + (" SB" if is_pair else "")


def _share_cells(*shares: Fraction | None) -> tuple[Cell, ...]:
    return _numbers(*(f"{half_up(share * 100, 1)}%" for share in shares if share is not None))


def _same_answers(block: Sequence[Distribution], language: str) -> Iterable[list[Distribution]]:
    found: dict[tuple[str, ...], list[Distribution]] = {}
    for told in block:
        found.setdefault(tuple(_labels(told.item, language)), []).append(told)
    return found.values()


def _labels(item: Item, language: str) -> list[str]:
    return [choice.label.in_language(language) for choice in item.choices if not choice.aside]


def _answers(same: Sequence[Distribution], reach: Fraction, language: str) -> Figure:
    choices = [choice for choice in same[0].item.choices if not choice.aside]
    labels = [in_study(choice.label, language) for choice in choices]
    leftwards = is_leftwards(language)
    shown = [told for told in same if told.counts]
    lines = tuple(Drawn(in_study(told.item.label, language), bar(told.counts, leftwards, reach)) for told in shown)
    key = [Drawn(label, swatch(step)) for label, step in zip(labels, STEPS[5], strict=True)] if lines else []
    if any(len(told.counts) < len(labels) for told in shown):
        key += [Drawn(Said("Two counted together"), swatch(*TOGETHER["low"]))]
    rows = tuple((Cell(in_study(told.item.label, language)), *_count_cells(told)) for told in same)
    return Figure(tuple(key), lines, Table(Said("Answers"), (Said("Question"), *labels, Said("n")), rows, language))


def _count_cells(told: Distribution) -> tuple[Cell, ...]:
    if not told.counts:
        return (Cell(NOT_TOLD, span=6),)
    shown = zip(told.answers, told.counts, strict=True)
    counts = tuple(Cell(Said(str(count)), True, len(group)) for group, count in shown)
    return (*counts, *_numbers(str(told.number)))


def _item_mean(told: Distribution, places: int) -> tuple[Cell, ...]:
    if told.mean is None:
        return (Cell(NOT_TOLD, span=3),)
    low_high = "" if told.mean.low is None or told.mean.high is None else _range(told.mean.low, told.mean.high, places)
    return _numbers(str(told.mean.number), half_up(told.mean.mean, places), low_high)
