"""A draft is classified, compared, given a version and adopted by an administrator, and by nobody in passing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app import create_app
from commands import addresses_of
from config import Settings, read_settings
from errors import InstrumentError
from fieldwork.drafts import decide, draft_folder, mark_of_draft
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder, open_study
from fieldwork.journal import pen_of
from fieldwork.study import Study
from instruments.catalogue import load_study
from instruments.privacy_classes.classes import Decision
from storage.journal import read_journal
from storage.office import current_digest
from tests.conftest import STUDY, TODAY, Keys
from tests.staff import csrf_in, sign_in_as

PAGE = "/office/instruments"
FORM = """
| survey |
| | type | name | label | hint |
| | text | nickname | What is your first name? | |
| | select_one often | often | How often do you come here? | |
| | text | wish | What should change? | |
| choices |
| | list_name | name | label |
| | often | 1 | Often |
| | often | 2 | Seldom |
| settings |
| | form_title | form_id | version |
| | Visitors | working_together | 1 |
"""


@pytest.fixture
def settings(tmp_path: Path, keys: Keys) -> Settings:
    """An instance whose study was made around a form that says nothing of privacy."""
    form = tmp_path / "visitors.md"
    form.write_text(FORM, "utf-8")
    home = tmp_path / "instance"
    make_folder(home, STUDY, demo=True)
    settings = read_settings(home, {})
    copy_study(form, settings.study_folder, plain_path=True)
    office = found_instance(addresses_of(settings), settings.tombstone_files, TODAY).office
    add_study(office, settings.study_folder, TODAY)
    add_keys(office, STUDY, keys.keyring.to_json(), TODAY)
    return settings


@pytest.fixture
def mara(settings: Settings, study: Study) -> Iterator[FlaskClient]:
    with create_app(settings).test_client() as client:
        yield sign_in_as(client, study, "administrator", "Mara")


def hand_in(client: FlaskClient, form: str, place: str = "questionnaire") -> TestResponse:
    return upload(client, form.encode(), "visitors.md", place)


def upload(client: FlaskClient, data: bytes, name: str, place: str) -> TestResponse:
    typed = {"place": place, "file": FileStorage(BytesIO(data), name)}
    boundary, body = encode_multipart(typed | {"csrf_token": csrf_in(client.get(PAGE).text)})
    return client.post(f"{PAGE}/check", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def post(client: FlaskClient, page: str, shown_on: str = "draft", **typed: str) -> TestResponse:
    return client.post(f"{PAGE}/{page}", data=hidden_in(client.get(f"{PAGE}/{shown_on}").text) | typed)


def hidden_in(page: str) -> dict[str, str]:
    """What the page's forms send by themselves."""
    read = re.search(r'name="read" type="hidden" value="([0-9a-f]+)"', page)
    return {"csrf_token": csrf_in(page)} | ({"read": read[1]} if read else {})


def with_cell(workbook: bytes, sheet: str, heading: str, cell: str) -> bytes:
    """The workbook with another cell in the first row below this heading."""
    book, changed = load_workbook(BytesIO(workbook)), BytesIO()
    place = [one.value for one in book[sheet][1]].index(heading) + 1
    book[sheet].cell(2, place).value = cell
    book.save(changed)
    return changed.getvalue()


def decided(**changed: str) -> dict[str, str]:
    """The page of classes as it is sent: everything as proposed, save what is changed."""
    told = {}
    for at, (name, privacy, stored) in enumerate(
        [("nickname", "direct", "nowhere"), ("often", "ordinary", "research"), ("wish", "open", "research")]
    ):
        told |= {f"questions-{at}-{key}": value for key, value in zip(
            ("name", "privacy", "stored", "reason"), (name, privacy, stored, "We said so."), strict=True)}  # fmt: skip
    return told | {f"questions-{name.replace('_', '-')}": value for name, value in changed.items()}


CLASSES = "classes?form=questionnaire"


