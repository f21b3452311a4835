"""Passwords that are long and yet among the first to be guessed. Keeps none, and asks nobody outside.

A password is guessable when nothing is left of it once the words of `guessable.txt`, the person's own name, digits,
signs, repeats and rows of the keyboard are taken away. A word of the list among others is fine. docs/sign-in.md.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("guessable.txt")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qwertzuiop",
    "azertyuiop",
)  # noqa: E501
SHORTEST_ROW = 3  # letters in a row that count as one
SHORTEST_WORD = 3
FEW = 2  # letters that are quickly tried at the end of what is known
LONGEST_REPEATED = 7  # characters that, said again and again, are as good as said once
LEET = str.maketrans("0134578@$!", "oieastbasi")


def is_guessable(password: str, name: str = "") -> bool:
    """Whether nothing of this password would surprise somebody who guesses."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    words = common_words() | {part for part in _letters(name.casefold(), " ").split() if len(part) >= SHORTEST_WORD}
    return _is_one_thing_again_and_again(plain) or any(
        _is_made_of(_letters(spelled, ""), words) for spelled in (plain, plain.translate(LEET))
    )


@cache
def common_words() -> frozenset[str]:
    """The words of the list."""
    lines = WORDS.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _letters(text: str, between: str) -> str:
    """The letters alone; whatever else stands between them is replaced."""
    return re.sub(r"[\W\d_]+", between, text)


def _is_one_thing_again_and_again(text: str) -> bool:
    return any(
        text == (text[:length] * (len(text) // length + 1))[: len(text)] for length in range(1, LONGEST_REPEATED + 1)
    )


def _is_made_of(letters: str, words: frozenset[str]) -> bool:
    """Whether the letters, cut at the right places, are nothing but words, rows of a keyboard and repeats."""
    left = [0]  # at each place: the fewest letters before it that nobody expects
    for end in range(1, len(letters) + 1):
        cuts = (left[start] for start in range(end) if _is_expected(letters[start:end], words))
        left.append(min(left[end - 1] + 1, *cuts, len(letters)))
    return left[-1] <= FEW


def _is_expected(piece: str, words: frozenset[str]) -> bool:
    if piece in words:
        return True
    is_row = any(piece in row or piece in row[::-1] for row in ROWS)
    return len(piece) >= SHORTEST_ROW and (is_row or len(set(piece)) == 1)
