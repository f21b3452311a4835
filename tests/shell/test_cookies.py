"""The staff's cookie, and the desk's: as tightly bound as a browser can bind one. A participant gets none."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature

from app import create_desk
from config import Settings
from fieldwork.study import Study
from tests.staff import csrf_in, sign_in_as


def cookie_of(set_cookie: str) -> dict[str, str | bool]:
    name, morsel = next(iter(SimpleCookie(set_cookie).items()))
    return {"name": name, **{key: morsel[key] for key in ("secure", "httponly", "samesite", "path", "domain")}}


def test_over_tls_the_cookie_is_bound_to_this_host_alone(standing_app: Flask, visitor: FlaskClient) -> None:
    answer = visitor.get("/office/sign-in", base_url="https://localhost")
    assert cookie_of(answer.headers["Set-Cookie"]) == {
        "name": "__Host-amanah", "secure": True, "httponly": True, "samesite": "Strict", "path": "/", "domain": "",
    }  # fmt: skip
    assert standing_app.config["SESSION_COOKIE_HTTPONLY"] is True


def test_on_loopback_without_tls_only_secure_is_missing(field: FlaskClient) -> None:
    told = cookie_of(field.get("/office/sign-in").headers["Set-Cookie"])
    assert (told["name"], told["secure"]) == ("amanah", "")
    assert (told["httponly"], told["samesite"], told["domain"]) == (True, "Strict", "")


def test_the_desks_cookie_is_strict_too(standing_desk: Flask) -> None:
    told = standing_desk.test_client().get(f"/open/{standing_desk.extensions['amanah_desk'].token}")
    cookie = cookie_of(told.headers["Set-Cookie"])
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_two_desks_on_one_machine_do_not_throw_each_other_out(settings: Settings) -> None:
    """A cookie knows no port: a browser has one jar for both."""
    first, second = create_desk(settings), create_desk(settings)
    names = [app.config["SESSION_COOKIE_NAME"] for app in (first, second)]
    assert names[0] != names[1]
    visitor = first.test_client()
    visitor.get(f"/open/{first.extensions['amanah_desk'].token}")
    other = second.test_client()
    set_by_it = cookie_of(other.get(f"/open/{second.extensions['amanah_desk'].token}").headers["Set-Cookie"])
    visitor.set_cookie(set_by_it["name"], "another desk's")
    assert visitor.get("/").status_code == 200
    refused = first.test_client().get("/")
    assert (refused.status_code, "Start the desk again" in refused.text) == (403, True)


def test_neither_the_field_app_nor_the_desk_takes_the_others_cookie(
    field: FlaskClient, study: Study, settings: Settings
) -> None:
    """On one machine without TLS a browser sends both to both: a cookie knows no port."""
    desk = create_desk(settings)
    sign_in_as(field, study, "administrator", "Mara")
    visitor = desk.test_client()
    assert visitor.get(f"/open/{desk.extensions['amanah_desk'].token}").status_code == 303
    assert (field.get("/office").status_code, visitor.get("/").status_code) == (200, 200)
    of_field, of_desk = field.get_cookie("amanah"), visitor.get_cookie(desk.config["SESSION_COOKIE_NAME"])
    assert of_field
    assert of_desk
    for name in ("amanah", desk.config["SESSION_COOKIE_NAME"]):
        stranger = desk.test_client()
        stranger.set_cookie(name, of_field.value)
        assert stranger.get("/").status_code == 403
        thief = field.application.test_client()
        thief.set_cookie(name, of_desk.value)
        assert thief.get("/office").location == "/office/sign-in"
    # And nothing in them could be read there: what signs the one does not sign the other.
    for app, cookie in ((desk, of_field), (field.application, of_desk)):
        with pytest.raises(BadSignature):
            SecureCookieSessionInterface().get_signing_serializer(app).loads(cookie.value)  # type: ignore[union-attr]


def test_a_participants_page_sets_no_cookie(visitor: FlaskClient) -> None:
    for path in ("/", "/visit/young_person", "/withdraw", "/tablet", "/nowhere", "/visit/done"):
        assert "Set-Cookie" not in visitor.get(path).headers


@pytest.mark.parametrize("token", ["", "wrong", "IjEyMyI.aaaa.bbbb"])
def test_a_form_without_its_own_token_changes_nothing(visitor: FlaskClient, token: str) -> None:
    visitor.get("/office/sign-in", base_url="https://localhost")
    typed = {"name": "Mara", "password": "five quiet words in a row", "csrf_token": token}
    answer = visitor.post("/office/sign-in", data=typed, base_url="https://localhost")
    assert answer.status_code == 200, "the page again: neither let in nor told that a password was wrong"


def test_a_token_of_another_browser_is_worth_nothing(standing_app: Flask) -> None:
    one, other = standing_app.test_client(), standing_app.test_client()
    stolen = csrf_in(one.get("/office/sign-in", base_url="https://localhost").text)
    other.get("/office/sign-in", base_url="https://localhost")
    typed = {"name": "Nobody", "password": "five quiet words in a row", "csrf_token": stolen}
    answer = other.post("/office/sign-in", data=typed, base_url="https://localhost")
    assert answer.status_code == 200, "refused before a password is looked at"


def test_a_token_lives_as_long_as_a_session_can(standing_app: Flask, standing_desk: Flask) -> None:
    for app in (standing_app, standing_desk):
        assert timedelta(seconds=app.config["WTF_CSRF_TIME_LIMIT"]) == timedelta(hours=12)
