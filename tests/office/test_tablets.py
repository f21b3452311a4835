"""The coordinator enrols tablets by a code that works once and soon, and takes their right away again."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from config import Settings
from errors import NotAdmitted
from fieldwork.admissions import ENROLMENT, enrol_tablet, hash_of
from fieldwork.enrolling import begin_enrolment, known_tablets, revoke
from fieldwork.study import Study
from storage.admissions import all_tablets
from storage.journal import read_journal
from tests.staff import bearer, csrf_in, links_in, press, sign_in_as
from views.qr import qr_svg

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLET = {"name": "Tablet 3", "site": "1"}
LINK = re.compile(r"http://localhost/tablet#enrol=([\w-]{24})\.([\w-]{22})")


def code_from(coordinator: FlaskClient, **typed: str) -> str:
    """Make a code on the page and read it from the link that the page shows."""
    (link,) = links_in(press(coordinator, "/office/tablets", TABLET | typed).text)
    found = LINK.fullmatch(link)
    assert found, link
    return found.group(1)


def enrolled(coordinator: FlaskClient, **typed: str) -> str:
    """The token of a tablet that went through the page and the tablet's own request."""
    answer = coordinator.post("/tablet/enrolment", headers=bearer(code_from(coordinator, **typed)))
    assert answer.status_code == 200
    return answer.json["token"]


def acts(study: Study) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.act, entry.detail) for entry in read_journal(study.stores.office)]


def test_the_page_shows_a_code_that_a_tablet_can_scan_and_a_person_can_copy(
    coordinator: FlaskClient, study: Study
) -> None:
    answer = press(coordinator, "/office/tablets", TABLET)
    (link,) = links_in(answer.text)
    found = LINK.fullmatch(link)
    assert found
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert qr_svg(link) in answer.text
    assert study.keyring is not None
    digest = hashlib.sha256(study.keyring.to_json()).digest()
    assert base64.urlsafe_b64decode(found.group(2) + "==") == digest[:16]
    assert " ".join(study.keyring.words) in answer.text
    assert study.keyring.fingerprint in answer.text
    assert "works once, and for 15 minutes" in answer.text


def test_a_code_lets_one_tablet_in_and_only_once(coordinator: FlaskClient, study: Study) -> None:
    code = code_from(coordinator)
    first, second = (coordinator.post("/tablet/enrolment", headers=bearer(code)) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 401)
    assert (first.json["name"], first.json["site"]) == ("Tablet 3", "1")
    answer = coordinator.get("/admission", headers=bearer(first.json["token"]))
    assert answer.json == {"kind": "tablet", "group": "", "site": "1"}


def test_a_code_works_for_a_quarter_of_an_hour_and_not_longer(study: Study) -> None:
    code = begin_enrolment(study, "Idris", "Tablet 3", "1", NOW)
    with pytest.raises(NotAdmitted):
        enrol_tablet(study, code, NOW + ENROLMENT)
    assert timedelta(minutes=15) == ENROLMENT
    assert enrol_tablet(study, code, NOW + ENROLMENT - timedelta(seconds=1))[1].name == "Tablet 3"


def test_the_list_tells_who_waits_who_collects_and_who_no_longer_does(coordinator: FlaskClient, study: Study) -> None:
    code_from(coordinator, name="Waits", site="")
    for name in ("Collects", "Stopped"):
        enrolled(coordinator, name=name)
    press(coordinator, "/office/tablets", {"name": "Stopped"}, "/office/tablets/revoke")
    rows = re.findall(r"<bdi>(\w+)</bdi></th><td>(\w+)</td><td>([^\n<]+)", coordinator.get("/office/tablets").text)
    assert rows == [
        ("Collects", "London", "Enrolled"),
        ("Stopped", "London", "Revoked"),
        ("Waits", "Any", "Waiting for its code"),
    ]


def test_a_code_that_nobody_used_in_time_is_no_longer_waited_for(study: Study) -> None:
    begin_enrolment(study, "Idris", "Tablet 3", "", NOW)
    assert [tablet.state for tablet in known_tablets(study, NOW)] == ["waiting"]
    assert known_tablets(study, NOW + ENROLMENT) == ()


def test_a_revoked_tablet_is_refused_wherever_it_asks(coordinator: FlaskClient, study: Study) -> None:
    token = enrolled(coordinator)
    assert coordinator.get("/admission", headers=bearer(token)).status_code == 200
    assert coordinator.post("/deliveries", headers=bearer(token), data=b"{}").status_code == 422
    press(coordinator, "/office/tablets", {"name": "Tablet 3"}, "/office/tablets/revoke")
    assert coordinator.get("/admission", headers=bearer(token)).status_code == 401
    assert coordinator.post("/deliveries", headers=bearer(token), data=b"{}").status_code == 401


