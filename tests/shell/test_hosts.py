"""Only our own hosts are answered for, and a proxy is believed only as far as settings say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app import create_app
from config import LOOPBACK, Settings, read_settings
from errors import SettingsError
from views.hosts import HostBound, answer_for, is_ours

STRANGERS = [
    "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "localhost.",
    "127.0.0.1@evil.example", "127.0.0.1, evil.example", "[::2]", "::1", "", " ", "localhost:", "localhost:8000:1",
]  # fmt: skip


@pytest.mark.parametrize("host", STRANGERS)
@pytest.mark.parametrize("path", ["/", "/nowhere", "/office/sign-in", "/static/x"])
def test_a_strangers_host_gets_an_empty_400(visitor: FlaskClient, host: str, path: str) -> None:
    for headers in ({}, {"Accept": "application/json"}, {"X-Forwarded-Host": "localhost"}):
        answer = visitor.get(path, headers={"Host": host} | headers)
        assert (answer.status_code, answer.data) == (400, b"")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:65535", "[::1]:8000", "[::1]"])
def test_our_hosts_are_answered_for_at_any_port(visitor: FlaskClient, host: str) -> None:
    assert visitor.get("/", headers={"Host": host}).status_code == 200


def test_the_desk_knows_loopback_names_only(standing_desk: Flask) -> None:
    client = standing_desk.test_client()
    assert client.get("/", headers={"Host": "127.0.0.1:8001"}).status_code == 403
    refused = client.get("/", headers={"Host": "desk.evil.example"})
    assert (refused.status_code, refused.data) == (400, b"")


def test_named_hosts_take_the_place_of_loopback(standing_settings: Settings) -> None:
    app = create_app(replace(standing_settings, hosts=("study.example.org",)))
    client = app.test_client()
    assert client.get("/", headers={"Host": "study.example.org"}).status_code == 200
    assert client.get("/", headers={"Host": "localhost"}).status_code == 400


def asked(proxies: int) -> FlaskClient:
    """An app that tells whom and how it takes a visitor to be."""
    app = HostBound("asked")
    answer_for(app, LOOPBACK, proxies)
    app.add_url_rule("/", "who", lambda: f"{request.remote_addr} {request.scheme} {request.url_root}")
    return app.test_client()


SAID = {
    "X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3",
    "X-Forwarded-Proto": "https, https, https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=192.0.2.9;host=evil.example;proto=https",
}


@pytest.mark.parametrize(
    ("proxies", "told"),
    [
        (0, "127.0.0.1 http http://localhost/"),
        (1, "192.0.2.3 https https://localhost/"),
        (2, "192.0.2.2 https https://localhost/"),
        # Fewer entries than proxies: somebody went around them, and nothing is believed.
        (4, "127.0.0.1 http http://localhost/"),
    ],
)
def test_a_proxy_is_believed_as_often_as_settings_say(proxies: int, told: str) -> None:
    assert asked(proxies).get("/", headers=SAID).text == told


def test_a_header_that_is_not_there_names_no_host() -> None:
    assert not is_ours("", LOOPBACK)


def settings_with(home: Path, told: str, environment: dict[str, str]) -> Settings:
    home.mkdir()
    (home / "settings.toml").write_text(told, "utf-8")
    return read_settings(home, environment)


def test_hosts_are_read_from_one_text(tmp_path: Path) -> None:
    found = settings_with(tmp_path / "a", 'hosts = "Study.Example.org, 192.0.2.7 [2001:db8::1]"', {})
    assert found.hosts == ("study.example.org", "192.0.2.7", "[2001:db8::1]")
    assert settings_with(tmp_path / "b", "", {}).hosts == LOOPBACK


@pytest.mark.parametrize(
    ("told", "environment", "word"),
    [
        ('hosts = "https://study.example.org"', {}, "hosts"),
        ('hosts = "study.example.org:443"', {}, "hosts"),
        ('hosts = ".example.org"', {}, "hosts"),
        ('hosts = "*"', {}, "hosts"),
        ("trusted_proxies = true", {}, "whole number"),
        ("trusted_proxies = 9", {}, "trusted_proxies"),
        ("", {"AMANAH_TRUSTED_PROXIES": "one"}, "whole number"),
        ('security_contact = "javascript:alert(1)"', {}, "security_contact"),
        ('security_contact = "mailto:a@example.org\\nExpires: never"', {}, "security_contact"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_name(
    tmp_path: Path, told: str, environment: dict[str, str], word: str
) -> None:
    with pytest.raises(SettingsError, match=word):
        settings_with(tmp_path / "a", told, environment)


def test_the_environment_may_say_how_many_proxies(tmp_path: Path) -> None:
    assert settings_with(tmp_path / "a", "", {"AMANAH_TRUSTED_PROXIES": "2"}).trusted_proxies == 2
