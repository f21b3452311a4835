"""What can be worked out by taking one published set of people from another. Pure functions.

Rule R3 of the study: a filter may not leave a remainder of 1 to 9 people, and neither may two releases.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

LEAST_DIFFERENCE = 10


@dataclass(frozen=True)
class Difference:
    """How many people are only in the one set, and only in the other."""

    gone: int
    new: int

    @property
    def tells(self) -> bool:
        """Whether it is about so few people that it tells of them."""
        return is_small(self.gone) or is_small(self.new)


def difference(earlier: Set[bytes], now: Set[bytes]) -> Difference:
    """Between the people of two products, by anything that names each of them once."""
    both = len(earlier & now)
    return Difference(len(earlier) - both, len(now) - both)


def is_small(count: int, least: int = LEAST_DIFFERENCE) -> bool:
    """Whether a remainder is of 1 to 9 people."""
    return 0 < count < least


def leaves_few(whole: int, part: int, least: int = LEAST_DIFFERENCE) -> bool:
    """Whether a filter that keeps `part` of `whole` people leaves so few that they are told by what is missing."""
    return is_small(whole - part, least)
