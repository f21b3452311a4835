"""A study that refuses what nobody has reviewed asks nobody in it, whatever a page or a tablet asks for."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text as sql

from app import create_app
from commands import DEFAULT_STUDY, addresses_of
from config import Settings
from errors import InstrumentError, JournalNotWritten, SettingsError
from fieldwork.instance import mark_of, open_study, staged
from fieldwork.reviewing import review
from fieldwork.study import Study
from fieldwork.versions import adopt, compare
from instruments.reading.sources import load_settings
from instruments.reviews import REVIEWS, Review, joined, read_reviews, write_reviews
from instruments.standing import digests_of, standings
from storage.journal import read_journal
from study_commands import study as study_commands
from tests.changing import in_english, with_item
from tests.conftest import TODAY
from tests.staff import sign_in_as
from tests.visits import amina
from views.field.common import begin
from views.field.offline import pages_to_keep

LANGUAGES = ("en", "ur", "ar", "bn", "so", "tr")


@pytest.fixture
def refusing(settings: Settings) -> Settings:
    """An instance whose study stays closed in every language that nobody has reviewed."""
    told = settings.study_folder / "study.toml"
    text = told.read_text("utf-8").replace("plain_path = true", 'plain_path = true\nunreviewed = "refuse"')
    told.write_text(text, "utf-8")
    return settings


def opened(settings: Settings) -> Study:
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


def reviewed(settings: Settings, language: str, *texts: str) -> Study:
    review(opened(settings), settings.study_folder, language, texts or ("all",), "Amina Yusuf", TODAY, "Mara")
    return opened(settings)


def test_a_draft_is_asked_unless_the_study_refuses_it(study: Study) -> None:
    assert study.languages == LANGUAGES
    assert all(not one.is_reviewed and not one.reviewed for one in standings(study.instrument, study.settings))


def test_a_language_opens_when_all_that_people_see_was_reviewed(refusing: Settings) -> None:
    assert opened(refusing).languages == ("en",)
    texts = digests_of(opened(refusing).instrument, load_settings(refusing.study_folder), "ar")
    seen = [name for name in texts if name != "release"]
    assert reviewed(refusing, "ar", *seen[1:]).languages == ("en",)
    assert reviewed(refusing, "ar", seen[0]).languages == ("en", "ar")
    assert reviewed(refusing, "tr").languages == ("en", "ar", "tr")


def test_words_that_change_are_a_draft_again_in_the_text_that_holds_them(refusing: Settings) -> None:
    study = reviewed(refusing, "ur")
    changed = with_item(
        study.instrument, "info_1_a", lambda item: replace(item, label=in_english(item.label, "We are others."))
    )
    (urdu,) = [one for one in standings(changed, study.settings) if one.language == "ur"]
    assert urdu.drafts == ("information",)
    assert not urdu.is_reviewed
    assert set(urdu.reviewed) == set(digests_of(changed, study.settings, "ur")) - {"information"}


def test_another_recording_is_a_draft_again(refusing: Settings) -> None:
    study = reviewed(refusing, "ur")
    changed = with_item(
        study.instrument,
        "info_1_a",
        lambda item: replace(item, label=replace(item.label, recordings=(("ur", "0.mp3"),))),
    )
    (urdu,) = [one for one in standings(changed, study.settings) if one.language == "ur"]
    assert urdu.drafts == ("information",)


def test_what_stands_in_a_bracket_of_the_holds_words_is_of_what_was_read(study: Study) -> None:
    told = replace(study.settings, legal_hold={"en": "Ask [whom].", "ur": "[whom] se."}, fill_in={"whom": "Amina"})
    other = replace(told, fill_in={"whom": "Bilal"})
    read, now = (digests_of(study.instrument, one, "ur")["study"] for one in (told, other))
    assert read != now


@pytest.mark.parametrize("name", ["study", "release"])
def test_the_questions_of_a_group_are_reviewed_whatever_it_is_called(study: Study, name: str) -> None:
    (asked,) = [
        part for part in study.instrument.parts if part.name == "questionnaire" and part.groups == ("young_person",)
    ]
    called = replace(asked, groups=(name,))
    parts = tuple(called if part is asked else part for part in study.instrument.parts)
    told, before = (
        digests_of(replace(study.instrument, parts=some), study.settings, "ur")
        for some in (parts, tuple(part for part in parts if part is not called))
    )
    assert told[name] == before[name]
    assert told["questionnaire"] != before.get("questionnaire")


def test_a_closed_language_is_not_offered_and_asking_for_it_gives_the_first_with_a_sentence(refusing: Settings) -> None:
    reviewed(refusing, "ar")
    field = create_app(refusing).test_client()
    page = field.get("/visit/young_person?lang=ur").text
    assert '<html lang="en" dir="ltr"' in page
    assert "This study cannot be read in اردو yet. You see it in English." in page
    assert 'href="?lang=ar"' in page
    assert 'href="?lang=ur"' not in page
    arabic = field.get("/visit/young_person?lang=ar").text
    assert '<html lang="ar" dir="rtl"' in arabic
    for other in (arabic, field.get("/visit/young_person?lang=xx").text):
        assert "cannot be read in" not in other


def test_a_tablet_keeps_no_page_of_a_closed_language(refusing: Settings) -> None:
    reviewed(refusing, "ar")
    field = create_app(refusing).test_client()
    with field.application.test_request_context("/tablet"):
        begin()
        told = pages_to_keep()
    assert {page.rpartition("lang=")[2] for page in told if "lang=" in page} == {"en", "ar"}


def test_what_was_begun_before_a_language_closed_is_kept_in_it(refusing: Settings) -> None:
    field, study = create_app(refusing).test_client(), opened(refusing)
    slip = field.post("/visit/young_person?lang=ur", data=amina(study.instrument)).text
    assert '<html lang="ur" dir="rtl"' in slip


def test_staff_see_what_is_a_draft_and_who_reviewed_the_rest(refusing: Settings) -> None:
    study = reviewed(refusing, "ur", "consent", "information")
    page = sign_in_as(create_app(refusing).test_client(), study, "coordinator", "Idris").get("/office/study").text
    part = page[page.index("اردو") : page.index("العربية")]
    assert "reviewed by" in part
    assert "Amina Yusuf" in part
    drafts, reviewed_ones = part.split("<ul", 1)
    assert "Titles and what is read during a legal hold" in drafts
    assert "Information sheet" not in drafts
    assert "Information sheet" in reviewed_ones
    assert page.count("Nobody is asked in this language") == 5


def reviewed_by_command(version: str) -> Result:
    return CliRunner().invoke(
        study_commands, ["reviewed", "so", "consent", "support", "--version", version, "--by", "Hodan Warsame"]
    )


def test_a_review_is_of_the_version_that_was_read(
    refusing: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMANAH_HOME", str(refusing.home))
    read, sheets = opened(refusing), tmp_path / "sheets"
    shutil.copytree(refusing.study_folder, sheets)
    told, support = sheets / "study.toml", sheets / "support" / "survey.csv"
    told.write_text(re.sub('(?m)^version = .*$', 'version = "2"', told.read_text("utf-8")), "utf-8")
    words = read.instrument.items_of("young_person", "support")[0].label.in_language("so")
    assert words in support.read_text("utf-8")
    support.write_text(support.read_text("utf-8").replace(words, f"{words} Mahadsanid."), "utf-8")
    office = read.stores.office
    adopt(office, compare(office, read.name, refusing.study_folder, sheets), refusing.study_folder, TODAY, "Mara")
    answered = reviewed_by_command(read.instrument.digest[:6])
    assert "The version in use says these otherwise, so there they are a draft: support." in answered.output
    now = opened(refusing)
    (somali,) = [one for one in standings(now.instrument, now.settings) if one.language == "so"]
    assert set(somali.reviewed) == {"consent"}
    assert reviewed_by_command("0000").exit_code == 1


def test_a_review_is_written_by_a_command_and_in_the_journal(
    refusing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_HOME", str(refusing.home))
    before = mark_of(opened(refusing), refusing.study_folder)
    told = reviewed_by_command(opened(refusing).instrument.digest[:6])
    assert told.exit_code == 0, told.output
    assert "Reviewed in so: consent, support." in told.output
    assert "otherwise" not in told.output
    entry = list(read_journal(opened(refusing).stores.office))[-1]
    assert (entry.act, entry.actor, entry.detail) == ("text_reviewed", "command line", "so: consent, support")
    assert set(read_reviews(refusing.study_folder)["so"]) == {"consent", "support"}
    # A process that runs takes it up.
    assert mark_of(opened(refusing), refusing.study_folder) != before


def test_a_review_that_sheets_bring_is_in_the_journal_too(study: Study, settings: Settings, tmp_path: Path) -> None:
    office, sheets = study.stores.office, tmp_path / "sheets"
    shutil.copytree(settings.study_folder, sheets)
    digest = digests_of(study.instrument, study.settings, "ur")["consent"]
    brought = {"consent": Review("Somebody", TODAY, digest), "support": Review("Somebody", TODAY, "of other words")}
    write_reviews(sheets, {"ur": brought})
    for _ in range(2):
        found = compare(office, study.name, settings.study_folder, sheets)
        adopt(office, found, settings.study_folder, TODAY, "Mara", approved=found.terms)
    told = [(one.actor, one.detail) for one in read_journal(office) if one.act == "text_reviewed"]
    assert told == [("Mara", "ur: consent")]


def test_a_review_that_cannot_be_written_down_is_not_kept(study: Study, settings: Settings) -> None:
    with study.stores.office.engine.begin() as connection:
        connection.execute(sql("DROP TABLE journal"))
    with pytest.raises(JournalNotWritten):
        review(study, settings.study_folder, "ur", ["all"], "Amina Yusuf", TODAY, "Mara")
    assert not (settings.study_folder / REVIEWS).exists()


@pytest.mark.parametrize(
    ("language", "text", "by", "says"),
    [("en", "all", "A", "into which"), ("de", "all", "A", "into which"), ("ur", "consents", "A", "no text 'consents'"),
     ("ur", "all", " ", "who reviewed")],
)  # fmt: skip
def test_what_cannot_have_been_reviewed_is_refused(
    study: Study, settings: Settings, language: str, text: str, by: str, says: str
) -> None:
    entries = len(list(read_journal(study.stores.office)))
    with pytest.raises(SettingsError, match=says):
        review(study, settings.study_folder, language, [text], by, TODAY, "Mara")
    assert len(list(read_journal(study.stores.office))) == entries
    assert not (settings.study_folder / REVIEWS).exists()


def test_sheets_that_come_from_elsewhere_do_not_lose_a_review(settings: Settings, tmp_path: Path) -> None:
    reviewed(settings, "ur", "consent")
    with staged(DEFAULT_STUDY, settings.study_folder) as made:
        assert set(read_reviews(made)["ur"]) == {"consent"}
    older = read_reviews(settings.study_folder)
    later = {"ur": {"consent": type(older["ur"]["consent"])("Bilal", TODAY + timedelta(1), "d" * 64)}}
    assert joined(older, later) == joined(later, older) == later
    write_reviews(tmp_path, later)
    assert read_reviews(tmp_path) == later


@pytest.mark.parametrize("text", ["[ur", "ur = 1", '[ur.consent]\nstatus = "draft"', '[ur.consent]\nby = "x"'])
def test_a_list_of_reviews_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / REVIEWS).write_text(text, "utf-8")
    with pytest.raises(InstrumentError, match=REVIEWS):
        read_reviews(tmp_path)
