"""The staff's page and one-time links, as an administrator, a newcomer and a thief of a session meet them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import staff_commands
from app import create_app
from commands import addresses_of
from errors import NotPermitted
from fieldwork.instance import open_study
from fieldwork.staff.links import invite_staff, reset_staff, withdraw_staff_link
from fieldwork.staff.members import hire
from fieldwork.staff.standing import disable
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from storage.journal import read_journal
from storage.passkeys import passkeys_of
from storage.sign_ins import sign_ins_of
from storage.staff import everyone, staff_named
from storage.staff_links import all_links
from tests.authenticator import Device
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, csrf_in, links_in, open_session, press

JOIN, STAFF, PASSKEYS = "/office/join", "/office/staff", "/office/own/passkeys"
NOBODY = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> tuple[Flask, Study]:
    """One instance for all of these tests, in which Mara and Nadia look after the staff."""
    settings = new_instance(tmp_path_factory.mktemp("staff") / "instance", keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    for name in ("Mara", "Nadia"):
        hire(study.stores.office, name, "administrator", PASSWORD)
    return create_app(settings), study


@pytest.fixture
def here(house: tuple[Flask, Study]) -> Study:
    return house[1]


@pytest.fixture
def visitor(house: tuple[Flask, Study]) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return house[0].test_client()


@pytest.fixture
def mara(house: tuple[Flask, Study]) -> FlaskClient:
    client = house[0].test_client()
    open_session(client, house[1], "Mara")
    return client


@pytest.fixture
def newcomer(here: Study) -> str:
    """Somebody's name whom no other test knows."""
    return f"Newcomer {next(NOBODY)}"


def invited(here: Study, name: str) -> str:
    return invite_staff(here.stores.office, "Mara", name, "coordinator", datetime.now(UTC))


def device() -> Device:
    return Device("http://localhost", "localhost")


def join_by_passkey(client: FlaskClient, token: str, device: Device) -> TestResponse:
    csrf = csrf_in(press(client, JOIN, {"token": token}).text)
    asked = client.post(f"{JOIN}/challenge", data={"csrf_token": csrf, "token": token})
    typed = {"csrf_token": csrf, "token": token, "label": "Telephone", "answer": device.make(asked.text)}
    return client.post(f"{JOIN}/passkey", data=typed)


def sign_in_by_passkey(client: FlaskClient, device: Device) -> TestResponse:
    csrf = csrf_in(client.get("/office/sign-in").text)
    asked = client.post("/office/sign-in/passkey/challenge", data={"csrf_token": csrf})
    return client.post("/office/sign-in/passkey", data={"csrf_token": csrf, "proof": device.prove(asked.text)})


def acts(here: Study) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.act, entry.detail) for entry in read_journal(here.stores.office)]


def test_an_invited_person_makes_a_passkey_and_is_in(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    shown = press(mara, STAFF, {"name": newcomer, "role": "coordinator"})
    link = links_in(shown.text)[0]
    address, token = link.split("#")
    assert address == "http://localhost/office/join"
    assert token not in mara.get(STAFF).text
    phone = device()
    assert join_by_passkey(visitor, token, phone).location == "/office"
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


def joined(here: Study, client: FlaskClient, name: str) -> tuple[str, Device]:
    """Somebody who has joined with a passkey, and is signed in."""
    phone = device()
    assert join_by_passkey(client, invited(here, name), phone).status_code == 303
    return name, phone


def test_a_link_is_no_use_to_two(house: tuple[Flask, Study], visitor: FlaskClient, newcomer: str) -> None:
    token, mine, theirs = invited(house[1], newcomer), device(), device()
    csrf = csrf_in(press(visitor, JOIN, {"token": token}).text)
    asked = visitor.post(f"{JOIN}/challenge", data={"csrf_token": csrf, "token": token}).text
    assert join_by_passkey(house[0].test_client(), token, theirs).status_code == 303
    typed = {"csrf_token": csrf, "token": token, "label": "Key", "answer": mine.make(asked)}
    assert visitor.post(f"{JOIN}/passkey", data=typed).status_code == 403
    assert [one.credential_id for one in passkeys_of(house[1].stores.office, newcomer)] == [theirs.credential_id]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a" * 81,
        "two\u200blines",
        "\u202eMara",
        "mara",
        "  MARA ",
        "ＭＡＲＡ",
        "Administrator",
        "Command  Line",
    ],
)
def test_a_name_that_is_none_or_looks_like_anothers_is_refused(mara: FlaskClient, here: Study, name: str) -> None:
    before = (len(acts(here)), len(all_links(here.stores.office)))
    assert press(mara, STAFF, {"name": name, "role": "coordinator"}).status_code == 422
    assert (len(acts(here)), len(all_links(here.stores.office))) == before