def test_revoking_says_what_it_does_before_its_button(coordinator: FlaskClient) -> None:
    enrolled(coordinator)
    page = coordinator.get("/office/tablets").text
    assert page.index("can no longer deliver") < page.index("Revoke this tablet")


def test_a_revoked_tablet_can_be_enrolled_again_under_its_label(coordinator: FlaskClient, study: Study) -> None:
    old = enrolled(coordinator)
    press(coordinator, "/office/tablets", {"name": "Tablet 3"}, "/office/tablets/revoke")
    new = enrolled(coordinator, site="2")
    assert coordinator.get("/admission", headers=bearer(new)).json["site"] == "2"
    assert coordinator.get("/admission", headers=bearer(old)).status_code == 401
    assert len(all_tablets(study.stores.office)) == 1


def test_a_name_stands_for_one_tablet(coordinator: FlaskClient, study: Study) -> None:
    token = enrolled(coordinator)
    answer = press(coordinator, "/office/tablets", TABLET | {"site": "2"})
    assert answer.status_code == 422
    assert "has this name already" in answer.text
    assert 'value="Tablet 3"' in answer.text
    assert re.search(r'<option selected value="2">', answer.text)
    assert links_in(answer.text) == []
    assert coordinator.get("/admission", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\0b"])
def test_a_name_that_is_no_label_is_refused_and_stays_in_its_box(
    coordinator: FlaskClient, study: Study, name: str
) -> None:
    before = acts(study)
    answer = press(coordinator, "/office/tablets", {"name": name, "site": "2"})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert f'value="{name.strip()}"' in unescape(answer.text)
    assert acts(study) == before


def test_each_act_stands_in_the_journal(coordinator: FlaskClient, study: Study) -> None:
    enrolled(coordinator)
    press(coordinator, "/office/tablets", {"name": "Tablet 3"}, "/office/tablets/revoke")
    assert acts(study)[-2:] == [
        ("Idris", "tablet_enrolment_opened", "Tablet 3"),
        ("Idris", "tablet_revoked", "Tablet 3"),
    ]


def test_what_cannot_be_written_down_does_not_happen(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = enrol_tablet(study, begin_enrolment(study, "Idris", "Tablet 3", "", NOW), NOW)

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("fieldwork.enrolling.write_entry", fail)
    with pytest.raises(OSError, match="full"):
        revoke(study, "Idris", "Tablet 3", NOW.date())
    with pytest.raises(OSError, match="full"):
        begin_enrolment(study, "Idris", "Tablet 4", "", NOW)
    assert [(tablet.name, tablet.state) for tablet in known_tablets(study, NOW)] == [("Tablet 3", "enrolled")]


def test_revoking_a_tablet_that_is_not_there_leaves_no_entry(coordinator: FlaskClient, study: Study) -> None:
    before = acts(study)
    press(coordinator, "/office/tablets", {"name": "Nobody's"}, "/office/tablets/revoke")
    assert acts(study) == before


def test_neither_code_nor_token_is_kept(coordinator: FlaskClient, study: Study, settings: Settings) -> None:
    code = code_from(coordinator, name="Tablet 4")
    token = enrolled(coordinator)
    kept = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    assert hash_of(token) in kept
    assert hash_of(code) in kept
    assert token.encode() not in kept
    assert code.encode() not in kept
    assert code not in coordinator.get("/office/tablets").text


def test_without_the_pages_own_token_nothing_is_done(coordinator: FlaskClient, study: Study) -> None:
    token = enrolled(coordinator)
    before = acts(study)
    answer = coordinator.post("/office/tablets", data={"name": "Tablet 4", "site": ""})
    coordinator.post("/office/tablets/revoke", data={"name": "Tablet 3"})
    assert answer.status_code == 422
    assert "press the button once more" in answer.text
    assert 'value="Tablet 4"' in answer.text
    assert acts(study) == before
    assert coordinator.get("/admission", headers=bearer(token)).status_code == 200


def test_administrators_enrol_too_and_strangers_are_asked_to_sign_in(field: FlaskClient, study: Study) -> None:
    for answer in (
        field.get("/office/tablets"),
        field.post("/office/tablets", data=TABLET),
        field.post("/office/tablets/revoke", data={"name": "Tablet 3"}),
    ):
        assert (answer.status_code, answer.location) == (303, "/office/sign-in")
    assert known_tablets(study, datetime.now(UTC)) == ()
    sign_in_as(field, study, "administrator", "Mara")
    assert code_from(field)
    assert csrf_in(field.get("/office/tablets").text)
    assert 'href="/office/tablets"' in field.get("/office").text
