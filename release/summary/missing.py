"""Shares of Don't know and Prefer not to say over a scale's items: both of a scale, or neither.

A share is withheld where one to four people stand behind it. Then the others are too: how many did not answer each
question follows from the numbers beside its answers, and the one withheld would follow from the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from instruments.model import BLANK, DONT_KNOW, NOT_SAID, Scale
from instruments.scoring import missing_counts
from release.summary.patterns import Patterns
from release.summary.rules import Rules

CODES = (DONT_KNOW, NOT_SAID, BLANK)
ASKED = (1, 2, 3, 4, 5, *CODES)


@dataclass(frozen=True)
class MissingShares:
    """Of all a scale's answers, the share of -1 and of -2; None where they are not told."""

    scale: Scale
    dont_know: Fraction | None
    not_said: Fraction | None


def missing_shares(scale: Scale, found: Patterns, rules: Rules) -> MissingShares:
    """The shares over these people, or that they are withheld."""
    cells = _cells(scale, found)
    people = [_people(scale.items, code, found) for code in CODES]
    asked = sum(found.counts)
    rows = [(count, asked - count) if rules.zero_too else (count,) for count in people]
    if not cells or asked < rules.mean or not all(rules.may_tell(row) for row in rows):
        return MissingShares(scale, None, None)
    counts = missing_counts(scale, found.answers, found.counts)
    return MissingShares(scale, *(Fraction(counts[code], cells) for code in (DONT_KNOW, NOT_SAID)))


def _cells(scale: Scale, found: Patterns) -> int:
    """How often an item of the scale was put to somebody."""
    rows = zip(found.answers, found.counts, strict=True)
    return sum(count for answers, count in rows for name in scale.items if answers[name] in ASKED)


def _people(items: Sequence[str], code: int, found: Patterns) -> int:
    rows = zip(found.answers, found.counts, strict=True)
    return sum(count for answers, count in rows if code in [answers[name] for name in items])
