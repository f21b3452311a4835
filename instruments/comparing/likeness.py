"""Whether changed words may mean something else. Sees letters, numbers, English negations: a person still decides."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

ALIKE_ENOUGH = 0.6  # share of letters that two wordings of one question have in common
SPELLED_ALIKE = 0.75  # the same for two spellings of one word
SHORTEST_SPELLED = 4  # letters; a shorter word is another word as soon as one of its letters is
NEGATIONS = frozenset({"not", "no", "never", "without", "cannot", "none", "neither", "nor"})
# With "n't" behind them.
CAN_BE_NEGATED = frozenset("do does did is are was were have has had would could should ca wo must need might".split())


def alike(before: str, after: str) -> int:
    """How much two wordings have in common, in percent of their letters, in order."""
    return round(100 * SequenceMatcher(None, " ".join(_words(before)), " ".join(_words(after)), False).ratio())


def asks_the_same(before: str, after: str) -> bool:
    """Whether a question that was reworded may still be the same one."""
    one, other = _words(before), _words(after)
    if one == other:
        return True
    same = (_numbers(one), _negations(one)) == (_numbers(other), _negations(other))
    return same and alike(before, after) >= 100 * ALIKE_ENOUGH


def says_the_same(before: str, after: str) -> bool:
    """Whether the words of a choice changed in their spelling only: one word more makes another answer of it."""
    one, other = _words(before), _words(after)
    return len(one) == len(other) and all(map(_is_spelling, one, other))


def _is_spelling(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    # Likely and unlikely, agree and disagree: what stands before a whole word turns it round.
    if len(short) < SHORTEST_SPELLED or long.endswith(short) or _numbers([one, other]):
        return False
    return SequenceMatcher(None, one, other, False).ratio() >= SPELLED_ALIKE


def _words(told: str) -> list[str]:
    """The words in small letters, without punctuation; apostrophes are dropped, so that don't is one word."""
    plain = unicodedata.normalize("NFKC", told).casefold().replace("'", "").replace("’", "")
    return "".join(" " if unicodedata.category(one)[0] in "PZ" else one for one in plain).split()


def _numbers(words: list[str]) -> list[str]:
    return sorted(word for word in words if any(one.isdigit() for one in word))


def _negations(words: list[str]) -> int:
    return sum(word in NEGATIONS or (word.endswith("nt") and word[:-2] in CAN_BE_NEGATED) for word in words)


CAN_BE_NEGATED = frozenset(
    "do does did is are was were have has had would could should ca wo must need might".split()
)  # fmt: skip
