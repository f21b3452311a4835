"""How hard an English text is to read: its grade by Flesch and Kincaid, as the years of school that it asks for.

A rule of thumb, made of the length of sentences and of words alone: it knows nothing of what a word means. It counts
syllables by letters and is wrong for about one word in ten, mostly by one syllable, which moves the grade of a text of
fifty words by half a grade at most. Of a text of fewer than MIN_WORDS words one long word decides, so none is told.
Reads nothing and keeps nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from instruments.model import Instrument, Item

MIN_WORDS = 8
GRADE = 6.0  # that participants' texts should not be above
# What stands for a word that is put in, or in brackets to be filled in, is read as one short word.
PUT_IN = re.compile(r"%\(\w+\)[sd]|\$\{\w+\}|\{\w+\}|\[[^\]]*\]|<[^>]+>")
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
VOWELS = re.compile(r"[aeiouy]+")
# An e that is not spoken: at the end of "make", in "named", "makes" and "safely".
SILENT = re.compile(
    r"(?<=[^aeiouyl])e$|(?<=[aeiouyrw]l)e$|(?<=[^aeiouytd])e(?=d$)|(?<=[^aeiouysxzcg])(?<!ch)(?<!sh)e(?=s$)"
    r"|(?<=[^aeiouytd])e(?=ly$|ment|ful|less|ness|where|thing)"
)
# Two vowels that are spoken apart, as in "being", "studying", "quiet", "area"; and the m of "terrorism".
APART = re.compile(
    r"ying|eing|iet|uel|rea(?=l|te|$)|(?<![ct])ia(?!ge|l\b|n\b)|io(?!n|us)|eo(?!p|us)|(?<![tc])ie(?=nc)|ism(?=s?$)"
)
# Words of these texts that the letters get wrong.
KNOWN = {
    "police": 2, "people": 2, "area": 3, "areas": 3, "every": 2, "different": 3, "someone": 2, "sometimes": 2,
    "everyone": 3, "everything": 3, "interviewer": 4, "questionnaire": 3, "mosque": 1, "mosques": 1, "evening": 2,
    "social": 2, "special": 2, "crime": 1, "used": 1, "idea": 3, "ideas": 3, "science": 2, "religious": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Graded:
    """A text with where it stands and its grade."""

    name: str
    text: str
    grade: float


def syllables(word: str) -> int:
    """About how many syllables an English word has."""
    plain = re.sub(r"['’]\w+$", "", word.lower())
    if plain in KNOWN:
        return KNOWN[plain]
    return max(len(VOWELS.findall(SILENT.sub("", plain))) + len(APART.findall(plain)), 1)


def grade(text: str) -> float | None:
    """The grade of a text; None where it is too short to be graded."""
    plain = PUT_IN.sub("it", text)
    words = WORD.findall(plain)
    if len(words) < MIN_WORDS:
        return None
    sentences = sum(1 for one in SENTENCE.split(plain) if WORD.search(one))
    return 0.39 * len(words) / max(sentences, 1) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def graded(texts: Iterator[tuple[str, str]]) -> Iterator[Graded]:
    """Those of these texts that are long enough, with their grade to one digit."""
    for name, text in texts:
        found = grade(text)
        if found is not None:
            yield Graded(name, text, round(found, 1))


def texts_of(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Every English text that a study shows to participants, once, with the name under which it stands."""
    seen: set[str] = set()
    for group in instrument.groups:
        for part in instrument.visit(group.name):
            for item in (item for block in part.blocks for item in block.items):
                for name, text in _texts_of_item(item):
                    if text and text not in seen:
                        seen.add(text)
                        yield name, text


def _texts_of_item(item: Item) -> Iterator[tuple[str, str]]:
    if item.kind in ("hidden", "calculate"):
        return
    for name, text in (("", item.label), (" hint", item.hint), (" refusal", item.constraint_message)):
        if text:
            yield f"{item.name}{name}", text.in_language("en")
    for choice in item.choices:
        yield f"{item.name} {choice.code}", choice.label.in_language("en")