def test_a_class_is_proposed_with_its_reason_and_counts_only_once_it_is_kept(
    mara: FlaskClient, settings: Settings
) -> None:
    assert "0 of 3 are decided" in mara.get(PAGE).text
    page = mara.get(f"{PAGE}/{CLASSES}").text
    assert "Asks for a name." in page
    assert page.count("proposed, not decided") == 3
    assert not draft_folder(settings.study_folder).exists()
    assert post(mara, CLASSES, CLASSES, **decided()).location == f"{PAGE}/draft"
    items = load_study(draft_folder(settings.study_folder)).instrument.items
    assert {name: (items[name].privacy, items[name].kept) for name in ("nickname", "often", "wish")} == {
        "nickname": ("direct", "nowhere"), "often": ("ordinary", "research"), "wish": ("open", "research"),
    }  # fmt: skip
    assert "3 of 3 decided" in mara.get(f"{PAGE}/draft").text


def test_a_name_is_never_kept_with_the_answers_and_nothing_typed_is_lost(mara: FlaskClient, settings: Settings) -> None:
    answer = post(mara, CLASSES, CLASSES, **decided(**{"0_stored": "research", "1_reason": "Our board said so."}))
    assert answer.status_code == 422
    assert "never kept with the answers" in answer.text
    assert "Our board said so." in answer.text
    assert not draft_folder(settings.study_folder).exists()


def test_a_page_that_names_other_questions_keeps_nothing(mara: FlaskClient, settings: Settings) -> None:
    assert post(mara, CLASSES, CLASSES, **decided(**{"0_name": "somebody_else"})).status_code == 422
    assert not draft_folder(settings.study_folder).exists()
    assert mara.get(f"{PAGE}/classes?form=nothing").status_code == 404


def test_a_form_that_says_itself_how_private_it_is_has_nothing_to_decide(mara: FlaskClient) -> None:
    page = mara.get(f"{PAGE}/classes?form=consent")
    assert (page.status_code, "consent says itself" in page.text) == (200, True)
    assert "Keep these decisions" not in page.text


def test_what_is_decided_already_can_be_looked_at_in_the_version_in_use(mara: FlaskClient, settings: Settings) -> None:
    post(mara, CLASSES, CLASSES, **decided())
    post(mara, "draft/name", version="2")
    post(mara, "draft/adopt", agreed="y", breaking="y")
    assert not draft_folder(settings.study_folder).exists()
    assert f'/{CLASSES}"' in mara.get(PAGE).text
    page = mara.get(f"{PAGE}/{CLASSES}").text
    assert "Every question of questionnaire is decided." in page
    assert "proposed" not in page
    assert page.count("Keep these decisions") == 2


def test_what_was_decided_stays_when_a_new_form_comes(mara: FlaskClient, settings: Settings) -> None:
    post(mara, CLASSES, CLASSES, **decided())
    hand_in(mara, FORM.replace("| | text | wish | What should change? | |\n", "| | text | hope | Your hope? | |\n"))
    items = load_study(draft_folder(settings.study_folder)).instrument.items
    assert (items["often"].privacy, items["hope"].privacy) == ("ordinary", "open")
    assert "2 of 3 decided" in mara.get(f"{PAGE}/draft").text


def test_what_was_decided_does_not_stay_where_another_question_has_the_name(
    mara: FlaskClient, settings: Settings
) -> None:
    post(mara, CLASSES, CLASSES, **decided())
    asked = "| | select_one often | often | How often do you come here?"
    hand_in(mara, FORM.replace(asked, "| | text | often | Your phone number?"))
    item = load_study(draft_folder(settings.study_folder)).instrument.items["often"]
    assert item.privacy == "open"
    assert "2 of 3 decided" in mara.get(f"{PAGE}/draft").text


def test_no_page_of_a_draft_acts_without_its_token(mara: FlaskClient, settings: Settings, study: Study) -> None:
    hand_in(mara, FORM.replace("Seldom", "Rarely"))
    post(mara, "draft/name", version="2")
    read = hidden_in(mara.get(f"{PAGE}/draft").text) | {"csrf_token": ""}
    before, current = mark_of_draft(settings.study_folder), study.instrument.digest
    typed = {"version": "3", "agreed": "y", "breaking": "y"} | decided()
    for page in ("draft/name", "draft/adopt", "draft/drop", CLASSES):
        mara.post(f"{PAGE}/{page}", data=read | typed)
    mara.post(f"{PAGE}/check", data={"place": "questionnaire", "file": (BytesIO(FORM.encode()), "visitors.md")})
    assert (mark_of_draft(settings.study_folder), current_digest(study.stores.office, STUDY)) == (before, current)