def test_no_role_but_the_two_can_be_given(mara: FlaskClient, here: Study, newcomer: str) -> None:
    for role in ("police", "", "Administrator"):
        assert press(mara, STAFF, {"name": newcomer, "role": role}).status_code == 422
    press(mara, STAFF, {"name": "Nadia", "role": "police"}, to=f"{STAFF}/role")
    nadia = staff_named(here.stores.office, "Nadia")
    assert nadia
    assert nadia.role == "administrator"


def test_whoever_is_disabled_is_out_at_once_and_refused_like_a_stranger(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    phone = joined(here, visitor, newcomer)[1]
    press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/disable")
    assert visitor.get("/office").location == "/office/sign-in"
    refused, unknown = sign_in_by_passkey(visitor, phone), sign_in_by_passkey(visitor, replace(device(), handle=b"h"))
    assert refused.status_code == unknown.status_code == 403
    assert re.sub('value="[^"]*"', "", refused.text) == re.sub('value="[^"]*"', "", unknown.text)
    press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/enable")
    assert sign_in_by_passkey(visitor, phone).status_code == 303


def test_another_role_ends_every_session(mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str) -> None:
    joined(here, visitor, newcomer)
    press(mara, STAFF, {"name": newcomer, "role": "administrator"}, to=f"{STAFF}/role")
    assert sign_ins_of(here.stores.office, newcomer) == ()
    assert visitor.get("/office").location == "/office/sign-in"


def test_a_reset_ends_every_factor_at_once_and_its_link_sets_new_ones(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    old = joined(here, visitor, newcomer)[1]
    shown = press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/reset").text
    assert passkeys_of(here.stores.office, newcomer) == ()
    assert visitor.get("/office").location == "/office/sign-in"
    assert sign_in_by_passkey(visitor, old).status_code == 403
    new = device()
    assert join_by_passkey(visitor, links_in(shown)[0].split("#")[1], new).status_code == 303
    assert sign_in_by_passkey(visitor, new).status_code == 303
    assert sign_in_by_passkey(visitor, old).status_code == 403


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


DANGEROUS = (
    STAFF, f"{STAFF}/role", f"{STAFF}/disable", f"{STAFF}/enable", f"{STAFF}/reset", f"{STAFF}/propose",
    f"{STAFF}/link/withdraw", f"{PASSKEYS}/challenge", f"{PASSKEYS}/add", f"{PASSKEYS}/remove",
    "/office/own/password/first",
)  # fmt: skip


@pytest.mark.parametrize("page", DANGEROUS)
def test_a_stolen_open_session_is_not_enough(visitor: FlaskClient, here: Study, page: str) -> None:
    open_session(visitor, here, "Mara", datetime.now(UTC) - timedelta(minutes=20))
    before = len(acts(here))
    csrf = csrf_in(visitor.get("/office").text)
    typed = {"csrf_token": csrf, "name": "Nadia", "role": "coordinator", "key": "00", "label": "Key", "answer": "{}"}
    answer = visitor.post(page, data=typed)
    assert answer.status_code == 403
    assert "Show once more that it is you" in answer.text
    assert len(acts(here)) == before


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
    typed = {"csrf_token": csrf, "key": "00", "carried": "yes", "proof": phone.prove(asked.text)}
    answer = visitor.post("/office/again/passkey", data=typed)
    assert (answer.status_code, answer.location) == (307, f"{PASSKEYS}/remove")


def test_a_coordinator_does_not_look_after_the_staff(visitor: FlaskClient, here: Study, newcomer: str) -> None:
    joined(here, visitor, newcomer)
    assert visitor.get(STAFF).status_code == 403
    csrf = csrf_in(visitor.get("/office").text)
    assert visitor.post(f"{STAFF}/disable", data={"csrf_token": csrf, "name": "Mara"}).status_code == 403
    mara = staff_named(here.stores.office, "Mara")
    assert mara
    assert not mara.disabled


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


def said(house: tuple[Flask, Study], *words: str) -> Result:
    home = house[0].extensions["amanah_settings"].home
    return CliRunner().invoke(staff_commands.staff, words, env={"AMANAH_HOME": str(home)})


def test_a_command_invites_lists_and_shuts_out(house: tuple[Flask, Study], visitor: FlaskClient, newcomer: str) -> None:
    told = said(house, "invite", newcomer, "--role", "administrator", "--url", "https://study.example.org/")
    link = told.output.splitlines()[-1]
    assert link.startswith("https://study.example.org/office/join#")
    assert f"{newcomer}\tadministrator\tinvitation" in said(house, "list").output
    assert join_by_passkey(visitor, link.split("#")[1], device()).status_code == 303
    assert f"{newcomer}\tadministrator\tactive" in said(house, "list").output
    assert said(house, "disable", newcomer).exit_code == 0
    assert visitor.get("/office").location == "/office/sign-in"
    assert f"{newcomer}\tadministrator\tdisabled" in said(house, "list").output
    assert ("command line", "staff_disabled", newcomer) in acts(house[1])


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("invite", "mara", "--role", "coordinator"), 1, "has this name already"),
        (("invite", "Vera", "--role", "police"), 2, "'police' is not one of"),
        (("invite", "Vera", "--role", "coordinator", "--url", "study.example.org"), 1, "--url is the address"),
        (("disable", "Nobody"), 1, "There is nobody of this name"),
    ],
)
def test_a_command_that_cannot_be_done_says_so_in_a_line(
    house: tuple[Flask, Study], words: tuple[str, ...], code: int, line: str
) -> None:
    told = said(house, *words)
    assert told.exit_code == code
    assert line in told.output


def test_the_last_administrator_goes_by_two_people_only(mara: FlaskClient, here: Study) -> None:
    press(mara, STAFF, {"name": "Nadia"}, to=f"{STAFF}/disable")
    for name in {one.name for one in everyone(here.stores.office)} - {"Mara"}:
        press(mara, STAFF, {"name": name, "role": "coordinator"}, to=f"{STAFF}/role")
    for deed in ("disable", "role", "reset"):
        answer = press(mara, STAFF, {"name": "Mara", "role": "coordinator"}, to=f"{STAFF}/{deed}")
        assert answer.status_code == 422
    assert ("Mara", "staff_change_refused", "Mara") in acts(here)
    with pytest.raises(NotPermitted):
        reset_staff(here.stores.office, "Idris", "Mara", datetime.now(UTC))
    assert ("Idris", "staff_change_refused", "Mara") in acts(here)
    assert ("Idris", "staff_reset", "Mara") not in acts(here), "what was refused does not stand there as done"
    assert press(mara, STAFF, {"name": "Mara"}, to=f"{STAFF}/propose").location == "/office/approvals"
    left = staff_named(here.stores.office, "Mara")
    assert left
    assert (left.role, left.disabled) == ("administrator", False)
