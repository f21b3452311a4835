"""Themes in people's words: a code book, two coders apart from each other, and how far they agree.

What leaves in a release are the codes that both coders gave, and nothing of the words. Neither coder sees what the
other chose. Agreement is Cohen's kappa (J. Cohen, A coefficient of agreement for nominal scales, Educational and
Psychological Measurement 20, 1960), of each theme as present or absent, as an exact fraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import keep_note, notes
from release.review.answers import Answer, Key

KIND = "theme"
CODERS = ("first", "second")
CODE = re.compile(r"[a-z][a-z0-9_]{0,30}")
LINE = "A line of the code book is a code and its words, such as: trust = Trust in the police. Look at line {}."
UNKNOWN = "A note about themes has a form that this version does not know, so nothing was released or coded."
Coded = Mapping[Key, frozenset[str]]


@dataclass(frozen=True)
class Coding:
    """The code book, by code, and what each coder gave to which words."""

    book: Mapping[str, str]
    by: Mapping[str, Coded]

    @property
    def agreed(self) -> dict[Key, frozenset[str]]:
        """What both coders gave to the words that both have coded."""
        first, second = (self.by[one] for one in CODERS)
        return {key: first[key] & second[key] for key in first.keys() & second.keys()}


def read_book(text: str) -> dict[str, str]:
    """A code book as it is typed: a line each, code = words. Raises ReleaseError naming the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        code, sign, words = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not (sign and words and CODE.fullmatch(code)) or code in found:
            raise ReleaseError(LINE.format(number))
        found[code] = words
    return found


def coding(releases: Path, keys: Sequence[PrivateKey], study: str) -> Coding:
    """All that was coded so far. Raises ReleaseError for a note that does not open or is of no known form."""
    try:
        told = sorted(notes(releases, keys, study, KIND), key=lambda one: int(one["number"]))
        books: list[Any] = [one["book"] for one in told if "book" in one]
        by: dict[str, dict[Key, frozenset[str]]] = {coder: {} for coder in CODERS}
        for one in told:
            if "book" not in one:
                by[one["coder"]][_key(one)] = frozenset(map(str, one["codes"]))
        return Coding({str(code): str(words) for code, words in (books[-1] if books else {}).items()}, by)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise ReleaseError(UNKNOWN) from None


def keep_book(releases: Path, keys: Sequence[PrivateKey], study: str, book: Mapping[str, str]) -> None:
    """Seal a code book; it takes the place of the one before. Raises ReleaseError where a code in use would be gone."""
    before = coding(releases, keys, study)
    used = {code for coded in before.by.values() for codes in coded.values() for code in codes}
    if gone := sorted(used - book.keys()):
        raise ReleaseError(f"Answers are coded with this already, so it stays in the code book: {', '.join(gone)}.")
    _keep(releases, keys, study, {"book": dict(book)})


def code(
    releases: Path, keys: Sequence[PrivateKey], study: str, answer: Answer, coder: str, codes: Iterable[str]
) -> None:
    """Seal what one coder gave to these words; none of the themes is an answer too. Raises ReleaseError."""
    given = sorted(set(codes))
    if coder not in CODERS or not set(given) <= coding(releases, keys, study).book.keys():
        raise ReleaseError("That is no code of this code book. Load the page again.")
    who, item, digest = answer.key
    told = {"coder": coder, "participant": who.hex(), "item": item, "digest": digest, "codes": given}
    _keep(releases, keys, study, told)


def kappa(pairs: Sequence[tuple[bool, bool]]) -> Fraction | None:
    """Cohen's kappa of two coders on one theme; None where chance alone would make them agree, or nothing is coded."""
    if not pairs:
        return None
    n = len(pairs)
    observed = Fraction(sum(a == b for a, b in pairs), n)
    first, second = Fraction(sum(a for a, _ in pairs), n), Fraction(sum(b for _, b in pairs), n)
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def agreement(made: Coding) -> dict[str, Fraction | None]:
    """Kappa of each theme over the answers that both have coded."""
    first, second = (made.by[one] for one in CODERS)
    both = sorted(first.keys() & second.keys())
    return {one: kappa([(one in first[key], one in second[key]) for key in both]) for one in made.book}


def _keep(releases: Path, keys: Sequence[PrivateKey], study: str, told: dict[str, Any]) -> None:
    number = 1 + max((int(one["number"]) for one in notes(releases, keys, study, KIND)), default=0)
    keep_note(releases, keys[-1].public(), study, KIND, {**told, "number": number})


def _key(told: Mapping[str, Any]) -> Key:
    return bytes.fromhex(told["participant"]), str(told["item"]), str(told["digest"])
