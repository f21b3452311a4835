"""What is read during a legal hold is fixed in the settings, comes along in a workbook, and changes no instrument."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import InstrumentError
from instruments.hold_words import hold_words, lacking_languages, open_in
from instruments.model import Instrument
from instruments.reading.sources import load_settings, whole
from instruments.reading.starter import STARTER
from instruments.settings import LONGEST_HOLD_WORDS, read_toml
from instruments.workbooks import read_bytes
from instruments.writing import workbook_of

SHIPPED = {"researcher": "Researcher, phone, email", "officer": "data protection officer"}


@pytest.mark.parametrize("folder", [DEFAULT_STUDY, STARTER], ids=lambda folder: folder.name)
def test_the_studies_that_amanah_brings_have_words_that_say_whom_to_ask(folder: Path) -> None:
    told = read_toml(folder)
    words = told["legal_hold"]["en"]
    assert set(told["legal_hold"]) == set(told["languages"])
    for needed in ("can be erased just now", "the law asks us", "not used any more", "erased by itself"):
        assert needed in words
    assert set(open_in({"en": words})) == set(SHIPPED.values()) <= set(told["fill_in"])


def test_the_words_come_along_in_a_workbook_with_their_brackets_filled_in(
    tmp_path: Path, instrument: Instrument
) -> None:
    settings = load_settings(DEFAULT_STUDY)
    filled = {**settings.fill_in, "Researcher, phone, email": "Dr Amin"}
    told = replace(settings, legal_hold={"en": "One line.\n[Researcher, phone, email]"}, fill_in=filled)
    data = workbook_of(instrument, told)
    again = whole(read_bytes("study.xlsx", data)).settings
    assert again.legal_hold == {"en": "One line.\nDr Amin"} == hold_words(told, ("en", "ur"))
    assert lacking_languages(again, ("en", "ur")) == ("ur",)
    # What stands beside a workbook wins over it.
    (tmp_path / "study.xlsx").write_bytes(data)
    small = 'workbook = "study.xlsx"\nplain_path = false\n[legal_hold]\nen = "Other words."\n'
    (tmp_path / "study.toml").write_text(small, "utf-8")
    assert load_settings(tmp_path).legal_hold == {"en": "Other words."}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('[legal_hold]\nfr = "Pas encore."\n', "'fr' is no language of this study"),
        (f'[legal_hold]\nen = "{"x" * (LONGEST_HOLD_WORDS + 1)}"\n', "at most 2000 characters"),
        ("[legal_hold]\nen = 7\n", "legal_hold.en must be text in quotes"),
        ('legal_hold = "words"\n', "legal_hold must be a table"),
    ],
)
def test_what_is_wrong_with_the_words_is_said(tmp_path: Path, written: str, sentence: str) -> None:
    shutil.copy(DEFAULT_STUDY / "study.toml", tmp_path)
    path = tmp_path / "study.toml"
    told = path.read_text("utf-8")
    before, after = told[: told.index("[legal_hold]")], told[told.index("[[groups]]") :]
    path.write_text(written + before + after if '= "words"' in written else before + written + after, "utf-8")
    with pytest.raises(InstrumentError, match=sentence):
        read_toml(tmp_path)


def test_everybody_is_told_before_they_agree_what_a_court_and_a_hold_can_do(
    instrument: Instrument, every_route: Instrument
) -> None:
    for version in (instrument, every_route):
        for group in version.groups:
            told = [item for item in version.items_of(group.name, "consent") if item.kind == "note"]
            words = told[0].label.in_language("en")
            assert "a court order can make us hand over what the people who hold the keys can open" in words
            assert "The law may also make us keep things for longer" in words
