"""How large words may be set to fit a piece of paper: a rough reckoning of lines, made before any browser sees them.

It rather leaves room than that anything is cut. Tests print the pages and look (tests/browser/test_print.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

POINT = 0.353  # millimetres
# Of its size: how high a line stands, how wide a letter is, and a letter of one word, which is not to be broken.
LEADING = {"ur": 2.1, "ar": 1.8, "bn": 1.75}
PLAIN_LEADING = 1.4
LETTER, IN_A_WORD = 0.56, 0.66


def leading_of(languages: Iterable[str]) -> float:
    """How high a line stands in which all of these languages may be."""
    return max(LEADING.get(code.split("-")[0], PLAIN_LEADING) for code in languages)


def lines_of(words: str, points: int, width: float) -> int:
    """In how many lines words stand in this width, in millimetres."""
    return max(1, ceil(len(words) * LETTER * points * POINT / width))


def longest_word(said: Iterable[str], points: int) -> float:
    """How wide the longest word is, in millimetres."""
    return max((len(word) for words in said for word in words.split()), default=0) * IN_A_WORD * points * POINT


def points_for(said: Sequence[str], language: str, sizes: Sequence[int], width: float, height: float) -> int | None:
    """The largest of these sizes at which these paragraphs fit a box, in millimetres; None where none does."""
    for points in sizes:
        lines = sum(lines_of(words, points, width) for words in said)
        if lines * leading_of((language,)) * points * POINT + len(said) <= height:
            return points
    return None