def test_a_version_in_use_is_frozen_and_a_draft_needs_a_version_of_its_own(mara: FlaskClient, study: Study) -> None:
    hand_in(mara, FORM.replace("Seldom", "Rarely"))
    assert "in use and frozen" in mara.get(f"{PAGE}/draft").text
    refused = post(mara, "draft/adopt", agreed="y", breaking="y")
    assert refused.status_code == 422
    assert "frozen. Give the draft another one in the field Version" in refused.text
    assert "study.toml" not in refused.text
    last = read_journal(study.stores.office)[-1]
    assert (last.actor, last.act) == ("Mara", "adoption_refused")
    assert post(mara, "draft/name", version="<b>").status_code == 422
    assert post(mara, "draft/name", version="1.1").status_code == 303
    assert post(mara, "draft/adopt", agreed="y", breaking="y").location == PAGE
    assert study.version(study.instrument.digest) is not None


def test_a_form_that_says_another_version_gives_the_draft_that_version(mara: FlaskClient, settings: Settings) -> None:
    def version() -> str:
        return load_study(draft_folder(settings.study_folder)).instrument.version

    changed = FORM.replace("Seldom", "Rarely")
    hand_in(mara, changed.replace("| working_together | 1 |", "| working_together | 1.2 |"))
    assert version() == "1.2"
    # One that still says the version in use leaves the name that somebody gave the draft.
    post(mara, "draft/name", version="3")
    hand_in(mara, changed)
    assert version() == "3"


def test_a_workbook_of_a_frozen_version_says_where_its_version_is_written(mara: FlaskClient) -> None:
    upload(mara, with_cell(mara.get(f"{PAGE}/workbook").data, "choices", "label::English (en)", "Now"), "s.xlsx", "*")
    assert "frozen. Write another one into the sheet settings" in mara.get(f"{PAGE}/draft").text
    assert "into the sheet settings" in post(mara, "draft/adopt", agreed="y", breaking="y").text


def test_what_breaks_comparability_is_said_and_agreed_to_on_its_own(mara: FlaskClient, study: Study) -> None:
    hand_in(mara, FORM.replace("| | often | 2 | Seldom |", "| | often | 2 | Every day, twice |"))
    post(mara, "draft/name", version="2")
    page = mara.get(f"{PAGE}/draft").text
    assert "Not comparable:" in page
    assert "Every day, twice" in page
    for agreed in ({}, {"agreed": "y"}, {"breaking": "y"}):
        assert post(mara, "draft/adopt", **agreed).status_code == 422
    before = study.instrument.digest
    assert post(mara, "draft/adopt", agreed="y", breaking="y").status_code == 303
    entry = read_journal(study.stores.office)[-1]
    assert (entry.act, entry.actor) == ("study_added", "Mara")
    assert entry.detail != before


def test_a_choice_that_comes_or_goes_says_which(mara: FlaskClient) -> None:
    hand_in(mara, FORM.replace("| often | 2 | Seldom |", "| often | 3 | Never |"))
    page = re.sub(r"<[^>]+>", "", mara.get(f"{PAGE}/draft").text)
    assert "taken out: Seldom" in page
    assert "added: Never" in page
    assert page.count("taken out:") == page.count("added:") == 1


def test_an_adopted_version_is_asked_at_once_and_the_old_one_can_still_be_downloaded(
    mara: FlaskClient, settings: Settings, study: Study, tmp_path: Path
) -> None:
    hand_in(mara, FORM.replace("How often do you come here?", "How often are you here?"))
    post(mara, "draft/name", version="2")
    assert post(mara, "draft/adopt", agreed="y", breaking="y").status_code == 303
    assert "Version 2 is asked from now on." in mara.get(PAGE).text
    assert "is asked from now on." not in mara.get(PAGE).text
    assert not draft_folder(settings.study_folder).exists()
    now = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    assert now.instrument.version == "2"
    for digest in (study.instrument.digest, now.instrument.digest):
        file = tmp_path / f"{digest[:8]}.xlsx"
        file.write_bytes(mara.get(f"{PAGE}/workbook?version={digest}").data)
        assert load_study(file).instrument.digest == digest
    assert mara.get(f"{PAGE}/workbook?version={'0' * 64}").status_code == 404


