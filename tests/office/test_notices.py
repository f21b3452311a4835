"""Whoever signs in is told who else tried and what was changed about their sign-in; nobody else is told anything.

And an administrator ends the sessions of others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

import staff_commands
from app import create_app
from errors import NotPermitted
from fieldwork.staff.factors import new_recovery_codes
from fieldwork.staff.links import invite_staff, reset_staff
from fieldwork.staff.notices import BY_OTHERS, OWN, Notices, notices_for, say_known
from fieldwork.staff.own_factors import make_recovery_codes
from fieldwork.staff.paces import Paces
from fieldwork.staff.sessions import begin_session, signed_in
from fieldwork.staff.signing_in import Door, show_code, show_password
from fieldwork.staff.standing import change_role, disable, enable, sign_out_everybody, sign_out_member
from fieldwork.staff.throttling import forget
from fieldwork.staff.totp import code_at
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from storage.journal import Act, read_journal, write_entry
from storage.notices import MOST, count_notice, notices
from storage.office import Office
from storage.staff import staff_named
from tests.conftest import TODAY, Keys, new_instance
from tests.staff import PASSWORD, SECRET, employ, open_session, press
from views.office.notices import SENTENCES

HOME, READ, STAFF = "/office", "/office/own/notices/read", "/office/staff"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRAVE = "your right password was typed and no right code after it"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """One field app for all tests here; each has staff of its own."""
    return create_app(new_instance(tmp_path_factory.mktemp("notices") / "instance", keys))


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
    """Somebody of the staff who has an app. Their name is a part of others' names, and has signs of its own."""
    name = f'{next(names)} "100%_"'
    employ(office, name, keys=app.extensions["amanah_office_keys"])
    return name


@pytest.fixture
def client(app: Flask, study: Study, name: str) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        open_session(client, study, name)
        yield client


@pytest.fixture
def door(app: Flask, office: Office) -> Door:
    return Door(office, app.extensions["amanah_office_keys"], Paces(), "198.51.100.7", "")


def attempt(door: Door, name: str, code: str, now: datetime = NOW) -> None:
    """Somebody knows the password: no test hashes one where it need not."""
    half = show_password(door, name, PASSWORD, now, check=lambda *_: True)
    with suppress(NotPermitted):
        show_code(door, half, code, now)


def guess(door: Door, name: str, now: datetime = NOW) -> None:
    with pytest.raises(NotPermitted):
        show_password(door, name, "wrong", now, check=lambda *_: False)


def told(client: FlaskClient) -> str:
    """What the start page says about one's sign-in; empty where it says nothing."""
    found = re.search(r'<section class="card told".*?</section>', client.get(HOME).text, re.S)
    return unescape(found.group()) if found else ""


def know(client: FlaskClient) -> None:
    """Press the button, with what the page has put beside it."""
    beside = dict(re.findall(r'name="(failed|halves|read_up_to)" value="(\d+)"', client.get(HOME).text))
    assert len(beside) == 3
    assert press(client, HOME, beside, READ).location == HOME


def rows(office: Office) -> dict[str, tuple[int, int]]:
    with office.engine.connect() as connection:
        return {one.name: (one.failed, one.halves) for one in connection.execute(select(notices))}


def test_wrong_passwords_are_told_until_their_owner_knows(client: FlaskClient, door: Door, name: str) -> None:
    assert told(client) == ""
    guess(door, name)
    assert "Once, a wrong password or code was typed" in told(client)
    guess(door, name)
    assert "2 times, a wrong password or code was typed" in told(client)
    assert GRAVE not in told(client)
    know(client)
    assert told(client) == ""


def test_a_right_password_without_a_right_code_is_the_grave_one(client: FlaskClient, door: Door, name: str) -> None:
    attempt(door, name, "000000")
    assert f"Once, {GRAVE}" in told(client)
    assert "change it now" in told(client)
    show_password(door, name, PASSWORD, NOW + timedelta(minutes=1), check=lambda *_: True)
    assert f"2 times, {GRAVE}" in told(client), "also where no code was typed at all"
    assert "Once, a wrong password or code" in told(client)


def test_ones_own_slip_on_the_way_in_is_not_called_grave(office: Office, door: Door, name: str) -> None:
    half = show_password(door, name, PASSWORD, NOW, check=lambda *_: True)
    with pytest.raises(NotPermitted):
        show_code(door, half, "000000", NOW)
    show_code(door, half, code_at(SECRET, NOW), NOW)
    assert (notices_for(office, name).failed, notices_for(office, name).halves) == (1, 0)


