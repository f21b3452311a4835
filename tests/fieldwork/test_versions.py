"""A version in use is frozen; a new one shows what it changes, is confirmed, and is taken up by what runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from app import create_app
from commands import DEFAULT_STUDY
from config import Settings
from errors import JournalNotWritten, SettingsError
from fieldwork.freshness import EVERY
from fieldwork.instance import add_keys, copy_study, swap
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.versions import Comparison, adopt, compare, version_named, versions
from instruments.reading.sources import load_settings
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.journal import read_journal
from storage.office import count_visit
from study_commands import study as study_commands
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.visits import amina

SURVEY, CHOICES = "young_person/survey.csv", "young_person/choices.csv"
Change = tuple[str, str, str]
V2: Change = ("study.toml", 'version = "1.0-draft"', 'version = "2"')
V3: Change = ("study.toml", 'version = "1.0-draft"', 'version = "3"')
HARMLESS: Change = (SURVEY, "Before you start,", "Before you begin,")
BREAKING: Change = (CHOICES, "fair5,5,", "fair5,6,")


@pytest.fixture
def sheets(tmp_path: Path) -> Callable[..., Path]:
    """The default study's sheets with some words changed: (file, before, after), each once."""

    def changed(*changes: Change) -> Path:
        folder = tmp_path / f"sheets {len(list(tmp_path.iterdir()))}"
        shutil.copytree(DEFAULT_STUDY, folder)
        for file, before, after in changes:
            text = (folder / file).read_text("utf-8")
            assert before in text
            (folder / file).write_text(text.replace(before, after, 1), "utf-8")
        return folder

    return changed


@pytest.fixture
def compared(settings: Settings, study: Study) -> Callable[..., Comparison]:
    def compared(path: Path, digest: str = "") -> Comparison:
        return compare(study.stores.office, STUDY, settings.study_folder, path, digest)

    return compared


@pytest.fixture
def adopted(settings: Settings, study: Study, compared: Callable[..., Comparison]) -> Callable[..., str]:
    def adopted(path: Path) -> str:
        return adopt(study.stores.office, compared(path), settings.study_folder, TODAY, "Mara", True)

    return adopted


