"""Words that hint at an item about one person's own risk (rule R4 of the study description). A helper, never a verdict.

A hit means that a person must look and name an ethics reference; a text without a hit may still be wrong. The lists are
in instruments/reading/risk_word_lists.py: all but the English one are drafts until a native speaker has reviewed them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from instruments.reading.risk_word_lists import WORDS

SCRIPTS = {"ar": "Arabic", "ur": "Arabic", "bn": "Bengali"}  # Latin is that of every other
LABELS = 2**16  # whose words are remembered: the choices of a list are looked at with every question
GAP, ANY_WORDS = "…", r"(?: \S+){0,4}"
# What is written before an Arabic word, as one with it: and, by, as, to, the.
BEFORE = {"ar": "(?:[وف]?(?:[بک]?ال|لل|[بلک])?)?"}
# Letters that are spelled in more than one way, and what takes no part in telling words apart.
ALIKE = str.maketrans("ٱىيكهةۃı", "اییکہہہi", "ـ")
ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670]")


@lru_cache(maxsize=LABELS)
def risk_words_in(text: str, language: str = "en") -> tuple[str, ...]:
    """What a text in this language has of the lists, in their order and as they have it."""
    plain = _plain(text)
    return tuple(words for name in _lists(language) for words, pattern in PATTERNS[name] if pattern.search(plain))


def _lists(language: str) -> Iterable[str]:
    """The language's own list, and those in another script: what they catch stands there in another language."""
    own = language.partition("-")[0].lower()
    if own not in WORDS:
        return ("en",)
    return (own, *(other for other in WORDS if SCRIPTS.get(other) != SCRIPTS.get(own)))


def _plain(text: str) -> str:
    """The words of a text with a space around each: small, without accents, letters that are alike as one."""
    parted = unicodedata.normalize("NFD", text.casefold()).translate(ALIKE)
    whole = unicodedata.normalize("NFC", ACCENTS.sub("", parted))
    return f" {' '.join(''.join(map(_kept, whole)).split())} "


def _kept(character: str) -> str:
    kind = unicodedata.category(character)
    return character if kind[0] in "LMN" else "" if kind == "Cf" else " "


def _pattern(words: str, language: str) -> re.Pattern[str]:
    written = (ANY_WORDS if word == GAP else _word(word, BEFORE.get(language, "")) for word in words.split())
    return re.compile("".join(written) + "(?= )")


def _word(word: str, before: str) -> str:
    return " " + before + re.escape(_plain(word).strip()) + (r"\S*" if word.endswith("*") else "")


PATTERNS = {
    language: tuple((words, _pattern(words, language)) for words in listed) for language, listed in WORDS.items()
}
