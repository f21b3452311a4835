"""Every address of the app against every kind of person: one walk over the route map, so that no page is forgotten.

A new page is one row in views/office/__init__.py or views/field/doors.py; a new argument, one in tests/routes.py.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import get_args

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

import forms
from app import create_app
from commands import opened_study
from errors import SettingsError
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.approvals import propose_keys
from fieldwork.drafts import draft_folder, mark_of_draft
from fieldwork.enrolling import Wanted, batches, make_invitations, revoke
from fieldwork.roles import ALLOWED, FRESH, ROLES, May, Role, may
from fieldwork.staff.sessions import FRESH_FOR, LONGEST_IDLE, hash_of
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.members import change_member
from storage.office import metadata, tallies
from storage.staff import add_staff
from storage.vaults import count
from tests.conftest import STUDY, Keys, counted_bytes, new_instance
from tests.routes import address
from tests.staff import PASSWORD, bearer, csrf_in, open_session
from views.field.doors import DOORS, check_doors

NOW = datetime.now(UTC)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
# Who asks. The last four hold a cookie that once was good, or never.
STAFF: dict[str, str] = {"Mara": "administrator", "Idris": "coordinator"}
NOBODY = ("stranger", "disabled", "idle", "forged")
OUTSIDERS = ("police", "school", "funder", "", "Administrator")
# What changes by being looked at: when a session was last used, how often somebody guessed, which secret is offered.
RESTLESS: dict[str, set[str]] = {"sign_ins": {"used"}, "throttle": set(), "totp_offers": set()}


@dataclass
class House:
    """One instance with everybody at its doors."""

    app: Flask
    study: Study
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def rules(self) -> list[Rule]:
        return list(self.app.url_map.iter_rules())

    @property
    def staff_rules(self) -> list[tuple[Rule, May]]:
        views = self.app.view_functions
        return [(one, views[one.endpoint].act) for one in self.rules if hasattr(views[one.endpoint], "act")]

    def enter(self, who: str, name: str, now: datetime = NOW) -> FlaskClient:
        self.clients[who] = self.app.test_client()
        open_session(self.clients[who], self.study, name, now)
        return self.clients[who]

    def kept(self) -> dict[str, object]:
        """Everything that the instance keeps, but what changes by being looked at."""
        office = self.study.stores.office
        found: dict[str, object] = {}
        with office.engine.connect() as connection:
            for name, table in metadata.tables.items():
                if RESTLESS.get(name) != set():
                    columns = [one for one in table.c if one.name not in RESTLESS.get(name, ())]
                    rows = map(repr, connection.execute(select(*columns)))
                    # That somebody was refused is written down, once a day.
                    found[name] = sorted(row for row in rows if '"act":"not_permitted"' not in row)
        folder = self.app.extensions["amanah_settings"].home / "studies"
        found["sheets"] = sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))
        stores = self.study.stores
        return found | {"records": (count(stores.research), count(stores.identity), tallies(office))}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> House:
    settings = new_instance(tmp_path_factory.mktemp("routes") / "instance", keys)
    made = House(create_app(settings), opened_study(settings))
    office = made.study.stores.office
    for name, role in (STAFF | {"Zara": "administrator", "Nadia": "administrator", "Lazy": "administrator"}).items():
        add_staff(office, name, role, None)
        made.enter(name, name)
    for role in OUTSIDERS:
        add_staff(office, f"of {role}", role, None)
        made.enter(f"of {role}", f"of {role}")
    made.clients["stranger"] = made.app.test_client()
    made.clients["disabled"] = made.clients.pop("Zara")
    change_member(office, "Zara", may_be_last=True, disabled=True)
    made.enter("idle", "Lazy", NOW - LONGEST_IDLE - timedelta(minutes=1))
    made.enter("stale", "Mara", NOW - FRESH_FOR - timedelta(minutes=1))
    made.clients["forged"] = made.app.test_client()
    made.clients["forged"].set_cookie("amanah", "eyJ0b2tlbiI6IngifQ.aa.bb")
    return made


def methods_of(rule: Rule) -> list[str]:
    return sorted(rule.methods or ())


def told(answer: TestResponse) -> tuple[int, str, str]:
    """An answer as somebody who compares two would see it: each page has its own token, each refusal its number."""
    return answer.status_code, answer.location or "", re.sub(r'value="[^"]*"|\b[0-9a-f]{8}\b', "", answer.text)


def ask(client: FlaskClient, rule: Rule, method: str, **words: object) -> TestResponse:
    return client.open(address(rule), method=method, buffered=True, **words)  # type: ignore[arg-type]  # what the client takes


def test_an_address_that_nobody_listed_keeps_the_app_from_starting() -> None:
    for name, has_act in (("new.page", False), ("field.start", True)):
        app = Flask("new", static_folder=None)
        view = lambda: ""  # noqa: E731 (a page in one line)
        if has_act:
            view.act = May.SEE_PROGRESS  # type: ignore[attr-defined]
        app.add_url_rule("/new", name, view)
        with pytest.raises(SettingsError, match=r"The address /new .*doors\.py"):
            check_doors(app)


def test_every_door_that_is_listed_is_there(house: House) -> None:
    assert set(DOORS) == {one.endpoint for one in house.rules} - {one.endpoint for one, _ in house.staff_rules}


def test_every_act_stands_in_the_table_and_no_role_but_the_two_can_be_given(house: House) -> None:
    assert set(ALLOWED) == set(May)
    assert set(ROLES) == set(get_args(Role)) == {"administrator", "coordinator"}
    assert not [act for act in May for role in OUTSIDERS if may(role, act)]
    assert set().union(*ALLOWED.values()) == set(ROLES)
    given = [*_roles_of_commands(house.app.cli), *_roles_of_forms()]
    assert [one for one in given if not one[1] <= set(ROLES)] == []


def _roles_of_commands(group: click.Group) -> Iterator[tuple[str, set[str]]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _roles_of_commands(command)
        for one in command.params:
            if one.name == "role":
                assert isinstance(one.type, click.Choice), f"flask {name}: a role is chosen among those of the table"
                yield name, set(map(str, one.type.choices))


def _roles_of_forms() -> Iterator[tuple[str, set[str]]]:
    for module in pkgutil.iter_modules(forms.__path__):
        for name, form in inspect.getmembers(import_module(f"forms.{module.name}"), inspect.isclass):
            found = getattr(form, "role", None)
            if isinstance(found, UnboundField) and "choices" in found.kwargs:
                yield name, {getattr(one, "value", None) or one[0] for one in found.kwargs["choices"]}


@pytest.mark.parametrize("who", NOBODY)
def test_whoever_is_not_signed_in_is_sent_to_the_door_from_every_staff_page(house: House, who: str) -> None:
    before = house.kept()
    for rule, _ in house.staff_rules:
        for method in methods_of(rule):
            answer = ask(house.clients[who], rule, method)
            assert (answer.status_code, answer.location) == (303, "/office/sign-in"), (rule, method)
    assert house.kept() == before


@pytest.mark.parametrize("role", OUTSIDERS)
def test_a_row_with_an_unknown_role_may_do_nothing(house: House, role: str) -> None:
    before = house.kept()
    answers = {
        told(ask(house.clients[f"of {role}"], one, "POST" if "POST" in (one.methods or ()) else "GET"))
        for one, _ in house.staff_rules
    }
    assert [(status, location) for status, location, _ in answers] == [(403, "")]
    assert house.kept() == before


@pytest.mark.parametrize("name", STAFF)
def test_each_role_opens_what_the_table_gives_it_and_nothing_else(house: House, name: str) -> None:
    closed = set()
    for rule, act in house.staff_rules:
        for method in set(methods_of(rule)) - {"HEAD"}:
            answer = ask(house.clients[name], rule, method)
            if may(STAFF[name], act):
                assert answer.status_code in (
                    (200, 303, 404) if method != "POST" else (200, 303, 400, 403, 404, 422)
                ), (
                    rule,
                    method,
                )
                # A passkey that is none is refused with the same number, and other words.
                assert b"Your role does not include" not in answer.data, rule
                assert answer.location != "/office/sign-in", rule
            else:
                assert answer.status_code == 403, (rule, method)
                closed.add(told(answer))
    # A page that is closed looks like every other one.
    assert len(closed) == (0 if name == "Mara" else 1)


def test_what_is_dangerous_asks_for_a_factor_again(house: House) -> None:
    dangerous = [rule for rule, act in house.staff_rules if act in FRESH]
    assert len(dangerous) > 5
    before = house.kept()
    for rule in dangerous:
        for method in set(methods_of(rule)) - {"HEAD"}:
            answer = ask(house.clients["stale"], rule, method)
            wanted = (403, None) if method == "POST" else (303, "/office/again")
            assert (answer.status_code, answer.location) == wanted, (rule, method)
    assert house.kept() == before


def test_every_method_that_a_page_does_not_use_is_refused_and_changes_nothing(house: House) -> None:
    before = house.kept()
    used: dict[str, set[str]] = {}
    for rule in house.rules:
        used.setdefault(address(rule), set()).update(rule.methods or ())
    for path, methods in used.items():
        for method in set(METHODS) - methods:
            answer = house.clients["Mara"].open(path, method=method, buffered=True)
            assert answer.status_code in (404, 405), (path, method)
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Werkzeug" not in answer.text
    assert house.kept() == before


def test_what_is_open_to_anyone_is_the_same_with_a_cookie_and_gives_none(house: House) -> None:
    for rule in house.rules:
        if DOORS.get(rule.endpoint) != "anyone":
            continue
        for method in set(methods_of(rule)) - {"HEAD"}:
            answers = [ask(house.clients[who], rule, method) for who in ("stranger", "forged", "Mara", "of police")]
            assert all("Set-Cookie" not in one.headers for one in answers), rule
            assert len({one.status_code for one in answers}) == 1, rule
            if rule.endpoint != "field.walk_in":  # each gets a token of their own
                assert len({told(one) for one in answers}) == 1, rule


def test_a_device_is_known_by_its_token_and_never_by_a_cookie(house: House) -> None:
    code = new_enrolment(house.study, "T9", "1", NOW)
    token, _ = enrol_tablet(house.study, code, NOW)
    tablet = {
        one.endpoint: ask(house.clients["stranger"], one, methods_of(one)[0], headers=bearer(token))
        for one in house.rules
        if one.endpoint == "field.admission"
    }
    assert [one.status_code for one in tablet.values()] == [200]
    revoke(house.study, "Mara", "T9", date.today())
    before = house.kept()
    for rule in house.rules:
        if DOORS.get(rule.endpoint) != "device":
            continue
        for method in set(methods_of(rule)) - {"HEAD"}:
            for headers in ({}, bearer("nobody's"), bearer(token), {"Authorization": "Basic TWFyYTp4"}):
                answers = {told(ask(house.clients[who], rule, method, headers=headers)) for who in ("stranger", "Mara")}
                assert [status for status, _, _ in answers] == [401], (rule, headers)
    assert house.kept() == before


# ---- a button pressed elsewhere (R10)

# What would really happen if no token were asked for, by endpoint. A page without a row is pressed with nothing typed.
TYPED: dict[str, dict[str, str]] = {
    "office.sign_in": {"name": "Mara", "password": PASSWORD},
    "office.tablets": {"name": "T1", "site": "1"},
    "office.revoke_tablet": {"name": "T8"},
    "office.invitations": {"kind": "single", "number": "2", "group": "", "site": "", "language": ""},
    "office.name_draft": {"version": "9"},
    "office.adopt_draft": {"agreed": "y", "breaking": "y"},
}


@pytest.fixture
def typed(house: House, keys: Keys) -> Iterator[dict[str, dict[str, str]]]:
    """Something for every button to be about: it would do what it says."""
    study, today = house.study, date.today()
    enrol_tablet(study, new_enrolment(study, "T8", "1", NOW), NOW)
    make_invitations(study, "Idris", Wanted("single", "", "", "", today + timedelta(days=9)), 2, today)
    folder = house.app.extensions["amanah_settings"].study_folder
    shutil.copytree(folder, draft_folder(folder))
    others, own = (propose_keys(study, who, new_keys(who), today) for who in ("Nadia", "Mara"))
    yield TYPED | {
        "office.invitations": TYPED["office.invitations"] | {"until": (today + timedelta(days=9)).isoformat()},
        "office.withdraw_invitations": {"key": batches(study, today)[0].key.hex()},
        "office.adopt_draft": TYPED["office.adopt_draft"] | {"read": mark_of_draft(folder)},
        "office.confirm_proposal": {"key": others.key, "digest": others.digest},
        "office.refuse_proposal": {"key": others.key, "digest": others.digest},
        "office.take_back": {"key": own.key, "digest": own.digest},
        "office.end_session": {"key": hash_of("another").hex()},
    }
    shutil.rmtree(draft_folder(folder), ignore_errors=True)
    revoke(study, "Mara", "T8", today)


def new_keys(seed: str) -> bytes:
    random_bytes = counted_bytes(seed)
    made = (new_private_key(purpose, STUDY, random_bytes).public() for purpose in ("research", "identity"))
    return Keyring(STUDY, tuple(made)).to_json()


def test_no_button_works_without_the_token_of_ones_own_session(house: House, typed: dict[str, dict[str, str]]) -> None:
    mara, others = house.clients["Mara"], csrf_in(house.clients["Nadia"].get("/office").text)
    before = house.kept()
    pressed = 0
    for rule in house.rules:
        if "POST" in (rule.methods or ()) and DOORS.get(rule.endpoint) in (None, "sign-in"):
            for token in ({"csrf_token": others}, {}):
                answer = ask(mara, rule, "POST", data=typed.get(rule.endpoint, {}) | token)
                assert answer.status_code in (200, 303, 400, 403, 404, 422), (rule, answer.status_code)
                assert house.kept() == before, f"{rule} changed something without its token"
                if "draft" in rule.endpoint:
                    break  # it compares whole studies, and another session's token stands for none
            pressed += 1
    assert pressed > 15
    # The same, with the token: what was typed does do something, so the refusals were the token's.
    own = {"csrf_token": csrf_in(mara.get("/office").text)}
    for endpoint in ("revoke_tablet", "withdraw_invitations", "take_back", "refuse_proposal", "drop_draft"):
        before = house.kept()
        rule = next(one for one in house.rules if one.endpoint == f"office.{endpoint}")
        assert ask(mara, rule, "POST", data=typed.get(rule.endpoint, {}) | own).status_code == 303
        assert house.kept() != before, endpoint


def test_signing_out_is_a_button_of_ones_own_page_too(house: House) -> None:
    lazy = house.enter("leaving", "Idris")
    others = csrf_in(house.clients["Nadia"].get("/office").text)
    for token in ({}, {"csrf_token": others}):
        lazy.post("/office/sign-out", data=token)
        assert lazy.get("/office").status_code == 200
    lazy.post("/office/sign-out", data={"csrf_token": csrf_in(lazy.get("/office").text)})
    assert lazy.get("/office").status_code == 303


# ---- what is not yours, and what is not there (R11)


def test_what_is_somebody_elses_is_answered_as_what_does_not_exist(
    house: House, typed: dict[str, dict[str, str]]
) -> None:
    nobodys, nadia, mara = {"key": "0" * 32, "digest": "0" * 64}, house.clients["Nadia"], house.clients["Mara"]
    theirs = house.enter("another", "Idris")
    with theirs.session_transaction() as kept:
        session = hash_of(kept["token"]).hex()
    foreign = [
        # who, where, what is there and not theirs to touch, what is not there
        (nadia, "confirm", typed["office.confirm_proposal"], nobodys),
        (nadia, "refuse", typed["office.refuse_proposal"], nobodys),
        (mara, "withdraw", typed["office.confirm_proposal"], nobodys),
        (house.clients["Idris"], "confirm", typed["office.confirm_proposal"], nobodys),
        (house.clients["Idris"], "withdraw", typed["office.take_back"], nobodys),
    ]
    answers = [(f"/office/approvals/{where}", who, there, gone) for who, where, there, gone in foreign]
    answers.append(("/office/own/sessions/end", mara, {"key": session}, {"key": "0" * 64}))
    before = house.kept()
    for path, who, there, gone in answers:
        token = {"csrf_token": csrf_in(who.get("/office").text)}
        first, second = (told(who.post(path, data=words | token)) for words in (there, gone))
        assert first == second, path
        assert house.kept() == before, path
    assert theirs.get("/office").status_code == 200


ODD = ("nobody", "../office", "%2e%2e%2foffice", "young_person%00", "' or 1=1 --", "{{7*7}}", "a" * 300)


@pytest.mark.parametrize(
    "path", ["/visit/{}", "/office/instruments/workbook?version={}", "/office/instruments/classes?form={}"]
)
def test_no_name_in_an_address_is_told_from_another_that_is_not_there(house: House, path: str) -> None:
    answers = {told(house.clients["Mara"].get(path.format(odd))) for odd in ODD}
    assert [status for status, _, _ in answers] == [404]
