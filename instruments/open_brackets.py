"""The brackets that the texts of a version still show, each in its sentence. Looks at the version, not at its settings.

What the settings fill in counts for people only once a version was made with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from instruments.model import Instrument

SENTENCE = re.compile(r"(?:\[[^\]]*\]|[.?!](?=\S)|[^.?!\n])+[.?!]?")  # a bracket may hold sentences of its own
BRACKET = re.compile(r"\[([^\]]+)\]")


def open_brackets(instrument: Instrument, known: Collection[str]) -> tuple[str, ...]:
    """Every sentence with a bracket in it, in the first language; of the others, those with one that it has no longer.

    `known`: the brackets that the settings know. In a questionnaire other brackets are plain words, such as [READ OUT].
    """
    first, *others = instrument.languages
    found = [one for part, words in _texts(instrument, first) for one in _open(words, known, part == "questionnaire")]
    left = {name for sentence in found for name in BRACKET.findall(sentence)}
    filled = set(known) - left
    for language in others if filled else ():
        found += [one for _, words in _texts(instrument, language) for one in _open(words, filled, True)]
    return tuple(dict.fromkeys(found))


def _texts(instrument: Instrument, language: str) -> Iterator[tuple[str, str]]:
    for part in instrument.parts:
        for block in part.blocks:
            texts = [*filter(None, (block.title,)), *(text for item in block.items for text in item.texts)]
            yield from ((part.name, text.in_language(language)) for text in texts)


def _open(words: str, known: Collection[str], only_known: bool) -> Iterator[str]:
    for sentence in SENTENCE.findall(words):
        if any(name in known or not only_known for name in BRACKET.findall(sentence)):
            yield sentence.strip()
