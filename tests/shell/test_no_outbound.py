"""The field app asks nobody for anything: with every way out closed, all that it does still works."""

from __future__ import annotations

import socket
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from tests.staff import csrf_in, press
from tests.visits import amina


@pytest.fixture
def walled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No connection can be made and no name be asked for; what was tried is noted."""
    tried: list[object] = []

    def refuse(*told: object, **words: object) -> None:
        tried.append(told)
        raise OSError("no way out")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    return tried


def test_the_wall_holds(walled: list[object]) -> None:
    with pytest.raises(OSError, match="no way out"):
        socket.create_connection(("127.0.0.1", 9))
    assert len(walled) == 1


def test_nothing_is_asked_of_anybody_else(signed_in: FlaskClient, study: Study, walled: list[object]) -> None:
    rules = [rule for rule in signed_in.application.url_map.iter_rules() if "GET" in rule.methods]
    for rule in rules:
        with signed_in.get(rule.rule.replace("<group>", "young_person")) as answer:
            assert answer.status_code < 500, rule.rule
    assert signed_in.post("/visit/young_person", data=amina(study.instrument, o_recontact="yes")).status_code == 200
    token = csrf_in(signed_in.get("/office/instruments").text)
    form = {"csrf_token": token, "place": "", "file": (BytesIO(b"no workbook"), "form.xlsx")}
    assert signed_in.post("/office/instruments/check", data=form).status_code == 422
    assert press(signed_in, "/office", {}, "/office/bundle").status_code == 200
    assert walled == []
