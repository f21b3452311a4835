"""Write down that a person who speaks a language has reviewed texts of the study in it. Changes no word of them.

The review stands beside the study's settings, in `languages.toml` (instruments/reviews.py); the act in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from errors import SettingsError
from fieldwork.shared_sheets import share_sheets
from fieldwork.study import Study
from instruments.catalogue import StudyDefinition
from instruments.reviews import Review, Reviews, joined, read_reviews, write_reviews
from instruments.standing import digests_of, standings
from storage.journal import Act, Pen, write_entry

EVERY = "all"
LONGEST_NAME = 100  # characters


def review(
    study: Study, folder: Path, language: str, texts: Sequence[str], by: str, today: date, actor: str
) -> tuple[str, ...]:
    """Write the review of these texts as this study says them, and give their names. Raises SettingsError."""
    foreign = study.instrument.languages[1:]
    if language not in foreign:
        others = f"It is translated into: {', '.join(foreign)}." if foreign else "It has one language only."
        raise SettingsError(f"{language!r} is no language into which this study is translated. {others}")
    if not 0 < len(by.strip()) <= LONGEST_NAME:
        raise SettingsError(f"Say who reviewed it, in at most {LONGEST_NAME} characters.")
    digests = digests_of(study.instrument, study.settings, language)
    named = tuple(_named(texts, digests))
    reviewed = {language: {name: Review(by.strip(), today, digests[name]) for name in named}}
    said = EVERY if len(named) == len(digests) else ", ".join(named)
    write_entry(study.stores.office, actor, Act.TEXT_REVIEWED, today, detail=f"{language}: {said}")
    write_reviews(folder, joined(read_reviews(folder), reviewed))
    share_sheets(study.stores.office, study.name, folder)
    return named


def changed_since(read: Study, now: Study, language: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Which of these texts the study says otherwise now than the version that was read, or no more."""
    told, before = (digests_of(one.instrument, one.settings, language) for one in (now, read))
    return tuple(name for name in texts if told.get(name) != before[name])


def note_brought(pen: Pen, before: Reviews, told: StudyDefinition) -> None:
    """Write down the reviews that sheets bring and that hold: they open a language as one written here does."""
    for one in standings(told.instrument, told.settings):
        known = before.get(one.language, {})
        brought = [name for name, review in one.reviewed.items() if known.get(name) != review]
        if brought:
            pen.write(Act.TEXT_REVIEWED, detail=f"{one.language}: {', '.join(brought)}")


def _named(texts: Sequence[str], known: dict[str, str]) -> Iterator[str]:
    if EVERY in texts:
        yield from known
        return
    for name in dict.fromkeys(texts):
        if name not in known:
            raise SettingsError(f"This study has no text {name!r}. It has: {', '.join(known)}; or write {EVERY}.")
        yield name
