"""Every address of the app against every kind of person: one walk over the route map, so that no page is forgotten.

A new page is one row in views/office/__init__.py or views/field/doors.py; a new argument, one in tests/routes.py.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import get_args

import click
import pytest
from flask import Flask
from wtforms.fields.core import UnboundField

import forms
from errors import SettingsError
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.approvals import propose_keys
from fieldwork.enrolling import revoke
from fieldwork.roles import ALLOWED, FRESH, ROLES, May, Role, may
from fieldwork.staff.sessions import hash_of
from tests.conftest import Keys
from tests.everybody import NOBODY, NOW, OUTSIDERS, STAFF, House, ask, everybody, methods_of, new_keys, told
from tests.routes import address
from tests.staff import bearer, csrf_in
from views.field.doors import DOORS, check_doors

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> House:
    return everybody(tmp_path_factory.mktemp("routes") / "instance", keys)


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
    after = house.kept()
    # A session that is over is taken away at its next knock.
    assert len(before.pop("sign_ins")) - len(after.pop("sign_ins")) == (who == "idle")
    assert after == before


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
            # No page and no download of the staff's stays in a browser.
            assert answer.headers["Cache-Control"] == "no-store", rule
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


# ---- what is not yours, and what is not there (R11)


def test_what_is_somebody_elses_is_answered_as_what_does_not_exist(house: House) -> None:
    others, own = (propose_keys(house.study, who, new_keys(who), date.today()) for who in ("Nadia", "Mara"))
    theirs_to_take, ours = ({"key": one.key, "digest": one.digest} for one in (others, own))
    nobodys, nadia, mara = {"key": "0" * 32, "digest": "0" * 64}, house.clients["Nadia"], house.clients["Mara"]
    theirs = house.enter("another", "Idris")
    with theirs.session_transaction() as kept:
        session = hash_of(kept["token"]).hex()
    foreign = [
        # who, where, what is there and not theirs to touch, what is not there
        (nadia, "confirm", theirs_to_take, nobodys),
        (nadia, "refuse", theirs_to_take, nobodys),
        (mara, "withdraw", theirs_to_take, nobodys),
        (house.clients["Idris"], "confirm", theirs_to_take, nobodys),
        (house.clients["Idris"], "withdraw", ours, nobodys),
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
