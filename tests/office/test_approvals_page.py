"""Proposals as administrators meet them: on the page, at the start page, on a draft, and from a command."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app import create_app
from commands import opened_study
from config import Settings
from fieldwork.approvals import propose_destruction, propose_end
from fieldwork.destroying import Destruction
from fieldwork.drafts import draft_folder
from fieldwork.freshness import EVERY
from fieldwork.study import Study
from forms.office import LARGEST_KEYRING
from keys_commands import keys_add
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.approvals import HELD_FOR, settle, take_to_refuse
from storage.journal import Act, write_entry
from storage.office import current_digest, keyring_json
from study_commands import study as study_commands
from tests.conftest import STUDY, TODAY, Keys, counted_bytes, new_instance
from tests.staff import csrf_in, employ, open_session, press

PAGE = "/office/approvals"


@dataclass
class Office:
    """An instance with its field app and two administrators, whose clocks are ahead so that they see every change."""

    settings: Settings
    study: Study
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    now: float = 0.0

    def clock(self) -> float:
        self.now += 2 * EVERY
        return self.now

    def page(self, name: str, path: str = PAGE) -> str:
        return self.clients[name].get(path).text

    def press(self, name: str, to: str, **typed: str) -> TestResponse:
        return press(self.clients[name], PAGE, typed, f"{PAGE}/{to}")

    def hidden(self, name: str, at: int = -1) -> dict[str, str]:
        """The last proposal that this person's page has a button for."""
        found = [part.split('"')[0] for part in self.page(name).split('name="key" value="')[1:]]
        digests = [part.split('"')[0] for part in self.page(name).split('name="digest" value="')[1:]]
        return {"key": found[at], "digest": digests[at]}

    def hand_in(self, name: str, data: bytes) -> TestResponse:
        typed = {"csrf_token": csrf_in(self.page(name)), "file": FileStorage(BytesIO(data), "keyring.json")}
        boundary, body = encode_multipart(typed)
        kind = f"multipart/form-data; boundary={boundary}"
        return self.clients[name].post(f"{PAGE}/keys", data=body, content_type=kind)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Office:
    settings = new_instance(tmp_path_factory.mktemp("proposals") / "instance", keys)
    made = Office(settings, opened_study(settings))
    app = create_app(settings, made.clock)
    for name, role in (("Mara", "administrator"), ("Nadia", "administrator"), ("Idris", "coordinator")):
        if name == "Nadia":
            made.clients["Mara"].get("/office")
            assert "There is one administrator" in made.page("Mara")
        write_entry(made.study.stores.office, name, Act.STAFF_JOINED, TODAY, detail="invitation")
        employ(made.study.stores.office, name, role)
        made.clients[name] = app.test_client()
        open_session(made.clients[name], made.study, name, datetime.now(UTC))
    return made


def new_keyring(seed: str) -> Keyring:
    random_bytes = counted_bytes(seed)
    made = (new_private_key(purpose, STUDY, random_bytes).public() for purpose in ("research", "identity"))
    return Keyring(STUDY, tuple(made))


