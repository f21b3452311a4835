"""Scale means of a group and its parts: which may be shown, with their deviation, interval, alpha and omega.

A mean is shown where ten people have a valid score and those whom a part leaves out are 0 or at least ten, counted as
people and as people with a score; a facet where exactly the people of its scale have one. What is not shown is not
worked out further, and nothing tells why for parts of a group: of a whole and its parts, reasons would add up to
numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from instruments.model import Scale
from instruments.scoring import alpha, covariances_of, summarise
from release.summary.intervals import interval
from release.summary.patterns import Part, Patterns
from release.summary.reliability import LEAST_ITEMS, omega, spearman_brown
from release.summary.rules import Rules
from release.summary.spans import Sums, tells_of_few

Why = Literal["few", "facet", "part", "alike", "close"]
Key = tuple[str, Part]  # a scale and a part of the group


@dataclass(frozen=True)
class Mean:
    """A mean that may be shown. `reliability`: alpha and omega, or Spearman-Brown of two items; None: not shown."""

    number: int
    mean: Fraction
    deviation: Fraction
    low: Fraction
    high: Fraction
    complete: int | None
    alpha: Fraction | float | None
    omega: float | None


@dataclass(frozen=True)
class ScaleRow:
    """One scale for a group or a part of it: a mean, or why it is not shown."""

    scale: Scale
    part: Part
    mean: Mean | None
    why: Why | None


def scale_rows(scales: Sequence[Scale], found: Patterns, parts: Sequence[Part], rules: Rules) -> list[ScaleRow]:
    """A family (a scale and its facets) for the whole group and each of its parts.

    What can be worked out between them counts: while some combination would tell of fewer than ten people, parts are
    taken away, the smallest of the last split first, then facets.
    """
    numbers = {(scale.name, part): _valid(scale, found.of(part)) for scale in scales for part in parts}
    why = {(scale.name, part): _why(scale, part, found, numbers, rules) for scale in scales for part in parts}
    for key in list(_left_over(scales, parts, found, numbers, why, rules)):
        why[key] = "part"
    _only_with_their_scale(scales, why)
    _tell_of_no_few(scales, parts, found, numbers, why, rules)
    return [
        ScaleRow(scale, part, _mean(scale, found, part, rules) if why[scale.name, part] is None else None, reason)
        for scale in scales
        for part in parts
        for reason in [why[scale.name, part]]
    ]


def _left_over(
    scales: Sequence[Scale],
    parts: Sequence[Part],
    found: Patterns,
    numbers: Mapping[Key, int],
    why: Mapping[Key, Why | None],
    rules: Rules,
) -> Iterator[Key]:
    """What must go so that the parts of each split leave out 0 or at least ten people together."""
    people = {part: sum(found.of(part).counts) for part in parts}
    for scale in scales:
        valid = {part: numbers[scale.name, part] for part in parts}
        for split in dict.fromkeys(part[0] for part in parts if part):
            ours = [part for part in parts if part and part[0] == split and why[scale.name, part] is None]
            yield from ((scale.name, gone) for gone in _too_many(ours, [people, valid], rules))


def _tell_of_no_few(
    scales: Sequence[Scale],
    parts: Sequence[Part],
    found: Patterns,
    numbers: Mapping[Key, int],
    why: dict[Key, Why | None],
    rules: Rules,
) -> None:
    """Take away, until no combination of what is left is of fewer than ten people."""
    order = sorted(why, key=lambda one: _last_to_go(one, scales, parts, numbers), reverse=True)
    told = [one for one in why if why[one] is None]
    while tells_of_few([Sums(_named(scales, name), part) for name, part in told], found, rules.mean):
        gone = next(one for one in order if one in told)
        why[gone] = "part" if gone[1] else "facet"
        _only_with_their_scale(scales, why)
        told = [one for one in told if why[one] is None]


def _named(scales: Iterable[Scale], name: str) -> Scale:
    return next(scale for scale in scales if scale.name == name)


def _valid(scale: Scale, found: Patterns) -> int:
    return summarise(scale, found.answers, found.counts).valid


def _why(scale: Scale, part: Part, found: Patterns, numbers: Mapping[Key, int], rules: Rules) -> Why | None:
    number = numbers[scale.name, part]
    if number < rules.mean:
        return "few" if part is None else "part"
    if part is not None and not _may_leave(sum(found.counts), sum(found.of(part).counts), rules):
        return "part"
    if part is not None and not _may_leave(numbers[scale.name, None], number, rules):
        return "part"
    if scale.parent and number != numbers.get((scale.parent, part)):
        return "facet" if part is None else "part"
    return _too_clear(scale, part, found, rules)


def _too_clear(scale: Scale, part: Part, found: Patterns, rules: Rules) -> Why | None:
    """Whether the mean alone says what each person answered, or that fewer than a cell answered otherwise."""
    here = found.of(part)
    told = summarise(scale, here.answers, here.counts)
    if told.mean is None or not told.variance:
        return "alike" if part is None else "part"
    room = min(told.mean - 1, 5 - told.mean) * told.valid * len(scale.items)
    return None if room >= rules.cell else "close" if part is None else "part"


def _may_leave(whole: int, ours: int, rules: Rules) -> bool:
    return rules.may_leave(whole - ours)


def _too_many(shown: Sequence[Part], counts: Sequence[Mapping[Part, int]], rules: Rules) -> Iterator[Part]:
    """The parts of a split that must go, the smallest first, so that the others leave out 0 or at least ten people."""
    left = sorted(shown, key=lambda part: counts[0][part])
    while left and not all(_may_leave(one[None], sum(one[part] for part in left), rules) for one in counts):
        yield left.pop(0)


def _only_with_their_scale(scales: Sequence[Scale], why: dict[Key, Why | None]) -> None:
    parents = {scale.name: scale.parent for scale in scales if scale.parent}
    for name, part in why:
        if name in parents and why[name, part] is None and why.get((parents[name], part)) is not None:
            why[name, part] = "part" if part else "facet"


def _last_to_go(
    one: Key, scales: Sequence[Scale], parts: Sequence[Part], numbers: Mapping[Key, int]
) -> tuple[bool, int, bool, int]:
    """The greatest goes first: parts of the last split, the smallest of them; then facets; the scale itself last."""
    name, part = one
    splits = list(dict.fromkeys(part[0] for part in parts if part))
    place = splits.index(part[0]) if part else -1
    return part is not None, place, _named(scales, name).parent is not None, -numbers[one]


def _mean(scale: Scale, found: Patterns, part: Part, rules: Rules) -> Mean:
    here = found.of(part)
    told = summarise(scale, here.answers, here.counts)
    mean, variance = told.mean or Fraction(0), told.variance or Fraction(0)
    low, high = interval(mean, variance, told.valid)
    complete, single, both = _reliability(scale, found, part, rules)
    deviation = Fraction(float(variance) ** 0.5)
    return Mean(told.valid, mean, deviation, max(low, Fraction(1)), min(high, Fraction(5)), complete, single, both)


def _reliability(
    scale: Scale, found: Patterns, part: Part, rules: Rules
) -> tuple[int | None, Fraction | float | None, float | None]:
    """Complete people, alpha (of two items Spearman-Brown) and omega, by the same rules as a mean, with a higher n."""
    here = found.of(part)
    complete, covariances = covariances_of(scale, here.answers, here.counts)
    rest = covariances_of(scale, found.answers, found.counts)[0] - complete
    if complete < rules.reliability or len(scale.items) < 2 or not rules.may_leave(rest):
        return None, None, None
    if len(scale.items) < LEAST_ITEMS:
        return complete, spearman_brown(covariances), None
    return complete, alpha(scale, here.answers, here.counts)[1], omega(covariances)
