"""What a study has not filled in yet is named in the language of the page; staff are told of it as before."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from instruments.model import Instrument, Text
from views.field.brackets import NAMES
from views.field.words import Unsaid, words

NUMBER = "10"  # minutes: a bracket of digits is the same everywhere
PAGES = ("/visit/young_person", "/easy-read/police_officer", "/sheet/community_leader", "/support")


def shown_in(field: FlaskClient, language: str) -> set[str]:
    """Every bracket on the pages, in whatever language it is named."""
    found = (re.findall(r"<bdi>\[([^\]]+)\]</bdi>", field.get(f"{page}?lang={language}").text) for page in PAGES)
    return {name for names in found for name in names}


@pytest.mark.parametrize("language", ["ur", "ar", "bn", "so", "tr"])
def test_a_bracket_is_named_in_the_language_of_the_page(field: FlaskClient, language: str, study: Study) -> None:
    asked = {page: field.get(f"{page}?lang={language}").text for page in PAGES}
    english = [name for name in study.settings.fill_in if name != NUMBER]
    assert [(page, name) for page, text in asked.items() for name in english if f"[{name}]" in text] == []
    assert len(shown_in(field, language)) == len(study.settings.fill_in)


def test_every_bracket_of_the_study_that_comes_along_has_a_name(study: Study) -> None:
    assert NAMES.keys() | {NUMBER} == study.settings.fill_in.keys()
    assert study.open_brackets


def test_a_teams_own_bracket_stays_as_it_is_and_together(field: FlaskClient) -> None:
    text = Text((("en", "Ask [A & B]."), ("ur", "[A & B] سے پوچھیں۔")))
    with field.application.test_request_context():
        assert words(text, "ur", Unsaid()) == "<bdi>[A &amp; B]</bdi> سے پوچھیں۔"
        assert words(text, "en", Unsaid()) == "Ask [A &amp; B]."


@pytest.mark.parametrize("language", ["en", "ur", "ar", "bn", "so", "tr"])
def test_a_part_and_its_heading_call_the_questions_the_same(instrument: Instrument, language: str) -> None:
    part = next(part for part in instrument.parts if part.name == "understanding")
    title, heading = part.title, part.blocks[0].title
    assert title is not None
    assert heading is not None
    assert heading.in_language(language).casefold().endswith(title.in_language(language).casefold())
