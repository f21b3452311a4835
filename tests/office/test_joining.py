"""Somebody joins by a one-time link and sets what they sign in with, for nobody but themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldwork.staff.links import invite_staff, reset_staff, withdraw_staff_link
from fieldwork.staff.standing import disable
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from storage.passkeys import passkeys_of
from tests.authenticator import Device
from tests.joining import JOIN, PASSKEYS, STAFF, acts, device, invited, join_by_passkey, joined, sign_in_by_passkey
from tests.staff import PASSWORD, csrf_in, links_in, open_session, press


def test_an_invited_person_makes_a_passkey_and_is_in(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    shown = press(mara, STAFF, {"name": newcomer, "role": "coordinator"})
    link = links_in(shown.text)[0]
    address, token = link.split("#")
    assert address == "http://localhost/office/join"
    assert token not in mara.get(STAFF).text
    phone = device()
    own = join_by_passkey(visitor, token, phone).location
    page = visitor.get(own).text
    assert "Add a second passkey, or a password with codes" in page
    assert {f'href="{PASSKEYS}"', 'href="/office/own/password/first"'} <= set(re.findall('href="[^"]*"', page))
    assert visitor.get("/office").status_code == 200
    assert sign_in_by_passkey(visitor, phone).location == "/office"
    told = [one for one in acts(here) if one[1].startswith("staff_")]
    assert told[-2:] == [
        ("Mara", "staff_invited", f"{newcomer}, coordinator"),
        (newcomer, "staff_joined", "invitation"),
    ]


def test_an_invited_person_chooses_a_password_and_an_app_and_is_in(
    visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    token = invited(here, newcomer)
    page = press(visitor, JOIN, {"token": token})
    short = visitor.post(
        f"{JOIN}/password", data={"csrf_token": csrf_in(page.text), "token": token, "new_password": "x"}
    )
    assert short.status_code == 422
    assert "at least 15 characters" in short.text
    typed = {"csrf_token": csrf_in(page.text), "token": token, "new_password": PASSWORD}
    assert visitor.post(f"{JOIN}/password", data=typed).location == "/office/sign-in/set-up"
    assert visitor.get("/office").location == "/office/sign-in", "a password alone opens nothing"
    shown = visitor.get("/office/sign-in/set-up").text
    secret = from_base32(re.search("<code>([A-Z2-7 ]+)</code>", shown)[1].replace(" ", ""))  # type: ignore[index]
    codes = press(visitor, "/office/sign-in/set-up", {"code": code_at(secret, datetime.now(UTC))}).text
    assert len(re.findall("<li><code>", codes)) == 10
    assert visitor.get("/office").status_code == 200


def test_links_that_no_longer_work_are_refused_alike(visitor: FlaskClient, here: Study) -> None:
    office, now = here.stores.office, datetime.now(UTC)
    used, withdrawn = invited(here, "Used"), invited(here, "Withdrawn")
    old = invite_staff(office, "Mara", "Old", "coordinator", now - timedelta(hours=72))
    shut = reset_staff(office, "Mara", joined(here, visitor, "Shut")[0], now)
    join_by_passkey(visitor, used, device())
    withdraw_staff_link(office, "Mara", "Withdrawn", now)
    disable(office, "Mara", "Shut", now.date())
    answers = [press(visitor, JOIN, {"token": token}) for token in (used, withdrawn, old, shut, "unknown", "x" * 200)]
    told = {(answer.status_code, re.sub('value="[^"]*"', "", answer.text)) for answer in answers}
    assert {status for status, _ in told} == {403}
    assert len(told) == 1


def test_a_link_is_no_use_to_two(house: tuple[Flask, Study], visitor: FlaskClient, newcomer: str) -> None:
    token, mine, theirs = invited(house[1], newcomer), device(), device()
    csrf = csrf_in(press(visitor, JOIN, {"token": token}).text)
    asked = visitor.post(f"{JOIN}/challenge", data={"csrf_token": csrf, "token": token}).text
    assert join_by_passkey(house[0].test_client(), token, theirs).status_code == 303
    typed = {"csrf_token": csrf, "token": token, "label": "Key", "answer": mine.make(asked)}
    assert visitor.post(f"{JOIN}/passkey", data=typed).status_code == 403
    assert [one.credential_id for one in passkeys_of(house[1].stores.office, newcomer)] == [theirs.credential_id]


def test_nobody_sets_up_a_factor_for_another(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    theirs = joined(here, visitor, newcomer)[1]
    csrf = csrf_in(mara.get(PASSKEYS).text)
    asked = mara.post(f"{PASSKEYS}/challenge", data={"csrf_token": csrf, "name": newcomer, "member": newcomer})
    typed = {
        "csrf_token": csrf,
        "label": "Key",
        "name": newcomer,
        "member": newcomer,
        "answer": device().make(asked.text),
    }
    assert mara.post(f"{PASSKEYS}/add", data=typed).status_code == 303
    mara.post(f"{PASSKEYS}/remove", data={"csrf_token": csrf, "key": theirs.credential_id.hex(), "name": newcomer})
    assert [one.credential_id for one in passkeys_of(here.stores.office, newcomer)] == [theirs.credential_id]
    assert len(passkeys_of(here.stores.office, "Mara")) == 1


def test_an_answer_to_another_browsers_challenge_adds_nothing(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    joined(here, visitor, newcomer)
    theirs = csrf_in(visitor.get(PASSKEYS).text)
    asked = visitor.post(f"{PASSKEYS}/challenge", data={"csrf_token": theirs})
    csrf = csrf_in(mara.get(PASSKEYS).text)
    mara.post(f"{PASSKEYS}/challenge", data={"csrf_token": csrf})
    before = passkeys_of(here.stores.office, "Mara")
    typed = {"csrf_token": csrf, "label": "Key", "answer": device().make(asked.text)}
    assert mara.post(f"{PASSKEYS}/add", data=typed).status_code == 403
    assert passkeys_of(here.stores.office, "Mara") == before


def test_a_passkey_shows_once_more_who_one_is_and_goes_on(visitor: FlaskClient, here: Study, newcomer: str) -> None:
    phone = joined(here, visitor, newcomer)[1]
    open_session(visitor, here, newcomer, datetime.now(UTC) - timedelta(minutes=20))
    assert visitor.get(PASSKEYS).location == "/office/again"

    def prove(used: Device) -> TestResponse:
        csrf = csrf_in(visitor.get("/office/again").text)
        asked = visitor.post("/office/again/passkey/challenge", data={"csrf_token": csrf})
        return visitor.post("/office/again/passkey", data={"csrf_token": csrf, "proof": used.prove(asked.text)})

    assert prove(replace(phone, rp_id="example.org")).status_code == 403
    assert visitor.get(PASSKEYS).location == "/office/again"
    assert prove(phone).location == PASSKEYS
    assert visitor.get(PASSKEYS).status_code == 200


def test_a_deed_goes_on_after_a_passkey_with_what_was_typed(visitor: FlaskClient, here: Study, newcomer: str) -> None:
    phone = joined(here, visitor, newcomer)[1]
    open_session(visitor, here, newcomer, datetime.now(UTC) - timedelta(minutes=20))
    csrf = csrf_in(visitor.get("/office").text)
    page = visitor.post(f"{PASSKEYS}/remove", data={"csrf_token": csrf, "key": "00"})
    by_passkey = page.text.partition('action="/office/again/passkey"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="key" value="00">' in by_passkey
    asked = visitor.post("/office/again/passkey/challenge", data={"csrf_token": csrf})
    carried = re.search(r'name="carried" value="([^"]+)"', by_passkey)
    assert carried
    typed = {"csrf_token": csrf, "key": "00", "carried": carried.group(1), "proof": phone.prove(asked.text)}
    answer = visitor.post("/office/again/passkey", data=typed)
    assert (answer.status_code, answer.location) == (307, f"{PASSKEYS}/remove")


def test_at_an_address_in_digits_the_page_says_so_and_offers_the_password(visitor: FlaskClient) -> None:
    page = visitor.get("/office/sign-in", base_url="http://127.0.0.1").text
    assert "its address is in digits" in page
    assert "data-passkey" not in page
    assert 'name="password"' in page


def test_a_newcomer_with_a_passkey_sets_a_password_only_beside_an_app(
    visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    joined(here, visitor, newcomer)
    first = "/office/own/password/first"
    assert visitor.get(first).location == "/office/own/app"
    shown = visitor.get("/office/own/app").text
    secret = from_base32(re.search("<code>([A-Z2-7 ]+)</code>", shown)[1].replace(" ", ""))  # type: ignore[index]
    press(visitor, "/office/own/app", {"code": code_at(secret, datetime.now(UTC))})
    assert press(visitor, first, {"new_password": "short"}).status_code == 422
    assert press(visitor, first, {"new_password": PASSWORD}).location == "/office/own"
    assert visitor.get(first).location == "/office/own/password"
