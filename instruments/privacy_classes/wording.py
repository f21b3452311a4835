"""Find words in what a form asks, in any script: large and small letters, accents and vowel signs do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

LISTED = ("en", "ar", "ur", "bn", "so", "tr")  # languages that there are lists for
LOOKED_AT = 2_000  # characters of a cell; what is asked is said by then
SHOWN = re.compile(r"\$\{[^}]*\}")  # an answer that the words show is not asked for
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)")  # phoneNumber2
SENTENCE = re.compile(r"[.!?;()\n؟۔।]+")
# Accents, Arabic vowel signs and joiners; Bengali vowel signs are letters to those who read them.
MARKS = re.compile("['’ʼ\u0300-\u036f\u0640\u064b-\u065f\u0670\u200c\u200d]")
# One letter for those that Arabic, Urdu and Turkish keyboards have several of.
SAME = str.maketrans("ıىیکہھەةۃ", "iييكههههه")
WORD = re.compile(r"(?:[^\W_]|[\u0980-\u09ff])+")


@dataclass(frozen=True)
class Spoken:
    """Words of one language, folded. `language` is empty where it is not told or has no list: every list counts."""

    language: str
    words: str


@dataclass(frozen=True)
class Words:
    """Words that hint at one thing, by language. `*` stands for any ending or beginning of a word."""

    by_language: Mapping[str, tuple[str, ...]]

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        every = [word for words in self.by_language.values() for word in words]
        told = dict(self.by_language) | {"": tuple(every)}
        return {language: _pattern(words) for language, words in told.items()}

    def places_in(self, said: Spoken) -> list[tuple[int, int]]:
        """Where they stand: first and last word of each, counted from 0."""
        pattern = self._patterns.get(said.language)
        found = pattern.finditer(said.words) if pattern else ()
        return [(said.words.count(" ", 0, one.start()), said.words.count(" ", 0, one.end()) - 1) for one in found]

    def are_in(self, texts: Iterable[Spoken]) -> bool:
        """Whether any of them stands in these texts."""
        return any(self.places_in(said) for said in texts)


def spoken(language: str, text: str) -> Spoken:
    """A text made ready to look for words in it."""
    text = HUMP.sub(" ", SHOWN.sub(" ", text[:LOOKED_AT]))
    base = language.partition("-")[0].lower()
    return Spoken(base if base in LISTED else "", f" {' '.join(WORD.findall(_folded(text)))} ")


def sentences(text: str) -> list[str]:
    """The sentences of a text, and what stands in brackets."""
    return [one for one in SENTENCE.split(SHOWN.sub(" ", text)) if one.strip()]


def _folded(text: str) -> str:
    return MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(SAME)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    # A space stands on both sides, so only whole words are found, and no two stars touch.
    told = (re.escape(_folded(word)).replace(r"\*", "[^ ]*").replace(r"\ ", " ") for word in words)
    return re.compile(f" (?:{'|'.join(told)})(?= )")
