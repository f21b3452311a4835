"""How far each language of a study is: which texts a native speaker has reviewed, and in which people are asked.

Words that change after they were reviewed, in the translation or in the first language, are a draft again. Nothing
counts as reviewed because nobody said otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from instruments.hold_words import hold_words
from instruments.model import Instrument, Part, Text
from instruments.reviews import Review
from instruments.settings import StudySettings

STUDY, RELEASE = "study", "release"  # texts beside the parts: titles and a legal hold's words; what only releases show
UNASKED = "recorded"  # a part that nobody is shown


@dataclass(frozen=True)
class Standing:
    """How far the translation into a language is: its texts that are drafts, and the reviews of the others."""

    language: str
    drafts: tuple[str, ...]
    reviewed: Mapping[str, Review] = field(default_factory=dict)

    @property
    def is_reviewed(self) -> bool:
        """Whether everything that participants see was reviewed; what only releases show may wait."""
        return not set(self.drafts) - {RELEASE}


def digests_of(instrument: Instrument, settings: StudySettings, language: str) -> dict[str, str]:
    """The digest of each text in a language, by the text's name: of its words beside those of the first language.

    A recording is of the text: it can say something else than the words.
    """
    study = [instrument.title, *(group.title for group in instrument.groups), settings.neutral_title]
    held = Text(tuple(hold_words(settings, instrument.languages).items()))
    return {**_digests(instrument, language), STUDY: _digest([*study, held], instrument.languages[0], language)}


def standings(instrument: Instrument, settings: StudySettings) -> tuple[Standing, ...]:
    """How far each language but the first is."""
    return tuple(_standing(instrument, settings, language) for language in instrument.languages[1:])


def languages_open(instrument: Instrument, settings: StudySettings) -> tuple[str, ...]:
    """The languages in which people are asked: the first always, a draft only where the study lets one."""
    if settings.unreviewed != "refuse":
        return instrument.languages
    done = [one.language for one in standings(instrument, settings) if one.is_reviewed]
    return (instrument.languages[0], *done)


def _standing(instrument: Instrument, settings: StudySettings, language: str) -> Standing:
    told, now = settings.reviews.get(language, {}), digests_of(instrument, settings, language)
    holds = {name: told[name] for name, digest in now.items() if name in told and told[name].digest == digest}
    return Standing(language, tuple(name for name in now if name not in holds), holds)


@lru_cache(maxsize=64)
def _digests(instrument: Instrument, language: str) -> dict[str, str]:
    texts: dict[str, list[Text]] = {}
    for part in instrument.parts:
        texts.setdefault(_name(part), []).extend(_texts(part))
    levels = (level for hierarchy in instrument.hierarchies for level in hierarchy.levels)
    labels = [category.label for level in levels for category in level.categories]
    texts.setdefault(RELEASE, []).extend([*(scale.title for scale in instrument.scales), *labels])
    return {name: _digest(found, instrument.languages[0], language) for name, found in texts.items()}


def _name(part: Part) -> str:
    """A part as reviewers name it: a questionnaire for one group by that group."""
    if part.name == UNASKED:
        return RELEASE
    is_a_groups = part.name == "questionnaire" and len(part.groups) == 1
    # A group may be called as these are: its questions would count as reviewed with them, or never be looked at.
    return part.groups[0] if is_a_groups and part.groups[0] not in (STUDY, RELEASE) else part.name


def _texts(part: Part) -> Iterator[Text]:
    yield from filter(None, (part.title,))
    for block in part.blocks:
        yield from filter(None, (block.title,))
        yield from (text for item in block.items for text in item.texts)


def _digest(texts: Iterable[Text], first: str, language: str) -> str:
    pairs = [_told(text, first, language) for text in texts]
    return hashlib.sha256(json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _told(text: Text, first: str, language: str) -> list[str]:
    words = [dict(text.translations).get(one, "") for one in (first, language)]
    return [*words, *filter(None, (text.recording(language),))]
