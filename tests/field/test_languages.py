"""A page is written in the direction of its language, whatever language a team's form is in."""

from __future__ import annotations

import pytest

from views.languages import direction_of, locale_of, own_name

RIGHT_TO_LEFT = ("ar", "ur", "fa", "he", "ps", "ckb", "sd", "ug", "dv", "prs", "pa-Arab", "xyz-Arab", "ar-EG")
LEFT_TO_RIGHT = ("en", "bn", "so", "tr", "fr", "pa", "ku", "tlh", "zh-Hant")


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_it_is_read_from_the_right(language: str) -> None:
    assert direction_of(language) == "rtl"


@pytest.mark.parametrize("language", LEFT_TO_RIGHT)
def test_it_is_read_from_the_left(language: str) -> None:
    assert direction_of(language) == "ltr"


@pytest.mark.parametrize(
    ("language", "name", "locale"),
    [("en", "English", "en_GB"), ("ur", "اردو", "ur"), ("fr", "français", "fr"), ("tlh", "tlh", "en_GB")],
)
def test_a_language_has_its_own_name_and_the_nearest_locale(language: str, name: str, locale: str) -> None:
    assert (own_name(language), locale_of(language)) == (name, locale)