def test_a_whole_study_comes_back_as_a_workbook_and_one_form_does_not_pass_for_it(mara: FlaskClient) -> None:
    sent = upload(mara, mara.get(f"{PAGE}/workbook").data, "study.xlsx", "*")
    assert sent.location == f"{PAGE}/draft"
    assert "there is nothing to adopt" in mara.get(f"{PAGE}/draft").text
    refused = hand_in(mara, FORM, "*")
    assert refused.status_code == 422
    assert "no whole study" in refused.text


def test_what_is_adopted_is_what_was_read(mara: FlaskClient, settings: Settings, study: Study) -> None:
    before = study.instrument.digest
    hand_in(mara, FORM.replace("Seldom", "Rarely"))
    post(mara, "draft/name", version="2")
    read = hidden_in(mara.get(f"{PAGE}/draft").text)
    # Somebody else works on the same draft.
    hand_in(mara, FORM.replace("Seldom", "Never"))
    for told in (read, {"csrf_token": read["csrf_token"]}):
        refused = mara.post(f"{PAGE}/draft/adopt", data=told | {"agreed": "y", "breaking": "y"})
        assert (refused.status_code, "changed meanwhile" in refused.text) == (422, True)
    assert current_digest(study.stores.office, STUDY) == before
    assert draft_folder(settings.study_folder).exists()
    # Both refusals are one act of this person on this day.
    assert [entry.act for entry in read_journal(study.stores.office)].count("adoption_refused") == 1


def test_of_two_who_change_the_draft_at_once_the_first_stands(
    mara: FlaskClient, settings: Settings, study: Study
) -> None:
    hand_in(mara, FORM)

    def slowly() -> Iterator[Decision]:
        yield Decision("often", "ordinary", "research")
        hand_in(mara, FORM.replace("Seldom", "Rarely"))

    with pytest.raises(InstrumentError, match="meanwhile"):
        decide(settings.study_folder, "questionnaire", slowly(), pen_of(study, "Idris", TODAY))
    draft = load_study(draft_folder(settings.study_folder)).instrument.items["often"]
    assert (draft.choices[1].label.in_language("en"), draft.privacy) == ("Rarely", "quasi")
    assert sorted(path.name for path in settings.study_folder.parent.iterdir()) == [STUDY, f"{STUDY}.draft"]


def test_a_form_cannot_take_a_place_in_a_draft_that_is_one_workbook(mara: FlaskClient) -> None:
    upload(mara, mara.get(f"{PAGE}/workbook").data, "study.xlsx", "*")
    refused = hand_in(mara, FORM)
    assert (refused.status_code, "forget the draft first" in refused.text) == (422, True)
    assert "Forget the draft that waits" in refused.text


def test_another_study_becomes_no_draft(mara: FlaskClient, settings: Settings) -> None:
    other = with_cell(mara.get(f"{PAGE}/workbook").data, "settings", "form_id", "another_study")
    refused = upload(mara, other, "study.xlsx", "*")
    assert (refused.status_code, "another_study" in refused.text) == (422, True)
    assert not draft_folder(settings.study_folder).exists()


def test_what_acts_at_once_is_said_before_it_is_adopted(mara: FlaskClient) -> None:
    hand_in(mara, FORM)
    assert "What acts at once differs" not in mara.get(f"{PAGE}/draft").text
    post(mara, "draft/drop")
    book, changed = load_workbook(BytesIO(mara.get(f"{PAGE}/workbook").data)), BytesIO()
    place = next(row for row in book["amanah"].iter_rows() if row[1].value == "neutral_title")
    place[2].value = "Something else"
    book.save(changed)
    upload(mara, changed.getvalue(), "study.xlsx", "*")
    assert "What acts at once differs" in mara.get(f"{PAGE}/draft").text


def test_a_coordinator_decides_nothing(settings: Settings, study: Study) -> None:
    with create_app(settings).test_client() as client:
        idris = sign_in_as(client, study, "coordinator", "Idris")
        assert idris.get(f"{PAGE}/{CLASSES}").status_code == 403
        for page in (CLASSES, "draft/name", "draft/adopt"):
            assert idris.post(f"{PAGE}/{page}").status_code == 403
