"""Themes in people's words: what two coders gave apart from each other, and what they settled together.

What leaves in a release is, for each theme, whether both found it, and nothing of the words. Neither coder sees what
the other one chose before both have coded an answer. Costs the same however many notes there are: each is opened once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from errors import ReleaseError
from privacy.opening import PrivateKey
from release.desk_notes import Notebook
from release.review.answers import Answer, Key
from release.review.book import Book, book_of, book_told
from release.review.deciding import Signed
from release.review.kappa import Pairs, kappa, overall

KIND = "theme"
CODERS, TOGETHER = ("first", "second"), "together"
UNKNOWN = "A note about themes has a form that this version does not know, so nothing was released or coded."
NO_CODE = "That is no theme of this code book. Load the page again."
SAME_NAME = "{} is the other coder already. Two different people give themes."


@dataclass(frozen=True)
class Given:
    """What one coder gave to an answer, of the themes that the code book had then; by ids."""

    themes: frozenset[str]
    offered: frozenset[str]
    number: int


@dataclass(frozen=True)
class Coding:
    """The code book, and what each coder gave to which words. "together": what the two settled afterwards."""

    book: Book = Book()
    by: Mapping[str, Mapping[Key, Given]] = field(default_factory=lambda: {who: {} for who in (*CODERS, TOGETHER)})

    def says(self, who: str, key: Key, theme_id: str) -> bool | None:
        """Whether this coder found the theme; None where it was not put to them."""
        given = self.by[who].get(key)
        if given is None:
            return None
        if theme_id in self.book.counting_as(given.themes):
            return True
        return False if theme_id in given.offered else None

    def told(self, key: Key, theme_id: str) -> bool | None:
        """Whether the words hold the theme, as settled or as both say; None where they differ or one has not coded."""
        settled = self.says(TOGETHER, key, theme_id)
        first, second = (self.says(who, key, theme_id) for who in CODERS)
        return settled if settled is not None else first if first == second else None

    def has_coded(self, who: str, key: Key) -> bool:
        """Whether this coder has had every theme of today's book before them for these words."""
        return bool(self.book.active) and all(self.says(who, key, one.id) is not None for one in self.book.active)

    def both(self) -> list[Key]:
        """The words that both have coded."""
        return sorted(self.by[CODERS[0]].keys() & self.by[CODERS[1]].keys())

    def differing(self, key: Key) -> tuple[str, ...]:
        """The ids of the themes in which the two differ over these words, and which are not settled."""
        return tuple(
            one.id
            for one in self.book.active
            if {self.says(who, key, one.id) for who in CODERS} == {True, False}
            and self.says(TOGETHER, key, one.id) is None
        )

    def pairs(self) -> dict[str, Pairs]:
        """For each theme, what the two said of the words of which both said something; before anything was settled."""
        keys = self.both()
        said = {one.id: [[self.says(who, key, one.id) for who in CODERS] for key in keys] for one in self.book.active}
        return {theme: [(a, b) for a, b in pairs if a is not None and b is not None] for theme, pairs in said.items()}

    def kappas(self) -> tuple[dict[str, Fraction | None], Fraction | None]:
        """Kappa of each theme, and over all themes."""
        pairs = self.pairs()
        return {theme: kappa(told) for theme, told in pairs.items()}, overall(pairs)

    @property
    def used(self) -> frozenset[str]:
        """The ids of every theme that was given to any words."""
        return frozenset(one for given in self.by.values() for each in given.values() for one in each.themes)


class Codings:
    """The code book and all codings of a study, known while its desk is open."""

    def __init__(self, releases: Path, keys: Sequence[PrivateKey], study: str) -> None:
        self._notes, self._highest = Notebook(releases, keys, study, KIND), 0
        self._book, self._book_number = Book(), 0
        self._by: dict[str, dict[Key, Given]] = {who: {} for who in (*CODERS, TOGETHER)}
        self._names: dict[str, set[str]] = {who: set() for who in (*CODERS, TOGETHER)}

    def now(self) -> Coding:
        """All that was coded so far. Raises ReleaseError for a note that does not open or is of no known form."""
        for told in self._notes.news():
            self._take(told)
        return Coding(self._book, self._by)

    def keep_book(self, book: Book) -> None:
        """Seal a code book; it takes the place of the one before."""
        self._keep({"book": book_told(book)})

    def code(self, answer: Answer, who: str, themes: Iterable[str], signed: Signed) -> None:
        """Seal what a coder, or both together, gave to these words; none is an answer too. Raises ReleaseError."""
        given, offered = sorted(set(themes)), sorted(one.id for one in self.now().book.active)
        if who not in (*CODERS, TOGETHER) or not set(given) <= set(offered):
            raise ReleaseError(NO_CODE)
        told = signed.told()
        self._refuse_the_other(who, told["by"])
        label, item, digest = answer.key
        named = {"coder": who, "participant": label.hex(), "item": item, "digest": digest}
        self._keep({**named, "codes": given, "offered": offered, **told})

    def _keep(self, told: dict[str, Any]) -> None:
        self.now()
        note = {**told, "number": self._highest + 1}
        self._notes.keep(note)
        self._take(note)

    def _take(self, told: Mapping[str, Any]) -> None:
        try:
            number = int(told["number"])
            if "book" in told:
                if number > self._book_number:
                    self._book, self._book_number = book_of(told["book"]), number
            else:
                self._take_given(number, told)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise ReleaseError(UNKNOWN) from None
        self._highest = max(self._highest, number)

    def _take_given(self, number: int, told: Mapping[str, Any]) -> None:
        key = bytes.fromhex(told["participant"]), str(told["item"]), str(told["digest"])
        codes = frozenset(map(str, told["codes"]))
        offered = frozenset(map(str, told.get("offered", codes)))  # the first notes did not say what was offered
        self._names[told["coder"]].add(str(told.get("by", "")).casefold())
        kept = self._by[told["coder"]]
        if key not in kept or number > kept[key].number:
            kept[key] = Given(codes, offered, number)

    def _refuse_the_other(self, who: str, name: str) -> None:
        # Who codes for both has only agreed with themselves.
        others = [one for one in CODERS if one != who] if who in CODERS else []
        if any(name.casefold() in self._names[other] for other in others):
            raise ReleaseError(SAME_NAME.format(name))


def coding_of(releases: Path, keys: Sequence[PrivateKey], study: str) -> Coding:
    """All that was coded, read once. Raises ReleaseError."""
    return Codings(releases, keys, study).now()
