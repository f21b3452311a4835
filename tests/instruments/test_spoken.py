"""A setting is said once for every language, or in each by a table; what a language lacks is told by its name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from instruments.catalogue import check_study, load_study
from instruments.open_brackets import open_brackets
from instruments.spoken import as_text, misspoken, said_in

EMPTY = '[fill_in."date"]\nen = ""\nur = ""'
FILLED = '[fill_in."date"]\nen = "1 May"\nur = ""'


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """The default study with some words of its settings changed."""

    def change(before: str, after: str) -> Path:
        folder = tmp_path / "study"
        shutil.copytree(DEFAULT_STUDY, folder)
        text = (folder / "study.toml").read_text("utf-8")
        assert before in text
        (folder / "study.toml").write_text(text.replace(before, after, 1), "utf-8")
        return folder

    return change


def test_one_text_stands_for_every_language_and_a_table_for_its_own() -> None:
    assert said_in("the University", "ur") == "the University"
    assert said_in({"en": "May"}, "ur") == ""
    assert said_in({"ur": "مئی"}, "ur") == "مئی"
    assert as_text("May", ["en", "ur"]).translations == (("en", "May"),)
    assert as_text({"ur": "مئی", "en": "May"}, ["en", "ur"]).translations == (("en", "May"), ("ur", "مئی"))
    assert list(misspoken("title", {"en": "May"}, ["en", "ur"], True)) == []
    assert len(list(misspoken("title", {"de": "Mai"}, ["en", "ur"], True))) == 2


def test_a_bracket_is_filled_in_where_a_language_has_its_words_and_staff_are_told_of_the_others(
    edited: Callable[[str, str], Path],
) -> None:
    folder = edited(EMPTY, FILLED)
    study = load_study(folder)
    texts = [text for item in study.instrument.items.values() for text in item.texts]
    holding = [text for text in texts if "1 May" in text.in_language("en")]
    assert holding
    assert all("[date]" in text.in_language("ur") for text in holding)
    told = [one for one in open_brackets(study.instrument, study.settings.fill_in) if "[date]" in one]
    assert told
    assert not any("wipe" in one for one in told)
    found = [str(one) for one in check_study(folder)]
    assert [one for one in found if "fill_in.date" in one and "nothing is said in 'ur'" in one]
    assert not [one for one in found if "nothing is said in 'en'" in one]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('title.ur = "', 'title.de = "', "'de' is no language"),
        ('neutral_title.en = "Working Together"\n', "", "neutral_title says nothing in 'en'"),
        ('title.ur = "', 'title.ur = 1 # "', "title must be text"),
    ],
)
def test_a_table_that_no_reader_could_use_is_refused(
    edited: Callable[[str, str], Path], before: str, after: str, says: str
) -> None:
    found = [one for one in check_study(edited(before, after)) if not one.is_warning]
    assert any(says in one.message for one in found), found
