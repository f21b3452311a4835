"""Scale scores, for summaries of groups only (rule R2). A person's score lives inside a call and is never handed out.

Rules: the study's questionnaires.md section 7. All arithmetic is exact; rounding is half up. People who answered alike
may be given once with how many they are (`counts`): a hundred thousand people answer four questions in at most a few
hundred ways, and exact fractions are slow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from instruments.model import Answers, Scale, Value

LEAST_VALID = 1  # every value below it is missing
TURNED = 6  # a reversed item counts 6 minus what was chosen


@dataclass(frozen=True)
class ScaleSummary:
    """A scale over a group of people. `variance` is of the sample (n - 1); None below two people."""

    scale: str
    valid: int
    mean: Fraction | None
    variance: Fraction | None


def summarise(scale: Scale, people: Sequence[Answers], counts: Sequence[int] | None = None) -> ScaleSummary:
    """The scale over these people. Whether it may be shown is for the caller's group-size rules."""
    scores = Counter[Fraction]()
    for person, count in _counted(people, counts):
        if (score := _score(scale, person)) is not None:
            scores[score] += count
    valid = scores.total()
    mean = sum((score * count for score, count in scores.items()), Fraction(0)) / valid if valid else None
    return ScaleSummary(scale.name, valid, mean, _variance(scores))


def alpha(scale: Scale, people: Sequence[Answers], counts: Sequence[int] | None = None) -> tuple[int, Fraction | None]:
    """How many people answered every item, and Cronbach's alpha over them; None where it is not defined."""
    complete, covariances = covariances_of(scale, people, counts)
    whole, items = sum(map(sum, covariances), Fraction(0)), len(scale.items)
    if not whole or items < 2:
        return complete, None
    parts = sum((covariances[place][place] for place in range(items)), Fraction(0))
    return complete, Fraction(items, items - 1) * (1 - parts / whole)


def covariances_of(
    scale: Scale, people: Sequence[Answers], counts: Sequence[int] | None = None
) -> tuple[int, list[list[Fraction]]]:
    """How many people answered every item, and the covariances (n - 1) of its items over them, after reversing."""
    rows = Counter[tuple[int, ...]]()
    for person, count in _counted(people, counts):
        if len(answered := _answered(scale, person)) == len(scale.items):
            rows[tuple(answered.values())] += count
    complete, places = rows.total(), range(len(scale.items))
    if complete < 2:
        return complete, [[Fraction(0) for _ in places] for _ in places]
    sums = [sum(row[one] * count for row, count in rows.items()) for one in places]
    products = [
        [sum(row[one] * row[other] * count for row, count in rows.items()) for other in places] for one in places
    ]
    return complete, [
        [(products[one][other] - Fraction(sums[one] * sums[other], complete)) / (complete - 1) for other in places]
        for one in places
    ]


def missing_counts(scale: Scale, people: Sequence[Answers], counts: Sequence[int] | None = None) -> Mapping[int, int]:
    """How often -1, -2 and -9 stand in the scale's items."""
    found = Counter[Value]()
    for person, count in _counted(people, counts):
        for name in scale.items:
            found[person[name]] += count
    return {code: found[code] for code in (-1, -2, -9)}


def answered_items(scale: Scale, person: Answers) -> tuple[str, ...]:
    """Which of the scale's items were answered, and nothing of how."""
    return tuple(_answered(scale, person))


def half_up(value: Fraction, places: int) -> str:
    """The value with this many decimals, halves rounded up: 3.025 is 3.03."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _counted(people: Sequence[Answers], counts: Sequence[int] | None) -> Iterable[tuple[Answers, int]]:
    return zip(people, [1] * len(people) if counts is None else counts, strict=True)


def _score(scale: Scale, person: Answers) -> Fraction | None:
    answered = _answered(scale, person)
    if len(answered) < scale.minimum_answered:
        return None
    return Fraction(sum(answered.values()), len(answered))


def _answered(scale: Scale, person: Answers) -> dict[str, int]:
    values: dict[str, Value] = {name: person[name] for name in scale.items}
    kept = {name: value for name, value in values.items() if isinstance(value, int) and value >= LEAST_VALID}
    return {name: TURNED - value if name in scale.reverse else value for name, value in kept.items()}


def _variance(scores: Counter[Fraction]) -> Fraction | None:
    number = scores.total()
    if number < 2:
        return None
    mean = sum((score * count for score, count in scores.items()), Fraction(0)) / number
    return sum(((score - mean) ** 2 * count for score, count in scores.items()), Fraction(0)) / (number - 1)