@pytest.fixture
def flask(office: Office, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201 (a command's result, by its words)
    monkeypatch.setenv("AMANAH_HOME", str(office.settings.home))

    def flask(command: object, *words: object) -> Result:
        return CliRunner().invoke(command, list(map(str, words)))  # type: ignore[arg-type]  # any command of click's

    return flask


def test_one_brings_new_keys_and_another_confirms_the_words(office: Office) -> None:
    ring = new_keyring("brought")
    assert "There is one administrator" not in office.page("Mara")
    assert office.hand_in("Mara", ring.to_json()).location == PAGE
    assert "must confirm it within seven days" in office.page("Mara")
    shown = office.page("Nadia")
    for told in (" ".join(ring.words), ring.fingerprint, ring.keys[0].short, "Proposed by Mara"):
        assert told in shown
    for loud in ("Answers will be sealed to another key.", "Consent and contact details will be sealed", "is not in"):
        assert loud in shown
    assert "1 proposal waits for you" in office.page("Nadia", "/office")
    assert "waits for you" not in office.page("Mara", "/office") + office.page("Idris", "/office")
    assert 'action="/office/approvals/confirm"' not in office.page("Mara") + office.page("Idris")
    found = office.hidden("Nadia")
    assert office.press("Mara", "confirm", **found).status_code == 403
    assert office.press("Idris", "confirm", **found).status_code == 403
    assert keyring_json(office.study.stores.office) != ring.to_json()
    assert office.press("Nadia", "confirm", **found).location == PAGE
    assert keyring_json(office.study.stores.office) == ring.to_json()
    assert " ".join(ring.words) in office.page("Idris", "/office")


def test_ones_own_proposal_can_be_taken_back_and_anothers_refused(office: Office) -> None:
    for who, where in (("Mara", "withdraw"), ("Nadia", "refuse")):
        office.hand_in("Mara", new_keyring(where).to_json())
        assert office.press(who, where, **office.hidden(who)).location == PAGE
        assert "Nothing waits" in office.page("Nadia")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{}", "not an Amanah keyring"),
        (b"", "not an Amanah keyring"),
        (b"\xff" * 100, "not an Amanah keyring"),
        (b"x" * (LARGEST_KEYRING + 1), "too large for a keyring"),
    ],
)
def test_what_is_no_keyring_is_answered_with_a_sentence(office: Office, data: bytes, sentence: str) -> None:
    answer = office.hand_in("Mara", data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "Nothing waits" in office.page("Nadia")


def test_what_was_overtaken_is_refused_on_the_page_with_a_sentence(office: Office) -> None:
    for seed in ("first", "second"):
        office.hand_in("Mara", new_keyring(seed).to_json())
    for wanted in (303, 409):
        answer = office.press("Nadia", "confirm", **office.hidden("Nadia"))
        assert answer.status_code == wanted
    assert "no longer as it was" in answer.text


def test_a_command_brings_keys_that_two_administrators_confirm(
    office: Office,
    flask,
    tmp_path: Path,  # noqa: ANN001 (the fixture above)
) -> None:
    ring = new_keyring("by a command")
    file = tmp_path / "keyring.json"
    file.write_bytes(ring.to_json())
    told = flask(keys_add, file)
    assert (told.exit_code, "Two administrators must confirm" in told.output) == (0, True), told.output
    assert " ".join(ring.words) in told.output
    for name in ("Mara", "Nadia"):
        assert keyring_json(office.study.stores.office) != ring.to_json()
        assert office.press(name, "confirm", **office.hidden(name)).location == PAGE
        if name == "Mara":
            assert "Mara has confirmed it." in office.page("Nadia")
    assert keyring_json(office.study.stores.office) == ring.to_json()


def test_a_retention_that_was_edited_by_hand_is_said_and_counts_for_nothing_yet(office: Office) -> None:
    told = office.settings.study_folder / "study.toml"
    kept = told.read_text("utf-8")
    told.write_text(kept.replace("research_records_years = ", "research_records_years = 9", 1), "utf-8")
    assert "says another retention" in office.page("Mara", "/office")
    assert "says another retention" not in office.page("Idris", "/office")
    shown = office.page("Mara")
    assert "Propose what the file says" in shown
    assert office.press("Mara", "retention").location == PAGE
    assert "Research records, in years" in office.page("Nadia")
    assert "says another retention" in office.page("Mara", "/office")
    assert office.press("Nadia", "confirm", **office.hidden("Nadia")).location == PAGE
    assert "says another retention" not in office.page("Mara", "/office")
    assert office.press("Mara", "retention").status_code == 409


def test_a_draft_and_a_command_that_shorten_the_cut_off_propose_it(
    office: Office,
    flask,
    tmp_path: Path,  # noqa: ANN001 (the fixture above)
) -> None:
    before = current_digest(office.study.stores.office, STUDY)
    draft = draft_folder(office.settings.study_folder)
    shutil.copytree(office.settings.study_folder, draft)
    told = draft / "study.toml"
    words = told.read_text("utf-8").replace("cut_off_days = 28", "cut_off_days = 10", 1)
    told.write_text(words.replace('version = "1.0-draft"', 'version = "2"', 1), "utf-8")
    shown = office.page("Mara", "/office/instruments/draft")
    assert "Propose this version" in shown
    read = shown.split('name="read"')[1].split('value="')[1].split('"')[0]
    typed = {"read": read, "agreed": "y", "breaking": "y", "csrf_token": csrf_in(shown)}
    answer = office.clients["Mara"].post("/office/instruments/draft/adopt", data=typed)
    assert answer.location == PAGE
    by_command = flask(study_commands, "add", draft, "--yes", "--breaks-comparability")
    assert by_command.exit_code == 0, by_command.output
    assert "cut_off_days 28 → 10" in by_command.output
    assert "Proposed, not added: two administrators" in by_command.output
    assert current_digest(office.study.stores.office, STUDY) == before
    shown = office.page("Nadia")
    assert shown.count("Cut-off of withdrawal, in days") == 2
    assert office.press("Nadia", "refuse", **office.hidden("Nadia", 0)).location == PAGE
    assert office.press("Nadia", "refuse", **office.hidden("Nadia", 0)).location == PAGE


def test_what_is_being_decided_has_no_button_and_what_was_interrupted_says_so(office: Office) -> None:
    assert office.hand_in("Mara", new_keyring("interrupted").to_json()).location == PAGE
    found, now = office.hidden("Nadia"), datetime.now(UTC)
    earliest = date.today() - timedelta(days=7)
    # As a process that was killed leaves it: just now, then long ago.
    assert take_to_refuse(office.study.stores.office, found["key"], "Nadia", earliest, now)
    shown = office.page("Nadia")
    assert "Somebody is deciding this at the moment" in shown
    assert found["key"] not in shown
    told = office.press("Nadia", "confirm", **found)
    assert told.status_code == 403
    settle(office.study.stores.office, found["key"], "waiting")
    assert take_to_refuse(office.study.stores.office, found["key"], "Nadia", earliest, now - 2 * HELD_FOR)
    again = office.page("Nadia")
    assert "it was interrupted" in again
    assert found["key"] in again
    assert office.press("Nadia", "refuse", **found).status_code == 303


def test_the_end_of_the_study_and_its_destruction_are_shown_in_words(office: Office) -> None:
    today = date.today()
    assert "still shows" in office.page("Idris", "/office")
    propose_end(office.study, "Mara", today)
    assert "From then on no visit of working_together can be begun." in office.page("Nadia")
    assert office.press("Nadia", "confirm", **office.hidden("Nadia")).location == PAGE
    for address in ("/office", "/office/study"):
        shown = office.page("Idris", address)
        assert "The study ended on" in shown
        assert "still shows" not in shown, "nobody is asked any more, so there is nothing to fill in"
    assert office.clients["Mara"].get("/visit/young_person").status_code == 410
    propose_destruction(office.study, "Mara", Destruction(today.isoformat(), None, False), today)
    shown = office.page("Nadia")
    for words in ("Every record, contact detail and link", "Nothing is archived.", "Consent records stay until"):
        assert words in shown
    assert office.press("Nadia", "refuse", **office.hidden("Nadia")).location == PAGE
