"""Staff sign in with a password and then a code; a password alone opens only the page that sets a code up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, g, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from fieldwork.staff.factors import new_recovery_codes
from fieldwork.staff.paces import Paces
from fieldwork.staff.sessions import begin_session, signed_in
from fieldwork.staff.signing_in import Door, half_signed_in, key_of
from fieldwork.staff.throttling import FREE, charge
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from storage.journal import read_journal
from storage.members import change_member
from storage.staff import staff_named
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, SECRET, csrf_in, employ, open_session, press
from views.office.entering import let_in

STATIC = Path(__file__).parents[2] / "static"
SIGN_IN, CODE, SET_UP = "/office/sign-in", "/office/sign-in/code", "/office/sign-in/set-up"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """One field app for all tests here; each has staff of its own."""
    return create_app(new_instance(tmp_path_factory.mktemp("instances") / "instance", keys))


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.fixture
def study(app: Flask) -> Study:
    study: Study = app.extensions["amanah"]
    return study


names = iter(f"Member {number}" for number in range(1000))


@pytest.fixture
def name(app: Flask, study: Study) -> str:
    """Somebody of the staff who has an app."""
    name = next(names)
    employ(study.stores.office, name, keys=app.extensions["amanah_office_keys"])
    return name


def enter(client: FlaskClient, name: str, password: str = PASSWORD, address: str = "127.0.0.1") -> TestResponse:
    data = {"name": name, "password": password, "csrf_token": csrf_in(client.get(SIGN_IN).text)}
    return client.post(SIGN_IN, data=data, environ_base={"REMOTE_ADDR": address})


def code(off: int = 0) -> str:
    return code_at(SECRET, datetime.now(UTC) + off * timedelta(seconds=30))


def secret_in(page: str) -> bytes:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return from_base32(found.group(1).replace(" ", ""))


def codes_in(page: str) -> list[str]:
    return re.findall(r"<li><code>((?:[0-9A-Z]{4}-){5}[0-9A-Z]{4})</code>", page)


def reached(client: FlaskClient) -> set[str]:
    """The staff's pages that this client is let into, but for the one to which links of newcomers lead, and the one
    that says to anybody how long their session lasts still."""
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.endpoint.startswith("office.")]
    open_to_all = ("office.join", "office.left")
    reading = [rule for rule in rules if "GET" in (rule.methods or ()) and rule.endpoint not in open_to_all]
    return {rule.endpoint for rule in reading if client.get(rule.rule).location != SIGN_IN}


def test_a_password_and_a_code_open_the_office(client: FlaskClient, name: str) -> None:
    assert reached(client) == {"office.sign_in"}
    assert enter(client, name).location == CODE
    assert reached(client) == {"office.sign_in", "office.code", "office.set_up"}
    assert client.get(SET_UP).location == CODE, "who has an app sets no other up by a password alone"
    done = press(client, CODE, {"code": code()})
    assert (done.status_code, done.location) == (303, "/office")
    assert client.get("/office").status_code == 200


def test_who_has_a_password_alone_reaches_only_the_page_that_sets_a_code_up(client: FlaskClient, study: Study) -> None:
    name = next(names)
    employ(study.stores.office, name)
    enter(client, name)
    assert client.get(CODE).location == SET_UP
    assert reached(client) == {"office.sign_in", "office.code", "office.set_up"}
    page = client.get(SET_UP).text
    assert "<svg" in page
    assert press(client, SET_UP, {"code": "000000"}).status_code == 403
    done = press(client, SET_UP, {"code": code_at(secret_in(page), datetime.now(UTC))})
    assert len(codes_in(done.text)) == 10
    assert "no-store" in done.headers["Cache-Control"]
    assert client.get("/office").status_code == 200
    written = [(entry.act, entry.actor) for entry in read_journal(study.stores.office)[-2:]]
    assert written == [("second_factor_set", name), ("signed_in", name)]


def test_setting_up_acts_on_nobody_but_the_one_who_showed_the_password(
    client: FlaskClient, study: Study, name: str
) -> None:
    own = next(names)
    employ(study.stores.office, own)
    before = staff_named(study.stores.office, name)
    enter(client, own)
    typed = {"code": code_at(secret_in(client.get(SET_UP).text), datetime.now(UTC)), "name": name, "member": name}
    assert press(client, SET_UP, typed, f"{SET_UP}?name={name}").status_code == 200
    assert staff_named(study.stores.office, name) == before
    changed = staff_named(study.stores.office, own)
    assert changed
    assert changed.totp


def told(answer: TestResponse, *typed: str) -> tuple[int, str, list[str]]:
    """All that an answer says but for its CSRF token and the name that was typed."""
    text = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", answer.text)
    for one in typed:
        text = text.replace(one, "NAME")
    return answer.status_code, text, sorted(name for name, _ in answer.headers)


def test_an_unknown_name_a_wrong_password_and_a_disabled_member_are_answered_alike(
    client: FlaskClient, study: Study, name: str
) -> None:
    gone, nobody = next(names), next(names)
    employ(study.stores.office, gone)
    change_member(study.stores.office, gone, may_be_last=True, disabled=True)
    tries = [(name, "wrong"), (nobody, PASSWORD), (gone, PASSWORD), (gone, "wrong")]
    answers = [told(enter(client, *one, f"10.1.{number}.1"), one[0]) for number, one in enumerate(tries)]
    assert answers[0][0] == 403
    assert all(answer == answers[0] for answer in answers)


def test_slowed_down_they_are_answered_alike_too_and_the_name_stays(
    client: FlaskClient, app: Flask, study: Study, name: str
) -> None:
    office, nobody = study.stores.office, next(names)
    door = Door(office, app.extensions["amanah_office_keys"], Paces(), None, "")
    answers = []
    for who in (name, nobody):
        for number in range(FREE + 6):
            charge(office, key_of(door, who), datetime.now(UTC) - timedelta(minutes=3 * (FREE + 6 - number)))
        charge(office, key_of(door, who), datetime.now(UTC))
        answer = enter(client, who, PASSWORD)
        assert f'value="{who}"' in answer.text
        assert re.search(r"Please wait \d+ (seconds|minutes)", answer.text)
        assert int(answer.headers["Retry-After"]) > 60
        answers.append(re.sub(r"wait \d+", "wait", told(answer, who)[1]))
    assert answers[0] == answers[1]


def test_a_code_that_was_used_opens_nothing_more(client: FlaskClient, app: Flask, name: str) -> None:
    typed = code()
    enter(client, name)
    press(client, CODE, {"code": typed})
    with app.test_client() as other:
        enter(other, name)
        assert press(other, CODE, {"code": typed}).status_code == 403
        assert press(other, CODE, {"code": code(1)}).status_code == 303


def test_what_is_typed_is_hidden_may_be_pasted_and_is_named_for_password_managers(client: FlaskClient) -> None:
    page = client.get(SIGN_IN).text
    (password,) = re.findall(r'<input[^>]* name="password"[^>]*>', page)
    assert 'type="password"' in password
    assert 'autocomplete="current-password"' in password
    assert 'autocomplete="username"' in page
    scripts = {path: path.read_text("utf-8") for path in STATIC.glob("*.js")}
    assert len(scripts) > 20
    assert [path.name for path, script in scripts.items() if '"paste"' in script] == []


def test_a_recovery_code_stands_in_for_the_app_once(client: FlaskClient, study: Study, name: str) -> None:
    recovery, *_ = new_recovery_codes(study.stores.office, name)
    for status in (303, 403):
        enter(client, name)
        assert press(client, CODE, {"code": recovery}).status_code == status


def test_too_many_codes_end_the_half_session(client: FlaskClient, name: str) -> None:
    enter(client, name)
    answers = [press(client, CODE, {"code": "000000"}).status_code for _ in range(FREE)]
    assert answers == [403] * FREE
    slowed = press(client, CODE, {"code": "000000"})
    assert slowed.status_code in (403, 429)


def test_the_cookie_and_the_token_of_forms_are_others_after_each_step(client: FlaskClient, name: str) -> None:
    seen = [kept_in(client, SIGN_IN)]
    enter(client, name)
    seen.append(kept_in(client, CODE))
    press(client, CODE, {"code": code()})
    seen.append(kept_in(client, "/office"))
    assert [set(kept) - {"csrf_token"} for kept in seen] == [set(), {"half"}, {"token"}]
    assert len({kept["csrf_token"] for kept in seen}) == 3
    assert seen[1]["half"] != seen[2]["token"]
    assert len(seen[2]["token"]) * 6 >= 128


def kept_in(client: FlaskClient, page: str) -> dict[str, str]:
    """What the cookie holds once this page was shown."""
    assert client.get(page).status_code == 200
    with client.session_transaction() as kept:
        return dict(kept)


def test_a_second_sign_in_in_one_browser_ends_what_it_carried_before(
    client: FlaskClient, study: Study, name: str
) -> None:
    office, before = study.stores.office, open_session(client, study, name)
    press(client, SIGN_IN, {"name": name, "password": PASSWORD})
    assert press(client, CODE, {"code": code()}).status_code == 303
    assert not signed_in(office, before, datetime.now(UTC))
    assert client.get("/office").status_code == 200


def test_a_half_session_ends_where_a_whole_one_begins_by_another_way(
    client: FlaskClient, study: Study, name: str
) -> None:
    enter(client, name)
    with client.session_transaction() as kept:
        half = kept["half"]
    assert half_signed_in(study.stores.office, half, datetime.now(UTC))
    with client.application.test_request_context():
        session["half"] = half
        g.study = study
        let_in(begin_session(study.stores.office, name, datetime.now(UTC)), name)
    assert not half_signed_in(study.stores.office, half, datetime.now(UTC))


def test_a_sign_out_that_did_not_sign_out_says_so_and_can_be_pressed_again(
    client: FlaskClient, study: Study, name: str
) -> None:
    open_session(client, study, name)
    older = csrf_in(client.get("/office").text)
    open_session(client, study, name)
    said = client.post("/office/sign-out", data={"csrf_token": older})
    assert (said.status_code, "You are still signed in" in said.text) == (403, True)
    assert client.get("/office").status_code == 200
    assert client.post("/office/sign-out", data={"csrf_token": csrf_in(said.text)}).location == SIGN_IN
    assert client.get("/office").location == SIGN_IN
    assert client.post("/office/sign-out", data={"csrf_token": older}).location == SIGN_IN, "nobody is signed in"


def test_a_browser_that_was_let_in_is_remembered_by_a_cookie_that_names_nobody(client: FlaskClient, name: str) -> None:
    enter(client, name)
    answer = press(client, CODE, {"code": code()})
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("amanah_known=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert name not in cookie


def test_a_wrong_password_is_kept_nowhere(client: FlaskClient, study: Study, name: str) -> None:
    typed = "a password with a canary in it"
    page = enter(client, name, typed).text
    path = Path(str(study.stores.office.engine.url.database))
    assert "canary" not in page
    assert b"canary" not in path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()


def test_no_address_of_a_page_has_a_place_for_a_name(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("office.")]
    assert not [rule for rule in rules if "<" in rule]


def test_a_name_is_known_whatever_its_capitals_and_its_width(client: FlaskClient, name: str) -> None:
    for typed in (name.upper(), f" {name.lower()}", name.replace("Member", "Ｍｅｍｂｅｒ")):
        assert enter(client, typed).location == CODE
