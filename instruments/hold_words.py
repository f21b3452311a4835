"""What a participant who withdraws reads while a legal hold is on, as the institution fixed it in the study's settings.

Settings, and no part of the instrument: they change no record. Decides nothing; fieldwork/hold.py does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from instruments.open_brackets import BRACKET
from instruments.settings import StudySettings
from instruments.spoken import Spoken, said_in

SHORTEST_REASON, LONGEST_REASON = 10, 500  # characters of why one is set or lifted


def hold_words(settings: StudySettings, languages: Iterable[str]) -> dict[str, str]:
    """The words in each of these languages that has any, in this order, with brackets filled in as far as they are."""
    told = settings.legal_hold
    return {
        language: _filled(told[language], settings.fill_in, language) for language in languages if told.get(language)
    }


def lacking_languages(settings: StudySettings, languages: Iterable[str]) -> tuple[str, ...]:
    """The languages in which nothing is fixed yet."""
    return tuple(language for language in languages if not settings.legal_hold.get(language))


def open_in(words: Mapping[str, str]) -> tuple[str, ...]:
    """The brackets that these words still show."""
    return tuple(dict.fromkeys(name for said in words.values() for name in BRACKET.findall(said)))


def _filled(words: str, fill_in: Mapping[str, Spoken], language: str) -> str:
    for name in BRACKET.findall(words):
        words = words.replace(f"[{name}]", said_in(fill_in.get(name, ""), language) or f"[{name}]")
    return words