def test_what_came_after_the_page_was_shown_is_still_told(office: Office, name: str) -> None:
    count_notice(office, name, failed=3, halves=1)
    seen = notices_for(office, name)
    count_notice(office, name, failed=1, halves=1)
    sign_out_member(office, "Mara", name, TODAY)
    say_known(office, name, seen.failed, seen.halves, seen.read_up_to)
    left = notices_for(office, name)
    assert (left.failed, left.halves, len(left.changes or ())) == (1, 1, 1)


def test_the_counts_outlive_the_hour_the_month_and_upkeep_and_end_at_a_hundred(
    client: FlaskClient, office: Office, door: Door, study: Study, name: str
) -> None:
    attempt(door, name, "000000")
    forget(office, datetime.now(UTC) + timedelta(days=40))
    maintain(study, TODAY)
    assert GRAVE in told(client)
    count_notice(office, name, failed=MOST + 50, halves=MOST)
    assert told(client).count("100 times or more") == 2
    assert rows(office)[name] == (MOST, MOST)
    know(client)
    assert told(client) == ""


def test_unknown_names_share_one_row_so_that_they_cost_as_much_and_are_not_kept(
    office: Office, door: Door, name: str
) -> None:
    before = rows(office)
    for typed in ("Nobody knows", "nor her", f"{name} not"):
        guess(door, typed)
    after = rows(office)
    assert set(after) - set(before) <= {""}
    assert after[""][0] == before.get("", (0, 0))[0] + 3


def test_nobody_is_told_what_is_anothers(app: Flask, study: Study, office: Office, door: Door, name: str) -> None:
    near = [name[:-1], f"{name}, coordinator", name.upper(), next(names)]
    attempt(door, name, "000000")
    sign_out_member(office, "Mara", name, TODAY)
    change_role(office, "Mara", name, "coordinator", TODAY, may_be_last=True)
    write_entry(office, name, Act.PASSWORD_CHANGED, TODAY)
    assert len(notices_for(office, name).changes or ()) == 3
    for other in near:
        employ(office, other)
        with app.test_client() as theirs:
            open_session(theirs, study, other)
            assert told(theirs) == "", other
            assert "About your sign-in" not in theirs.get("/office/own").text


def deeds(office: Office, name: str) -> dict[str, Callable[[], object]]:
    """Each change that is told, as its page or command makes it, or as its first line writes it down."""
    member = staff_named(office, name)
    assert member
    others: dict[str, Callable[[], object]] = {
        "recovery_codes_made": lambda: make_recovery_codes(office, member, TODAY),
        "staff_role_changed": lambda: change_role(office, "Mara", name, "coordinator", TODAY, may_be_last=True),
        "staff_disabled": lambda: disable(office, "Mara", name, TODAY, may_be_last=True),
        "staff_enabled": lambda: enable(office, "Mara", name, TODAY),
        "staff_signed_out": lambda: sign_out_member(office, "Mara", name, TODAY),
        "everybody_signed_out": lambda: sign_out_everybody(office, "Mara", TODAY),
        "staff_reset": lambda: reset_staff(office, "Mara", name, NOW, may_be_last=True),
    }
    own = {act.value: lambda act=act: write_entry(office, name, act, TODAY) for act in OWN}
    return own | others


def test_every_change_is_told_with_its_day_and_once_a_day_until_it_is_read(
    app: Flask, study: Study, office: Office, name: str
) -> None:
    made = deeds(office, name)
    assert set(SENTENCES) == set(made) == {*OWN, *BY_OTHERS, Act.STAFF_ROLE_CHANGED, Act.EVERYBODY_SIGNED_OUT}
    for deed in (*made.values(), made["passkey_added"]):
        deed()
    with app.test_client() as client:
        open_session(client, study, name)
        page = told(client)
        for sentence in SENTENCES.values():
            assert page.count(f"</strong>: {sentence}" % {"actor": "Mara"}) == 1
        assert len(re.findall("<strong>[^<]*23[^<]*2026</strong>: ", page)) == len(SENTENCES)
        assert "If any of this was not you" in page
        know(client)
        assert told(client) == ""


def test_a_recovery_code_that_is_used_is_told_and_one_that_is_none_is_not_written_down(
    client: FlaskClient, office: Office, door: Door, name: str
) -> None:
    code, *_ = new_recovery_codes(office, name)
    attempt(door, name, "ABCD-ABCD-ABCD-ABCD-ABCD-ABCD")
    assert "A recovery code was used" not in told(client)
    attempt(door, name, code, NOW + timedelta(minutes=1))
    assert "A recovery code was used in your name" in told(client)
    attempt(door, name, code, NOW + timedelta(minutes=2))
    assert [(one.actor, one.act) for one in read_journal(office)].count((name, "recovery_code_used")) == 1


