"""Scale scores, for summaries of groups only (rule R2). A person's score lives inside a call and is never handed out.

Rules: the study's questionnaires.md section 7. All arithmetic is exact; rounding is half up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def summarise(scale: Scale, people: Sequence[Answers]) -> ScaleSummary:
    """The scale over these people. Whether it may be shown is for the caller's group-size rules."""
    scores = [score for person in people if (score := _score(scale, person)) is not None]
    mean = sum(scores, Fraction(0)) / len(scores) if scores else None
    return ScaleSummary(scale.name, len(scores), mean, _variance(scores))


def alpha(scale: Scale, people: Sequence[Answers]) -> tuple[int, Fraction | None]:
    """How many people answered every item, and Cronbach's alpha over them; None where it is not defined."""
    complete = [row for person in people if len(row := _answered(scale, person)) == len(scale.items)]
    rows = [list(row.values()) for row in complete]
    whole = _variance([sum(row, Fraction(0)) for row in rows])
    if not whole or len(scale.items) < 2:
        return len(rows), None
    parts = sum((_variance(list(column)) or Fraction(0) for column in zip(*rows, strict=True)), Fraction(0))
    items = len(scale.items)
    return len(rows), Fraction(items, items - 1) * (1 - parts / whole)


def missing_counts(scale: Scale, people: Sequence[Answers]) -> Mapping[int, int]:
    """How often -1, -2 and -9 stand in the scale's items."""
    cells = [person[name] for person in people for name in scale.items]
    return {code: cells.count(code) for code in (-1, -2, -9)}


def half_up(value: Fraction, places: int) -> str:
    """The value with this many decimals, halves rounded up: 3.025 is 3.03."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _score(scale: Scale, person: Answers) -> Fraction | None:
    answered = _answered(scale, person)
    if len(answered) < scale.minimum_answered:
        return None
    return sum(answered.values(), Fraction(0)) / len(answered)


def _answered(scale: Scale, person: Answers) -> dict[str, Fraction]:
    values: dict[str, Value] = {name: person[name] for name in scale.items}
    kept = {name: value for name, value in values.items() if isinstance(value, int) and value >= LEAST_VALID}
    return {name: Fraction(TURNED - value if name in scale.reverse else value) for name, value in kept.items()}


def _variance(values: Sequence[Fraction]) -> Fraction | None:
    if len(values) < 2:
        return None
    mean = sum(values, Fraction(0)) / len(values)
    return sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
