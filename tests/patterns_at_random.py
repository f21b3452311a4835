"""Patterns of regex() at random, and those that try as often as any may."""

from __future__ import annotations

import random
from collections.abc import Iterator

from instruments.rules.patterns import LONGEST_INPUT, PatternRefused, normal_pattern

ATOMS = (
    "a", "b", "é", "😀", " ", "-", "/", "_", "~", "&", ".", r"\d", r"\w", r"\s", r"\S", r"\D", r"\W", r"\.", r"\-",
    r"\\", r"\x41", r"\u00e9", "[a-c]", "[^a]", r"[\w-]", r"[\d.]", "[&~|]", r"[\]x]", "(ab|c)", "(a)", "(a|b)?", "|",
    r"\n", "[!--]", "[---_]",
)  # fmt: skip
ENDS = ("", "", "", "?", "*", "+", "{2}", "{1,3}", "{,2}", "+?")
TEXTS = (
    "", "a", "ab", "abc", "A1", "é", "😀", "a b", "--", "..", "\n", "x]", "\\", "٣", "ba", "aab", "a\tb", "_-~", "cab",
)  # fmt: skip
ALIKE = ("a", "b", "[ab]", ".", "(a|ab)", "(a|a)", "(a|b|ab)", "(a+|b)?", "(a*b?)?", "[^b]", r"\w", "(a|)", "x")
REPEATS = ("", "", "*", "+", "?", "{0,9}", "{0,60}", "{1,4000}", "{2,}", "*?", "{0,3999}")
# The slowest of a minute's search, and what people write.
NEAR_THE_LIMIT = (
    "(a+|b)?(a+|b)?", r"\w{1,4000}(a+|b)?x[^b]{2,}", ".{2,}(a+|b)?", "[ab]*(a+|b)?", "a*a*", "a?" * 12, "(a|a)" * 12,
    ".*a[^b]*", ".{0,60}.{0,60}x", r"[\w.%+-]+@[\w.-]+\.[a-z]{2,}",
)  # fmt: skip
LONG_TEXTS = ("a" * 4000, "ab" * 2000, "a" * 3999 + "b", "a" * 3999 + "\n", "a" * 2000 + "b" * 2000, "a.@" * 1333)
assert all(LONGEST_INPUT - 2 < len(text) <= LONGEST_INPUT for text in LONG_TEXTS)


def some_patterns(chance: random.Random, atoms: tuple[str, ...] = ATOMS, ends: tuple[str, ...] = ENDS) -> Iterator[str]:
    """Patterns as written that are not refused."""
    while True:
        drawn = [chance.choice(atoms) for _ in range(chance.randint(1, 8))]
        pattern = "".join(atom + ("" if atom[-1] in ")?" else chance.choice(ends)) for atom in drawn)
        try:
            normal_pattern(pattern)
        except PatternRefused:
            continue
        yield pattern
