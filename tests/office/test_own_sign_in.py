"""Sessions end in time and on demand; what is dangerous asks for a code again, and loses nothing that was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from fieldwork.roles import FRESH, May
from fieldwork.staff.sessions import (
    FRESH_FOR,
    LONGEST_IDLE,
    LONGEST_SIGN_IN,
    MOST_SESSIONS,
    WRITTEN_EVERY,
    begin_session,
    hash_of,
    is_fresh,
    prove,
    sessions_of,
    signed_in,
)
from fieldwork.staff.throttling import FREE
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from storage.members import change_member
from storage.office import Office
from storage.sign_ins import mark_proved
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, SECRET, csrf_in, employ, open_session, press

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWN, AGAIN, SESSIONS, NEW_PASSWORD = "/office/own", "/office/again", "/office/own/sessions", "/office/own/password"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """One field app for all tests here; each has staff of its own."""
    return create_app(new_instance(tmp_path_factory.mktemp("instances") / "instance", keys))


@pytest.fixture
def study(app: Flask) -> Study:
    study: Study = app.extensions["amanah"]
    return study


@pytest.fixture
def office(study: Study) -> Office:
    return study.stores.office


names = iter(f"Member {number}" for number in range(1000))


@pytest.fixture
def name(app: Flask, office: Office) -> str:
    name = next(names)
    employ(office, name, keys=app.extensions["amanah_office_keys"])
    return name


@pytest.fixture
def client(app: Flask, study: Study, name: str) -> Iterator[FlaskClient]:
    """Somebody who is signed in, and showed a factor just now."""
    with app.test_client() as client:
        open_session(client, study, name)
        yield client


def grow_stale(client: FlaskClient, office: Office) -> None:
    """The factor was shown a while ago, and the session is in use."""
    with client.session_transaction() as kept:
        mark_proved(office, hash_of(kept["token"]), datetime.now(UTC) - FRESH_FOR - MINUTE)


def code() -> str:
    return code_at(SECRET, datetime.now(UTC))


def test_a_session_ends_when_it_rests_for_half_an_hour(office: Office, name: str) -> None:
    token = begin_session(office, name, NOW)
    assert signed_in(office, token, NOW + LONGEST_IDLE - MINUTE)
    assert signed_in(office, token, NOW + 2 * LONGEST_IDLE - 2 * WRITTEN_EVERY), "its use was written down"
    assert not signed_in(office, token, NOW + 3 * LONGEST_IDLE)
    assert LONGEST_IDLE <= timedelta(minutes=30)


def test_a_session_ends_after_twelve_hours_however_busy(office: Office, name: str) -> None:
    token, now = begin_session(office, name, NOW), NOW
    while now + LONGEST_IDLE / 2 < NOW + LONGEST_SIGN_IN:
        now += LONGEST_IDLE / 2
        assert signed_in(office, token, now)
    assert not signed_in(office, token, NOW + LONGEST_SIGN_IN)
    assert LONGEST_SIGN_IN <= timedelta(hours=12)


def test_the_last_use_is_written_every_five_minutes_rounded_down(office: Office, name: str) -> None:
    token = begin_session(office, name, NOW + timedelta(minutes=4, seconds=59))
    last = NOW + WRITTEN_EVERY
    for seconds, known in ((299, NOW), (300, last), (599, last), (600, last + WRITTEN_EVERY)):
        assert signed_in(office, token, NOW + timedelta(seconds=seconds))
        (one,) = sessions_of(office, name, NOW)
        assert (one.began, one.used) == (NOW, known)


def test_rounding_never_makes_rest_or_a_fresh_factor_last_longer(office: Office, name: str) -> None:
    began = NOW + timedelta(minutes=4, seconds=59)
    token = begin_session(office, name, began)
    assert is_fresh(office, token, began + timedelta(minutes=9))
    assert not is_fresh(office, token, began + timedelta(minutes=10, seconds=1))
    assert signed_in(office, token, began + LONGEST_IDLE - WRITTEN_EVERY)
    other = begin_session(office, name, began)
    assert not signed_in(office, other, began + LONGEST_IDLE)


def test_a_sixth_session_ends_the_oldest_and_nobody_elses(office: Office, name: str) -> None:
    other = next(names)
    employ(office, other)
    theirs = begin_session(office, other, NOW)
    tokens = [begin_session(office, name, NOW + place * MINUTE) for place in range(MOST_SESSIONS + 2)]
    assert MOST_SESSIONS == 5
    assert [bool(signed_in(office, one, NOW + 10 * MINUTE)) for one in tokens] == [False] * 2 + [True] * 5
    assert signed_in(office, theirs, NOW + 10 * MINUTE)
    late = begin_session(office, name, NOW - MINUTE)
    assert signed_in(office, late, NOW), "the new one lives, also where the clock was set back"


@pytest.mark.parametrize("change", [{"role": "coordinator"}, {"disabled": True}])
def test_another_role_or_a_shut_door_ends_the_session_at_once(
    client: FlaskClient, office: Office, name: str, change
) -> None:
    assert client.get("/office").status_code == 200
    change_member(office, name, may_be_last=True, **change)
    assert client.get("/office").location == "/office/sign-in"


def test_a_session_is_seen_and_ended_by_its_owner_only(
    client: FlaskClient, app: Flask, study: Study, office: Office, name: str
) -> None:
    other = begin_session(office, name, datetime.now(UTC))
    page = client.get(SESSIONS).text
    (key,) = re.findall(r'name="key" value="([0-9a-f]{64})"', page)
    assert "This one" in page
    assert other not in page
    stranger = next(names)
    employ(office, stranger)
    with app.test_client() as theirs:
        open_session(theirs, study, stranger)
        assert key not in theirs.get(SESSIONS).text
        assert press(theirs, SESSIONS, {"key": key}, f"{SESSIONS}/end").status_code == 303
    assert signed_in(office, other, datetime.now(UTC))
    press(client, SESSIONS, {"key": key}, f"{SESSIONS}/end")
    assert not signed_in(office, other, datetime.now(UTC))
    assert client.get("/office").status_code == 200


def test_all_others_end_at_one_press(client: FlaskClient, office: Office, name: str) -> None:
    others = [begin_session(office, name, datetime.now(UTC)) for _ in range(3)]
    press(client, SESSIONS, {}, f"{SESSIONS}/end-others")
    assert not any(signed_in(office, other, datetime.now(UTC)) for other in others)
    assert client.get("/office").status_code == 200


def test_a_factor_is_fresh_for_ten_minutes(office: Office, name: str) -> None:
    token = begin_session(office, name, NOW)
    assert is_fresh(office, token, NOW + timedelta(minutes=10))
    assert not is_fresh(office, token, NOW + timedelta(minutes=11))
    token = prove(office, token, NOW + timedelta(minutes=11))
    assert is_fresh(office, token, NOW + timedelta(minutes=20))
    assert not is_fresh(office, "no such token", NOW)
    assert May.CHANGE_OWN_FACTORS in FRESH


def test_a_dangerous_page_asks_again_and_goes_on_to_what_was_asked(client: FlaskClient, office: Office) -> None:
    grow_stale(client, office)
    assert client.get("/office").status_code == 200
    asked = client.get(f"{NEW_PASSWORD}?seen=1&endpoint=x&_external=1&_scheme=javascript")
    assert (asked.status_code, asked.location) == (303, AGAIN)
    assert press(client, AGAIN, {"code_again": "000000"}).status_code == 403
    done = press(client, AGAIN, {"code_again": code()}, f"{AGAIN}?next=https://evil.example&onward=//evil.example")
    onward = f"{NEW_PASSWORD}?_external=1&_scheme=javascript&endpoint=x&seen=1"
    assert (done.status_code, done.location) == (303, onward)
    assert client.get(done.location).status_code == 200


def test_a_dangerous_deed_asks_again_and_nothing_typed_is_lost(client: FlaskClient, office: Office) -> None:
    token = csrf_in(client.get(OWN).text)
    grow_stale(client, office)
    typed = {"csrf_token": token, "note": 'three "words" <b>', "choice": ["a", "b"]}
    page = client.post(f"{OWN}/recovery", data=typed)
    assert page.status_code == 403
    by_code = page.text.partition('action="/office/again"')[2]
    carried = re.findall(r'type="hidden" name="(note|choice|carried)" value="([^"]*)"', by_code)
    assert carried[0][0] == "carried"
    assert carried[1:] == [
        ("note", "three &#34;words&#34; &lt;b&gt;"), ("choice", "a"), ("choice", "b"),
    ]  # fmt: skip
    assert "<code>" not in page.text, "nothing was done yet"
    sent = typed | {"csrf_token": csrf_in(page.text), "carried": carried[0][1], "code_again": code()}
    wrong = client.post(AGAIN, data=sent | {"code_again": "000000"})
    by_code = wrong.text.partition('action="/office/again"')[2]
    assert re.findall(r'name="(note|choice|carried)"', by_code) == ["carried", "note", "choice", "choice"]
    done = client.post(AGAIN, data=sent)
    assert (done.status_code, done.location) == (307, f"{OWN}/recovery")
    assert client.post(done.location, data=sent).text.count("<li><code>") == 10


def asked_for_two_deeds(client: FlaskClient, office: Office) -> tuple[dict[str, str], dict[str, str]]:
    """What the pages send that ask for a factor: before new recovery codes, and before another app."""
    token = csrf_in(client.get(OWN).text)
    grow_stale(client, office)
    both = []
    for deed, note in (("recovery", "one"), ("app", "two")):
        page = client.post(f"{OWN}/{deed}", data={"csrf_token": token, "note": note})
        both.append({"csrf_token": token, "note": note, "carried": carried_in(page.text), "code_again": code()})
    return both[0], both[1]


def test_of_two_pages_side_by_side_each_goes_on_to_its_own_deed(client: FlaskClient, office: Office) -> None:
    first, _ = asked_for_two_deeds(client, office)
    done = client.post(AGAIN, data=first)
    assert (done.status_code, done.location) == (307, f"{OWN}/recovery")


@pytest.mark.parametrize("change", [{"note": "one"}, {"carried": "forged"}, {"more": "words"}])
def test_what_was_not_pressed_is_not_done_in_its_place(
    client: FlaskClient, office: Office, change: dict[str, str]
) -> None:
    _, second = asked_for_two_deeds(client, office)
    done = client.post(AGAIN, data=second | change)
    assert (done.status_code, "Nothing was done" in done.text) == (409, True)


def carried_in(page: str) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_who_shows_a_factor_again_goes_on_under_another_token(client: FlaskClient, office: Office) -> None:
    offered = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(f"{OWN}/app").text)
    grow_stale(client, office)
    client.get(f"{OWN}/app")
    before = cookie_of(client)
    began = signed_in(office, before["token"], datetime.now(UTC))
    press(client, AGAIN, {"code_again": code()})
    after = cookie_of(client)
    assert signed_in(office, after["token"], datetime.now(UTC)) == began
    assert after["token"] != before["token"]
    assert signed_in(office, before["token"], datetime.now(UTC)) is None, "the token before is worth nothing"
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(f"{OWN}/app").text)
    assert shown
    assert offered
    assert shown.group() == offered.group(), "an app that was set up meanwhile can still be confirmed"


def cookie_of(client: FlaskClient) -> dict[str, str]:
    with client.session_transaction() as kept:
        return dict(kept)


def test_passwords_and_what_other_sites_send_are_never_carried(client: FlaskClient, office: Office) -> None:
    token = csrf_in(client.get(NEW_PASSWORD).text)
    grow_stale(client, office)
    secret = {"password": "canary one", "new_password": "canary two"}
    for data in (secret | {"csrf_token": token}, {"note": "canary", "csrf_token": "forged"}, {"note": "canary"}):
        page = client.post(NEW_PASSWORD, data=data)
        assert page.status_code == 403
        assert "canary" not in page.text
        assert 'name="carried"' not in page.text
    done = press(client, AGAIN, {"code_again": code()})
    assert (done.status_code, done.location) == (303, NEW_PASSWORD)


def test_guessing_at_the_code_again_is_slowed_down(client: FlaskClient) -> None:
    answers = [press(client, AGAIN, {"code_again": "000000"}).status_code for _ in range(12)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_a_new_password_needs_the_one_of_now_and_ends_the_other_sessions(
    client: FlaskClient, office: Office, name: str
) -> None:
    other = begin_session(office, name, datetime.now(UTC))
    new = "violet harbour seven kettles"
    for password, wanted, status in (
        ("not mine", new, 403),
        (PASSWORD, "too short", 422),
        (PASSWORD, "London London London", 422),
        (PASSWORD, new, 303),
        (new, "another violet harbour", 303),
    ):
        answer = press(client, NEW_PASSWORD, {"password": password, "new_password": wanted})
        assert answer.status_code == status
        assert wanted not in answer.text
    assert not signed_in(office, other, datetime.now(UTC))


def test_another_app_takes_the_place_of_the_first_and_ends_the_other_sessions(
    client: FlaskClient, office: Office, name: str
) -> None:
    other = begin_session(office, name, datetime.now(UTC))
    assert press(client, f"{OWN}/app", {"code": code()}).status_code == 403, "a code of the old app shows nothing"
    assert press(client, f"{OWN}/app", {"code": ""}).status_code == 200
    assert not re.search(r"<code>[0-9]{6}</code>", client.get(f"{OWN}/app").text)
    assert signed_in(office, other, datetime.now(UTC))
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(f"{OWN}/app").text)
    assert secret
    new = from_base32(secret.group(1).replace(" ", ""))
    page = press(client, f"{OWN}/app", {"code": code_at(new, datetime.now(UTC))})
    assert page.text.count("<li><code>") == 10
    assert not signed_in(office, other, datetime.now(UTC))
    assert client.get("/office").status_code == 200


@pytest.mark.parametrize("page", [AGAIN, OWN, f"{OWN}/app", NEW_PASSWORD, SESSIONS])
def test_no_page_about_signing_in_shows_a_code_or_may_be_kept(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert code() not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    title = re.search(r"<title>(.*?)</title>", answer.text, re.S)
    assert title
    assert "police" not in title.group(1).lower()


def test_wrong_codes_in_one_session_make_no_other_wait(
    client: FlaskClient, app: Flask, study: Study, office: Office, name: str
) -> None:
    with app.test_client() as stolen:
        open_session(stolen, study, name)
        answers = [press(stolen, AGAIN, {"code_again": "000000"}).status_code for _ in range(FREE + 2)]
        assert answers == [403] * (FREE + 1) + [429]
        # Whoever has the password of now wrong is counted in the same place.
        typed = {"password": "wrong", "new_password": "violet harbour seven kettles"}
        assert press(stolen, NEW_PASSWORD, typed).status_code == 429
    grow_stale(client, office)
    assert press(client, AGAIN, {"code_again": code()}).status_code == 303


def test_a_session_that_is_over_is_told_to_its_browser_and_to_nobody_else(
    app: Flask, client: FlaskClient, office: Office, name: str
) -> None:
    told = "You were signed out."
    change_member(office, name, disabled=True, may_be_last=True)
    assert client.get(OWN).location == "/office/sign-in"
    assert told in client.get("/office/sign-in").text
    assert told not in client.get("/office/sign-in").text, "it is said once"
    stranger = app.test_client()
    assert stranger.get(OWN).location == "/office/sign-in"
    assert told not in stranger.get("/office/sign-in").text


def test_whoever_has_no_passkey_is_not_asked_for_one(client: FlaskClient, office: Office) -> None:
    grow_stale(client, office)
    client.get(NEW_PASSWORD)
    assert "passkey" not in client.get(AGAIN).text.partition("<main")[2]


def test_an_error_on_a_staff_page_leads_back_to_the_staffs_pages(client: FlaskClient) -> None:
    assert 'href="/office">Go to the staff' in client.get("/office/nowhere").text
    assert 'href="/office">Go to the staff' not in client.get("/nowhere").text


def test_an_app_on_the_telephone_itself_is_opened_by_a_link(client: FlaskClient) -> None:
    assert 'href="otpauth://totp/' in client.get(f"{OWN}/app").text
