"""What goes wrong between a form's languages is named by its row and column, before anybody is asked in them."""

from __future__ import annotations

import pytest

from commands import DEFAULT_STUDY
from instruments.catalogue import check_study
from instruments.model import Instrument
from instruments.reading.sheets import Row, Sheet
from instruments.reading.translations import is_mixed, translation_problems, translation_remarks

LABELS = ("label::English (en)", "label::Urdu (ur)")


def sheets(survey: tuple[str, str], *choices: tuple[str, str, str], classified: bool = True) -> dict[str, Sheet]:
    """A form of one question and one list in two languages."""
    more = ("bind::amanah:privacy",) if classified else ()
    asked = Row(2, {"type": "text", "name": "q", **dict(zip(LABELS, survey, strict=True))}, 4)
    rows = (
        Row(number, {"list_name": "l", "name": code, LABELS[0]: english, LABELS[1]: urdu}, 4)
        for number, (code, english, urdu) in enumerate(choices, 2)
    )
    return {
        "survey": Sheet("survey.csv", ("type", "name", *LABELS, *more), (asked,)),
        "choices": Sheet("choices.csv", ("list_name", "name", *LABELS), tuple(rows)),
    }


@pytest.mark.parametrize(
    ("english", "urdu", "says"),
    [
        ("You said ${a}.", "آپ نے کہا ${a}۔", None),
        ("You said ${a}.", "آپ نے کہا۔", "lacks ${a}"),
        ("You said it.", "آپ نے ${b} کہا۔", "has ${b} too often"),
        ("Ask [institution].", "[ادارہ] سے پوچھیں۔", "lacks [institution] and has [ادارہ] too often"),
        ("Ask [x] or [x].", "[x] سے پوچھیں۔", "lacks [x]"),
        ("", "آپ نے ${b} کہا۔", None),
    ],
)
def test_a_bracket_or_an_answer_that_a_language_lacks_is_refused(english: str, urdu: str, says: str | None) -> None:
    found = list(translation_problems(sheets((english, urdu))))
    assert [(one.row, one.column, one.is_warning) for one in found] == ([] if says is None else [(2, LABELS[1], False)])
    assert says is None or says in found[0].message


def test_in_a_form_made_elsewhere_a_bracket_is_plain_words() -> None:
    assert list(translation_problems(sheets(("[READ OUT]", "[پڑھیں]"), classified=False))) == []


def test_two_choices_that_a_language_makes_one_are_refused() -> None:
    apart = (("1", "Never", "کبھی نہیں"), ("2", "Rarely", "بہت کم"))
    assert list(translation_problems(sheets(("a", "b"), *apart))) == []
    (found,) = translation_problems(sheets(("a", "b"), *apart, ("3", "Sometimes", "بہت  کم")))
    assert (found.row, found.column) == (4, LABELS[1])
    assert "row 3 has the same words" in found.message
    # What the form itself says twice is its own affair: lists that a filter divides repeat names.
    assert list(translation_problems(sheets(("a", "b"), *apart, ("3", "Rarely", "بہت کم")))) == []


def test_what_is_much_longer_or_of_two_scripts_is_to_be_looked_at() -> None:
    long = "word " * 7
    assert list(translation_remarks(sheets((long, long * 2)))) == []
    (found,) = translation_remarks(sheets((long, long * 2 + "and more")))
    assert (found.is_warning, found.row, found.column) == (True, 2, LABELS[1])
    (found,) = translation_remarks(sheets(("Yes", "ہاںa")))
    assert (found.is_warning, "ہاںa" in found.message) == (True, True)


@pytest.mark.parametrize(("word", "mixed"), [("پولیس", False), ("Prevent", False), ("পুলিশ", False), ("pоlice", True)])
def test_a_word_of_two_scripts_is_seen(word: str, mixed: bool) -> None:
    assert is_mixed(word) is mixed


def test_the_default_study_says_the_same_in_each_of_its_languages() -> None:
    assert check_study(DEFAULT_STUDY) == ()


@pytest.mark.parametrize("language", ["en", "ur", "ar", "bn", "so", "tr"])
def test_scales_are_distinct_short_and_whole_in_each_language(instrument: Instrument, language: str) -> None:
    for item in instrument.items.values():
        said = [choice.label for choice in item.choices]
        words = [label.in_language(language).casefold() for label in said]
        assert all(label.speaks(language) for label in said), item.name
        assert len(set(words)) == len(words), item.name
        if len(item.scales) and len(words) > 3:
            assert max(map(len, words)) <= MOST, (item.name, words)


MOST = 34  # characters of an answer on a scale: what stands in one line at 360 px