@pytest.fixture
def flask_study(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`flask study ...` without a terminal, as a script calls it."""
    monkeypatch.setenv("AMANAH_HOME", str(settings.home))
    return lambda *words: CliRunner().invoke(study_commands, list(map(str, words)))


def test_a_comparison_shows_the_differences_and_changes_nothing(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], study: Study
) -> None:
    before = read_journal(study.stores.office)
    told = flask_study("compare", sheets(V2, HARMLESS, BREAKING))
    assert told.exit_code == 0, told.output
    assert "yp_contact_fair\n  ! choice 5: " in told.output
    assert "because the same words had the code 5 and have the code 6 now" in told.output
    assert "    title (en): Before you start → Before you begin" in told.output
    assert "    version: 1.0-draft → 2" in told.output
    assert read_journal(study.stores.office) == before
    assert [one.instrument.version for one in versions(study.stores.office, STUDY)] == ["1.0-draft"]


def test_a_version_in_use_is_frozen(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], study: Study
) -> None:
    changed = sheets(HARMLESS)
    told = flask_study("add", changed, "--yes")
    assert told.exit_code == 1
    last = read_journal(study.stores.office)[-1]
    assert (last.actor, last.act) == ("command line", "adoption_refused")
    assert "Version '1.0-draft' is in use and frozen" in told.output
    assert "Write another `version` in study.toml" in told.output
    assert "is in use and frozen" in flask_study("compare", changed).output
    assert flask_study("versions").output.count("\n") == 1


def test_the_label_of_any_earlier_version_is_taken(
    adopted: Callable[..., str], sheets: Callable[..., Path], study: Study
) -> None:
    adopted(sheets(V2))
    for _ in range(2):
        with pytest.raises(SettingsError, match="in use and frozen"):
            adopted(sheets(HARMLESS))
    acts = [entry.act for entry in read_journal(study.stores.office)]
    assert (acts.count("adoption_refused"), acts[-1]) == (1, "adoption_refused")


def test_a_script_must_say_yes(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], study: Study
) -> None:
    new = sheets(V2, HARMLESS)
    told = flask_study("add", new)
    assert (told.exit_code, "say --yes." in told.output) == (1, True)
    assert len(versions(study.stores.office, STUDY)) == 1
    told = flask_study("add", new, "--yes")
    assert told.exit_code == 0, told.output
    first, second = versions(study.stores.office, STUDY)
    assert ((first.instrument.version, first.is_current), (second.instrument.version, second.is_current)) == (
        ("1.0-draft", False),
        ("2", True),
    )
    last = read_journal(study.stores.office)[-1]
    assert (last.act, last.detail, last.actor) == ("study_added", second.instrument.digest, "command line")


def test_what_breaks_comparability_is_agreed_to_on_its_own(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], study: Study
) -> None:
    new = sheets(V2, BREAKING)
    told = flask_study("add", new, "--yes")
    assert (told.exit_code, "--breaks-comparability" in told.output) == (1, True)
    assert len(versions(study.stores.office, STUDY)) == 1
    assert flask_study("add", new, "--yes", "--breaks-comparability").exit_code == 0
    assert len(versions(study.stores.office, STUDY)) == 2


def test_the_page_too_cannot_adopt_what_breaks_without_agreeing(
    settings: Settings, compared: Callable[..., Comparison], sheets: Callable[..., Path], study: Study
) -> None:
    found = compared(sheets(V2, BREAKING))
    with pytest.raises(SettingsError, match="breaks comparability"):
        adopt(study.stores.office, found, settings.study_folder, TODAY, "Mara")
    assert len(versions(study.stores.office, STUDY)) == 1


def test_sheets_that_changed_since_they_were_compared_are_not_adopted(
    settings: Settings, compared: Callable[..., Comparison], sheets: Callable[..., Path], study: Study
) -> None:
    path = sheets(V2)
    found = compared(path)
    survey = path / SURVEY
    survey.write_text(survey.read_text("utf-8").replace("Before you start,", "Before,", 1), "utf-8")
    with pytest.raises(SettingsError, match="changed meanwhile"):
        adopt(study.stores.office, found, settings.study_folder, TODAY, "Mara")
    assert len(versions(study.stores.office, STUDY)) == 1


def test_what_cannot_be_written_down_is_not_adopted(
    settings: Settings, compared: Callable[..., Comparison], sheets: Callable[..., Path], study: Study
) -> None:
    other = ("study.toml", 'neutral_title.en = "Working Together"', 'neutral_title.en = "Together"')
    found = compared(sheets(V2, other))
    with study.stores.office.engine.begin() as connection:
        connection.execute(sql("DROP TABLE journal"))
    with pytest.raises(JournalNotWritten):
        adopt(study.stores.office, found, settings.study_folder, TODAY, "Mara")
    assert load_settings(settings.study_folder).neutral_title.in_language("en") == "Working Together"


def test_sheets_that_cannot_be_put_in_place_leave_those_in_use(settings: Settings, tmp_path: Path) -> None:
    before = load_settings(settings.study_folder)
    with pytest.raises(FileNotFoundError):
        swap(tmp_path / "gone", settings.study_folder)
    assert load_settings(settings.study_folder) == before


def test_an_unchanged_study_is_told_and_changes_nothing(
    flask_study: Callable[..., Result], study: Study
) -> None:
    before = read_journal(study.stores.office)
    told = flask_study("add", DEFAULT_STUDY)
    assert told.exit_code == 0, told.output
    assert "These sheets are version 1.0-draft, which the study collects with already." in told.output
    assert "Nothing is to be changed." in told.output
    assert read_journal(study.stores.office) == before


def test_what_acts_at_once_is_taken_without_another_version(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], settings: Settings, study: Study
) -> None:
    path = sheets(("study.toml", 'neutral_title.en = "Working Together"', 'neutral_title.en = "Together"'))
    assert "What acts at once" in flask_study("compare", path).output
    assert flask_study("add", path, "--yes").exit_code == 0
    kept = load_settings(settings.study_folder)
    assert (kept.neutral_title.in_language("en"), kept.plain_path) == ("Together", True)
    # The journal tells that somebody changed them.
    assert [one.act for one in read_journal(study.stores.office)].count("study_added") == 2
    assert len(versions(study.stores.office, STUDY)) == 1


def test_going_back_to_a_stored_version_is_told_and_keeps_the_order(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], study: Study
) -> None:
    for path in (sheets(V2, HARMLESS), DEFAULT_STUDY):
        told = flask_study("add", path, "--yes")
        assert told.exit_code == 0, told.output
    assert "as it was stored before: adding them goes back to it" in told.output
    assert [(one.instrument.version, one.is_current) for one in versions(study.stores.office, STUDY)] == [
        ("1.0-draft", True),
        ("2", False),
    ]


def test_versions_are_listed_in_the_order_of_adding(
    flask_study: Callable[..., Result], adopted: Callable[..., str], sheets: Callable[..., Path], study: Study
) -> None:
    digests = [study.instrument.digest, adopted(sheets(V3)), adopted(sheets(V2))]
    lines = flask_study("versions").output.splitlines()
    assert [line.split()[0] for line in lines] == [digest[:16] for digest in digests]
    assert [line.split()[1] for line in lines] == ["1.0-draft", "3", "2"]
    assert [line.endswith("current") for line in lines] == [False, False, True]
    count = len({item.name for part in study.instrument.parts for block in part.blocks for item in block.items})
    assert f" {count} items" in lines[0]


def test_a_comparison_can_name_a_stored_version(
    flask_study: Callable[..., Result], adopted: Callable[..., str], sheets: Callable[..., Path], study: Study
) -> None:
    new = sheets(V2, HARMLESS)
    adopted(new)
    assert flask_study("compare", new).output.startswith("These sheets are version 2, which")
    told = flask_study("compare", new, "--with", study.instrument.digest[:8]).output
    assert "Before you start → Before you begin" in told
    for wrong in ("0000", study.instrument.digest[:3], "zz"):
        with pytest.raises(SettingsError, match="stored version"):
            version_named(study.stores.office, STUDY, wrong)


def test_a_name_of_a_version_before_the_last_that_means_something_else_breaks(
    adopted: Callable[..., str], compared: Callable[..., Comparison], sheets: Callable[..., Path]
) -> None:
    lines = (DEFAULT_STUDY / SURVEY).read_text("utf-8").splitlines()
    fair = next(line for line in lines if ",yp_contact_fair," in line)
    adopted(sheets(V2, (SURVEY, fair + "\n", "")))
    reused = re.sub("select_one fair5", "integer", fair)
    back = compared(sheets(V3, (SURVEY, fair, reused)))
    assert any(one.what == "type, as in version 1.0-draft" for one in back.breaking)


def test_sheets_of_another_study_are_refused(
    compared: Callable[..., Comparison], sheets: Callable[..., Path]
) -> None:
    with pytest.raises(SettingsError, match="'other', and this instance collects for 'working_together'"):
        compared(sheets(("study.toml", 'id = "working_together"', 'id = "other"')))


def test_sheets_that_cannot_be_used_change_nothing(
    flask_study: Callable[..., Result], sheets: Callable[..., Path], settings: Settings
) -> None:
    told = flask_study("add", sheets(V2, (SURVEY, "select_one fair5,", "select_one nowhere,")), "--yes")
    assert (told.exit_code, "young_person/survey.csv" in told.output) == (1, True)
    assert 'version = "1.0-draft"' in (settings.study_folder / "study.toml").read_text("utf-8")


def test_one_form_alone_takes_no_place_in_a_study_that_was_not_made_around_one(
    settings: Settings, flask_study: Callable[..., Result], tmp_path: Path
) -> None:
    form = tmp_path / "form.md"
    form.write_text(
        "| survey |\n| | type | name | label::English (en) |\n| | integer | rooms | How many rooms? |\n"
        "| settings |\n| | form_id | version |\n| | working_together | 7 |\n",
        "utf-8",
    )
    for words in (("compare", form), ("add", form, "--yes", "--breaks-comparability")):
        told = flask_study(*words)
        assert (told.exit_code, "not made around one form" in told.output) == (1, True)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def serving(settings: Settings, clock: Clock) -> FlaskClient:
    """A process of the field app."""
    return create_app(settings, clock).test_client()


def test_every_process_takes_up_a_new_version_at_its_next_look(
    settings: Settings, adopted: Callable[..., str], sheets: Callable[..., Path], study: Study
) -> None:
    clock = Clock()
    processes = [serving(settings, clock) for _ in range(3)]
    stores = [process.application.extensions["amanah"].stores for process in processes]
    digest = adopted(sheets(V2, HARMLESS))
    clock.now += EVERY - 1
    assert all("Before you start" in process.get("/visit/young_person").text for process in processes)
    clock.now += 1
    # The staff's pages look too.
    processes[2].get("/office")
    assert processes[2].application.extensions["amanah"].instrument.digest == digest
    for process in processes:
        page = process.get("/visit/young_person").text
        assert ("Before you begin" in page, digest in page, study.instrument.digest in page) == (True, True, False)
    assert [process.application.extensions["amanah"].stores for process in processes] == stores


def test_new_keys_are_taken_up(settings: Settings, study: Study, keys: Keys) -> None:
    clock = Clock()
    process = serving(settings, clock)
    random_bytes = counted_bytes("the keys after a rotation")
    new = [new_private_key(half, STUDY, random_bytes).public() for half in ("research", "identity")]
    ring = Keyring(STUDY, (*(replace(key, status="retired") for key in keys.keyring.keys), *new))
    add_keys(study.stores.office, STUDY, ring.to_json(), TODAY)
    clock.now += EVERY
    assert process.get("/keyring.json").data == ring.to_json()


def test_what_acts_at_once_does(settings: Settings, study: Study) -> None:
    clock = Clock()
    process = serving(settings, clock)
    assert process.post("/visit/young_person", data=amina(study.instrument)).status_code == 200
    copy_study(settings.study_folder, settings.study_folder, plain_path=False)
    clock.now += EVERY
    assert process.post("/visit/young_person", data=amina(study.instrument)).status_code == 503


def test_a_request_that_began_before_a_new_version_does_not_bring_the_old_one_back(
    settings: Settings, adopted: Callable[..., str], sheets: Callable[..., Path]
) -> None:
    clock = Slow()
    process = serving(settings, clock)
    digest = adopted(sheets(V2, HARMLESS))
    clock.meanwhile = lambda: process.application.test_client().get("/visit/young_person")
    process.get("/visit/young_person")
    assert process.application.extensions["amanah"].instrument.digest == digest


class Slow(Clock):
    """A clock during whose reading another request comes and goes, a look later."""

    meanwhile: Callable[[], object] | None = None

    def __call__(self) -> float:
        now, came = self.now, self.meanwhile
        if came:
            self.meanwhile = None
            self.now += EVERY
            came()
        return now


def test_settings_that_cannot_be_read_change_nothing_that_is_served(settings: Settings) -> None:
    clock = Clock()
    process = serving(settings, clock)
    told = settings.study_folder / "study.toml"
    good = told.read_text("utf-8")
    told.write_text("half a fi", "utf-8")
    clock.now += EVERY
    assert process.get("/visit/young_person").status_code == 200
    told.write_text(good.replace('neutral_title.en = "Working Together"', 'neutral_title.en = "Together"'), "utf-8")
    clock.now += EVERY
    process.get("/visit/young_person")
    assert process.application.extensions["amanah"].settings.neutral_title.in_language("en") == "Together"


def test_a_page_of_the_old_version_that_is_posted_to_the_new_one_is_kept_or_shown_again(
    settings: Settings, adopted: Callable[..., str], sheets: Callable[..., Path], study: Study
) -> None:
    clock = Clock()
    process = serving(settings, clock)
    typed = amina(study.instrument, yp_fair_1="4", yp_contact=["1", "3"], yp_contact_fair="5", yp_text_1="Listen.")
    adopted(sheets(V2, BREAKING))
    clock.now += EVERY
    # What was chosen is no longer offered: the page comes back with all that was typed.
    answer = process.post("/visit/young_person", data=typed)
    assert answer.status_code == 422
    assert "Listen." in answer.text
    assert re.search(r'value="4"[^>]*checked|checked[^>]*value="4"', answer.text)
    answer = process.post("/visit/young_person", data=typed | {"yp_contact_fair": ["6"]})
    assert answer.status_code == 200


def test_a_page_posted_for_a_group_that_is_gone_and_counts_of_it_stop_nothing(
    signed_in: FlaskClient, study: Study
) -> None:
    assert signed_in.post("/visit/young_person", data=amina(study.instrument)).status_code == 200
    kept = signed_in.application.extensions
    gone = replace(kept["amanah"].instrument, groups=kept["amanah"].instrument.groups[1:], parts=())
    kept["amanah"] = replace(kept["amanah"], instrument=gone)
    assert signed_in.post("/visit/young_person", data=amina(study.instrument)).status_code == 404
    for _ in range(4):
        count_visit(study.stores.office, "finished", "young_person", "1", "2026-11")
    maintain(study, date(2026, 12, 1))
    page = signed_in.get("/office")
    assert (page.status_code, "<bdi>young_person</bdi>: 5 or more" in page.text) == (200, True)
