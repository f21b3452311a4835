"""The staff's pages of a study around a form of one's own, which knows no sites: they open, and count no words."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from fieldwork.study import Study
from storage.office import tallies
from tests.forms import GROUP, instance_around, written
from tests.staff import sign_in_as
from tests.visits import consenting
from translations.deeds import write_review
from views.languages import interface_in

WORDS = "behind the old mill"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    form = written(tmp_path / "form", [["type", "name", "label"], ["text", "site", "Where do you sleep?"]])
    return create_app(instance_around(form, tmp_path)[0])


def test_a_study_without_sites_has_all_its_pages(app: Flask) -> None:
    coordinator = sign_in_as(app.test_client(), app.extensions["amanah"], "coordinator", "Farid")
    for page in ("/office", "/office/tablets", "/office/invitations"):
        assert coordinator.get(page, follow_redirects=True).status_code == 200


def test_words_that_somebody_types_are_never_counted_by(app: Flask) -> None:
    study: Study = app.extensions["amanah"]
    typed = consenting(study.instrument, GROUP, site=WORDS)
    assert app.test_client().post(f"/visit/{GROUP}", data=typed).status_code == 200
    (tally,) = tallies(study.stores.office)
    assert (tally.site, tally.count) == ("", 1)


def test_staff_are_told_the_truth_about_an_interface_in_other_languages(tmp_path: Path) -> None:
    form = written(tmp_path / "form", [["type", "name", "label::English (en)", "label::French (fr)"],
                                       ["text", "wish", "Your wish?", "Votre souhait ?"]])  # fmt: skip
    app = create_app(instance_around(form, tmp_path)[0])
    page = sign_in_as(app.test_client(), app.extensions["amanah"], "administrator", "Mara").get("/office/study").text
    french = page[page.index("<bdi>français") :].partition("</li>")[0]
    assert "not translated yet, people see them in English" in french
    assert "are a draft" not in page


def test_a_translation_is_a_draft_until_somebody_reviewed_it(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "translations", tmp_path, dirs_exist_ok=True)
    write_review("so", "A native speaker", date(2026, 12, 1), tmp_path)
    found = interface_in(("en", "ar", "so", "fr"), tmp_path)
    assert {code: (one.status, one.since) for code, one in found.items()} == {
        "en": ("source", 0), "ar": ("draft", 0), "so": ("reviewed", 0), "fr": ("missing", 0)
    }  # fmt: skip
