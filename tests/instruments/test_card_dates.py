"""The last day on a card is promised in each language in its own words, and by the study's own cut-off."""

from __future__ import annotations

import pytest

from instruments.model import Instrument
from instruments.reading.card_dates import SENTENCES, card_date, named_days


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("days", [7, 28, 90])
def test_each_language_says_it_in_its_own_words_and_the_number_is_found_again(language: str, days: int) -> None:
    said = card_date(days, language)
    assert str(days) in said
    assert (said == card_date(days, "en")) == (language == "en")
    assert list(named_days(f"… {said} …", language)) == [days]


def test_days_follow_the_plural_of_their_number() -> None:
    assert "7 أيام" in card_date(7, "ar")
    assert "28 يومًا" in card_date(28, "ar")


def test_a_language_that_nobody_has_written_it_in_says_it_in_english() -> None:
    assert card_date(28, "de-CH") == card_date(28, "en")


def test_the_information_sheet_promises_it_in_every_language(instrument: Instrument) -> None:
    told = instrument.item("info_10_a").label
    for language in instrument.languages:
        assert card_date(28, language) in told.in_language(language)
    assert sum("date on your card" in words for _, words in told.translations) == 1
