"""Participants' texts in English are for readers of grade 6, or stand in docs/reading-level.csv with the reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

from instruments.model import Instrument
from instruments.reading_level import GRADE, Graded, grade, graded, syllables, texts_of
from study_commands import study
from tests.forms import written
from tests.house.served import ROOT

LISTED = ROOT / "docs" / "reading-level.csv"
# Where the interface's own sentences stand that a participant reads.
SEEN = tuple(
    f"templates/{name}.html"
    for name in (
        "agreed", "agreed_words", "away", "base", "done", "error", "field", "items", "kept_for_now",
        "kept_for_now_words", "outcome", "receipt", "slip", "start", "support", "thanks", "visit", "withdraw",
        "withdrawn", "withdrawn_words",
    )
) + ("instruments/answers.py", "views/errors.py")  # fmt: skip
# As a dictionary counts them.
COUNTED = {
    "named": 1, "makes": 1, "love": 1, "study": 2, "studying": 3, "being": 2, "quiet": 2, "area": 3, "community": 4,
    "counter": 2, "terrorism": 4, "information": 4, "participate": 4, "questions": 2, "answered": 2, "police": 2,
    "religion": 3, "created": 3, "idea": 3, "really": 2, "situation": 4, "experience": 4, "needed": 2, "asked": 1,
    "safely": 2, "statement": 2, "telephone": 3, "people's": 2, "closed": 1, "sentences": 3, "little": 2, "reached": 1,
    "whole": 1, "houses": 2, "the": 1, "organisation": 5, "suspicion": 3, "violence": 3, "evidence": 3, "society": 4,
}  # fmt: skip


def every_text(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Every English text that a participant can be shown."""
    yield from texts_of(instrument)
    with (ROOT / "translations" / "messages.pot").open("rb") as file:
        for message in read_po(file):
            places = {place for place, _ in message.locations}
            if any(place in SEEN or place.startswith("views/field/") for place in places):
                for text in [message.id] if isinstance(message.id, str) else message.id:
                    yield "interface", text


def hard_texts(instrument: Instrument) -> dict[str, Graded]:
    return {one.text: one for one in graded(every_text(instrument)) if one.grade > GRADE}


def listed() -> dict[str, dict[str, str]]:
    with LISTED.open(encoding="utf-8", newline="") as file:
        return {row["text"]: row for row in csv.DictReader(file)}


def test_every_text_above_grade_six_is_listed_with_a_reason(instrument: Instrument) -> None:
    known, above = listed(), hard_texts(instrument)
    new = {text: one.grade for text, one in above.items() if text not in known}
    assert new == {}, "say it in shorter sentences and words; else list it with the reason"
    assert known.keys() <= above.keys(), "listed, and no longer hard or no longer there"
    assert {text: float(row["grade"]) for text, row in known.items()} == {t: one.grade for t, one in above.items()}
    assert all(len(row["why_it_stays"]) > 10 and row["what_is_hard"] for row in known.values())


def test_a_hard_text_is_found() -> None:
    hard = "Participation necessitates comprehensive familiarisation with institutional confidentiality obligations."
    assert (grade(hard) or 0) > 20
    easy = "You can stop at any time. You do not have to say why. Nobody will ask you."
    assert (grade(easy) or 99) < 3
    assert grade("Asian or Asian British") is None, "of so few words nothing can be told"


def test_syllables_are_counted_as_a_dictionary_does_but_for_one_word_in_ten() -> None:
    wrong = {word: (syllables(word), number) for word, number in COUNTED.items() if syllables(word) != number}
    assert len(wrong) <= len(COUNTED) // 10, wrong
    assert all(abs(ours - theirs) == 1 for ours, theirs in wrong.values()), wrong


@pytest.mark.parametrize(("most", "code"), [("30", 0), ("4", 1)])
def test_the_command_names_what_is_above(tmp_path: Path, most: str, code: int) -> None:
    hard = "How often do people around here disagree about neighbourhood organisations?"
    form = written(
        tmp_path / "form", [["type", "name", "label"], ["text", "often", hard], ["text", "why", "Why do you say so?"]]
    )
    told = CliRunner().invoke(study, ["reading", str(form), "--most", most])
    assert told.exit_code == code, told.output
    assert (f"often: {hard}" in told.output) == bool(code)
    assert "why:" not in told.output
