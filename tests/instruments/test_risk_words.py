"""Rule R4: wording about one person's own risk is noticed, ordinary wording is not."""

from __future__ import annotations

import pytest

from instruments.model import Instrument
from instruments.risk_words import risk_words_in

CAUGHT = (
    "Do you feel any sympathy with people who use violence?",
    "Would you report a friend to the police?",
    "Have you ever broken the law?",
    "Is violence ever justified?",
    "Which branch of Islam do you follow?",
    "What is your immigration status?",
)
PASSED = (
    "How often do officers listen?",
    "How much do people here trust the police?",
    "Did you get a copy of the results?",
    "How could the project improve?",
    "How easy was this form to read?",
    "How many meetings were held last year?",
)


@pytest.mark.parametrize("text", CAUGHT)
def test_wording_of_a_risk_kind_is_caught(text: str) -> None:
    assert risk_words_in(text)


@pytest.mark.parametrize("text", PASSED)
def test_ordinary_wording_passes(text: str) -> None:
    assert risk_words_in(text) == ()


def test_no_item_of_the_default_study_is_of_a_risk_kind(instrument: Instrument) -> None:
    asked = [item for group in instrument.groups for item in instrument.research_items(group.name)]
    assert len(asked) > 100
    assert [item.name for item in asked if risk_words_in(item.label.in_language("en"))] == []
