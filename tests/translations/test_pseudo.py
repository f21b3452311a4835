"""Every page in a language that nobody speaks: no English is left over, and no sentence is put together from parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, create_desk
from commands import addresses_of
from fieldwork.instance import open_study
from fieldwork.staff.members import hire
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, open_session
from tests.translations.leftovers import joined, leftovers
from translations.pseudo import CLOSE, KINDS, OPEN, said_in, speak_pseudo
from views.desk.state import Desk
from views.languages import own_name

VISIT = ("/", "/visit/young_person", "/support", "/withdraw", "/tablet", "/away")
OFFICE = ("", "/study", "/keys", "/health", "/tablets", "/invitations", "/instruments", "/instruments/preview",
          "/instruments/classes?form=young_person", "/journal", "/approvals", "/orders", "/own", "/own/sessions",
          "/own/passkeys", "/own/password", "/own/app", "/staff", "/again")  # fmt: skip
DESK = ("/", "/source", "/unlock", "/keys", "/keys/new", "/keys/rotate", "/keys/recover", "/keys/custodians",
        "/keys/fingerprints", "/rehearsal", "/identities", "/review", "/themes")  # fmt: skip
# Names of people, places, keys and files that these pages show, and words of commands and standards.
NAMES = frozenset(["Mara", "Amanah", "Working", "Together", "instance", "UTC", *map(own_name, ("en", "so", "tr"))])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    settings = new_instance(tmp_path_factory.mktemp("pseudo") / "instance", keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    hire(study.stores.office, "Mara", "administrator", PASSWORD)
    app = create_app(settings)
    speak_pseudo(app, "en_XA")
    return app


def faults_of(page: str) -> list[str]:
    return [*leftovers(page, NAMES), *(f"put together: {one}" for one in joined(page))]


@pytest.mark.parametrize("address", VISIT)
def test_a_page_of_the_visit_is_whole_sentences_of_its_language(told: Flask, address: str) -> None:
    answer = told.test_client().get(address)
    assert answer.status_code == 200
    assert OPEN in answer.text
    assert faults_of(answer.text) == []


def test_the_pages_of_the_office_are_whole_sentences_of_their_language(told: Flask) -> None:
    client = told.test_client()
    study = told.extensions["amanah"]
    assert faults_of(client.get("/office/sign-in").text) == []
    open_session(client, study, "Mara")
    answers = {page: client.get(f"/office{page}") for page in OFFICE}
    assert {page for page, answer in answers.items() if answer.status_code != 200} == set()
    found = {page: faults_of(answer.text) for page, answer in answers.items()}
    told_of = [f"{page}: {fault}" for page, faults in found.items() for fault in faults]
    assert not told_of, "\n".join(told_of)


def test_the_pages_of_the_desk_are_whole_sentences_of_their_language(told: Flask) -> None:
    desk = create_desk(told.extensions["amanah_settings"])
    speak_pseudo(desk, "en_XA")
    state: Desk = desk.extensions["amanah_desk"]
    client = desk.test_client()
    client.get(f"/open/{state.token}")
    found = {page: faults_of(client.get(page, follow_redirects=True).text) for page in DESK}
    told_of = [f"{page}: {fault}" for page, faults in found.items() for fault in faults]
    assert not told_of, "\n".join(told_of)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_put_into_a_sentence_keeps_its_place(kind: str) -> None:
    said = said_in(kind, "Please give %(name)s <b>{count}</b> sheets: flask keys add keyring.json.")
    assert said.startswith(OPEN)
    assert said.endswith(CLOSE)
    assert all(part in said for part in ("%(name)s", "<b>", "{count}", "</b>", "flask keys add", "keyring.json"))
    assert "sheets" not in said


def test_english_that_went_past_translation_and_parts_put_together_are_found() -> None:
    good = said_in("en_XA", "One sentence.")
    assert faults_of(f"<p>{good} {good} 12 <code>flask</code> · <bdi>Mara</bdi></p>") == []
    assert faults_of(f"<p>{good}</p><p>Left over</p>") != []
    assert faults_of(f'<p title="Left over">{good}</p>') != []
    assert faults_of(f"<p>{good}, {good}</p>") != []
    assert faults_of(f"<p>{good}.</p>") != []


def test_no_page_is_in_it_unless_code_says_so() -> None:
    """Nothing that people can send, set or choose leads to it."""
    root = Path(__file__).parents[2]
    files = [*root.glob("*.py"), *(root / "views").rglob("*.py"), *(root / "fieldwork").rglob("*.py")]
    called = re.compile("translations.pseudo|import pseudo")
    assert [path.name for path in files if called.search(path.read_text("utf-8"))] == []
