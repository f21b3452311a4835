"""A page is written in the direction of its language, whatever language a team's form is in."""

from __future__ import annotations

import pytest
from babel.lists import format_list
from werkzeug.datastructures import MultiDict

from forms.locales import listed, locale_of
from forms.visit import VisitForm
from instruments.model import Instrument
from views.languages import direction_of, own_name

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


@pytest.mark.parametrize("language", ["en", "ur", "ar", "bn", "so", "tr", "ml", "tlh"])
def test_things_are_listed_as_its_readers_list_them(language: str) -> None:
    for words in ("", "a", "ab", "abc", "abcde"):
        assert listed(words, language) == format_list(list(words), locale=locale_of(language))


@pytest.mark.parametrize(("language", "joint"), [("en", " and "), ("ar", " و"), ("ur", " اور ")])
def test_several_answers_are_said_back_in_the_language_of_the_page(
    language: str, joint: str, instrument: Instrument
) -> None:
    item = instrument.item("yp_contact")
    codes = [choice.code for choice in item.choices[:2]]
    form = VisitForm(instrument, "young_person", language, MultiDict([(item.name, code) for code in codes]))
    assert form.said(item.name) == joint.join(choice.label.in_language(language) for choice in item.choices[:2])
