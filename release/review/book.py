"""A code book: themes, each known by an id of its own, so that its code and its words may change and codings stay true.

Never forgets a theme that answers were coded with: it can be renamed, or merged with another and taken apart again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from errors import ReleaseError
from release.formats.names import in_spss, in_stata

LONGEST_WORDS = 200  # characters
CONTROL = re.compile("[\x00-\x1f\x7f]")
CODE = re.compile(r"[a-z][a-z0-9_]{0,30}")
LINE = "A line of new themes is a code and its words, such as: trust = Trust in the police. Look at line {}."
TWICE = "Two themes have the code {}. Give one of them another."
UNFIT = "{} is no code: it begins with a letter a to z, then come such letters, digits and _, and its words beside it."
TOO_LONG = (
    "The code {} is too long: with {} before it, Stata would not take the name of its column. Take a shorter one."
)
WORDY = "The words of {} are too long: at most {} characters."
IN_USE = "Answers are coded with {} already, so it stays in the code book. Rename it, or merge it with another theme."
NO_MERGE = "Choose two different themes of the code book."


@dataclass(frozen=True)
class Theme:
    """One theme. `into`: the id of the theme that it was merged with; then it counts as that one."""

    id: str
    code: str
    words: str
    into: str = ""


@dataclass(frozen=True)
class Book:
    """Every theme there ever was, in order."""

    themes: tuple[Theme, ...] = ()

    @property
    def active(self) -> tuple[Theme, ...]:
        """Those that are given to answers."""
        return tuple(one for one in self.themes if not one.into)

    @property
    def merged(self) -> tuple[Theme, ...]:
        """Those that count as another one."""
        return tuple(one for one in self.themes if one.into)

    def counting_as(self, ids: Iterable[str]) -> frozenset[str]:
        """The themes as which these count."""
        return frozenset(self._counts[one] for one in ids if one in self._counts)

    @cached_property
    def _counts(self) -> dict[str, str]:
        known = {one.id: one for one in self.themes}
        return {one.id: _last(one, known) for one in self.themes}

    def of(self, theme_id: str) -> Theme | None:
        """The theme of this id."""
        return next((one for one in self.themes if one.id == theme_id), None)


def new_themes(text: str, new_id: Callable[[], str] = lambda: secrets.token_hex(6)) -> tuple[Theme, ...]:
    """New themes as they are typed: a line each, code = words. Raises ReleaseError naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        code, sign, words = (part.strip() for part in line.partition("="))
        if line.strip():
            if not (sign and words and CODE.fullmatch(code)):
                raise ReleaseError(LINE.format(number))
            found.append(Theme(new_id(), code, " ".join(words.split())))
    return tuple(found)


def renamed(book: Book, told: Mapping[str, tuple[str, str]], used: Collection[str]) -> Book:
    """The book with these codes and words, by id; one that has neither any more is taken out, unless it is `used`."""
    kept = []
    for one in book.themes:
        code, words = (part.strip() for part in told.get(one.id, (one.code, one.words)))
        if code or words:
            kept.append(replace(one, code=code, words=" ".join(words.split())))
        elif one.id in used or any(other.into == one.id for other in book.themes):
            raise ReleaseError(IN_USE.format(one.code))
    return Book(tuple(kept))


def merged(book: Book, theme_id: str, into: str) -> Book:
    """The book in which the first counts as the second. Raises ReleaseError."""
    if theme_id == into or not {theme_id, into} <= {one.id for one in book.active}:
        raise ReleaseError(NO_MERGE)
    return Book(tuple(replace(one, into=into) if one.id == theme_id else one for one in book.themes))


def apart(book: Book, theme_id: str) -> Book:
    """The book in which this one counts as itself again."""
    return Book(tuple(replace(one, into="") if one.id == theme_id else one for one in book.themes))


def check_book(book: Book, items: Iterable[str]) -> None:
    """Raise ReleaseError for a code that is none, stands twice, or makes no name of a column with one of these."""
    seen: set[str] = set()
    names = tuple(items)
    for one in book.themes:
        if not CODE.fullmatch(one.code) or not one.words or CONTROL.search(one.words):
            raise ReleaseError(UNFIT.format(one.code or one.words))
        if len(one.words) > LONGEST_WORDS:
            raise ReleaseError(WORDY.format(one.code, LONGEST_WORDS))
        if one.code in seen:
            raise ReleaseError(TWICE.format(one.code))
        seen.add(one.code)
        for item in names:
            if not (in_spss(column_of(item, one.code)) and in_stata(column_of(item, one.code))):
                raise ReleaseError(TOO_LONG.format(one.code, f"{item}__"))


def column_of(item: str, code: str) -> str:
    """The name of the column that tells whether answers to this question hold this theme."""
    return f"{item}__{code}"


def book_told(book: Book) -> list[dict[str, str]]:
    """The book as a note holds it."""
    return [{"id": one.id, "code": one.code, "words": one.words, "into": one.into} for one in book.themes]


def book_of(told: Any) -> Book:
    """The book in a note. Raises what a wrong form raises."""
    if isinstance(told, dict):  # the first notes had codes for ids
        return Book(tuple(Theme(str(code), str(code), str(words)) for code, words in told.items()))
    return Book(tuple(Theme(*(str(one[name]) for name in ("id", "code", "words", "into"))) for one in told))


def _last(one: Theme, known: Mapping[str, Theme]) -> str:
    seen = {one.id}
    while one.into in known and one.into not in seen:
        one = known[one.into]
        seen.add(one.id)
    return one.id