def test_nobody_says_beforehand_that_they_know_and_no_other_site_says_it_for_them(
    client: FlaskClient, office: Office, name: str
) -> None:
    ahead = {"failed": "0", "halves": "0", "read_up_to": str(2**31 - 1)}
    press(client, HOME, ahead, READ)
    sign_out_everybody(office, "Mara", TODAY)
    assert notices_for(office, name)
    open_again = {"failed": "-5", "halves": "0", "read_up_to": "9" * 30}
    token = begin_session(office, name, datetime.now(UTC))
    with client.session_transaction() as kept:
        kept["token"] = token
    for typed in (open_again, open_again | {"failed": "x"}, {}):
        assert press(client, HOME, typed, READ).status_code == 303
    client.post(READ, data={"failed": "0", "halves": "0", "read_up_to": "99"})
    assert "ended every session of everybody" in told(client)
    assert notices_for(office, name).failed == 0


def test_a_journal_that_cannot_be_read_is_said_and_nothing_else_fails(
    client: FlaskClient, study: Study, office: Office, name: str
) -> None:
    write_entry(office, name, Act.PASSWORD_CHANGED, TODAY)
    with office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_update"))
        last = connection.scalar(text("select max(number) from journal"))
        before = connection.scalar(text("select entry from journal where number = :last"), {"last": last})
        spoilt = text("update journal set entry = :entry where number = :last")
        connection.execute(spoilt, {"entry": before[:-1], "last": last})
    assert "cannot be told" in told(client)
    assert notices_for(office, name) == Notices(0, 0, None, 0)
    with office.engine.begin() as connection:
        connection.execute(spoilt, {"entry": before, "last": last})
    assert "Your password was changed" in told(client)


def test_a_newcomer_is_told_of_their_own_coming_and_of_nothing_before(app: Flask, office: Office) -> None:
    name = next(names)
    sign_out_everybody(office, "Mara", TODAY)
    with app.test_client() as client:
        token = invite_staff(office, "Mara", name, "coordinator", datetime.now(UTC))
        press(client, "/office/join", {"token": token, "new_password": PASSWORD}, "/office/join/password")
    acts = [one.act for one in notices_for(office, name).changes or ()]
    assert acts == ["staff_joined"]


# ---- an administrator ends sessions


def test_an_administrator_ends_every_session_of_one_member(
    client: FlaskClient, office: Office, door: Door, name: str
) -> None:
    idris, owen = next(names), next(names)
    for one in (idris, owen):
        employ(office, one, "coordinator")
    theirs = [begin_session(office, idris, datetime.now(UTC)) for _ in range(2)]
    others = begin_session(office, owen, datetime.now(UTC))
    assert f'action="{STAFF}/sign-out"' in client.get(STAFF).text
    assert client.post(f"{STAFF}/sign-out", data={"name": idris}).status_code == 303
    assert signed_in(office, theirs[0], datetime.now(UTC)), "without the page's own token nothing is done"
    assert press(client, STAFF, {"name": idris}, f"{STAFF}/sign-out").location == STAFF
    assert not any(signed_in(office, token, datetime.now(UTC)) for token in theirs)
    assert signed_in(office, others, datetime.now(UTC))
    assert client.get(STAFF).status_code == 200
    last = read_journal(office)[-1]
    assert (last.actor, last.act, last.detail) == (name, "staff_signed_out", idris)
    press(client, STAFF, {"name": "Nobody"}, f"{STAFF}/sign-out")
    assert read_journal(office)[-1] == last


def test_a_command_ends_the_sessions_of_one_or_of_everybody(app: Flask, office: Office, name: str) -> None:
    def said(*words: str) -> tuple[int, str]:
        home = app.extensions["amanah_settings"].home
        ran = CliRunner().invoke(staff_commands.staff, ["sign-out", *words], env={"AMANAH_HOME": str(home)})
        return ran.exit_code, ran.output

    other, now = next(names), datetime.now(UTC)
    employ(office, other)
    own, theirs = begin_session(office, name, now), begin_session(office, other, now)
    which = "a NAME, or --all"
    for words, line in (((), which), ((name, "--all"), which), (("Vera",), "There is nobody")):
        assert said(*words)[0] == 1
        assert line in said(*words)[1]
    assert said(name)[0] == 0
    assert [bool(signed_in(office, token, now)) for token in (own, theirs)] == [False, True]
    assert said("--all") == (0, "Everybody is signed out everywhere.\n")
    assert not signed_in(office, theirs, now)
    acts = [(one.actor, one.act, one.detail) for one in read_journal(office)[-2:]]
    assert acts == [("command line", "staff_signed_out", name), ("command line", "everybody_signed_out", "")]
