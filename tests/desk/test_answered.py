"""What a form at the desk is answered by: shown at another address, for as long as one stays there, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_desk
from tests.desk.ceremonies import NAMES
from tests.desk.test_desk import token_in
from views.desk.answered import SHOWN_ON
from views.desk.state import ANSWER_WAITS, Desk

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

REFUSED = {"study": "working_together"} | NAMES | {"second": NAMES["first"]}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Desk]:
    """A client as plain as they come: it follows nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "test_client_class", None)
        patch.setenv("AMANAH_HOME", str(tmp_path_factory.mktemp("home")))
        app = create_desk()
        held = app.extensions["amanah_desk"]
        client = app.test_client()
    client.get(f"/open/{held.token}")
    return client, held


def refused(client: FlaskClient) -> str:
    """Where a ceremony is shown that cannot begin: two custodians of one name."""
    token = token_in(client.get("/keys/new").text)
    answer = client.post("/keys/new", data={"csrf_token": token, **REFUSED})
    assert answer.status_code == 303
    return str(answer.location)


def test_an_answer_is_shown_elsewhere_with_what_was_typed_and_again_when_loaded_again(
    desk: tuple[FlaskClient, Desk],
) -> None:
    address = refused(desk[0])
    for _ in range(2):
        page = desk[0].get(address).text
        assert 'role="alert"' in page
        assert page.count(f'value="{NAMES["first"]}"') == 2


def test_it_goes_with_the_next_page_and_with_locking_and_with_time(desk: tuple[FlaskClient, Desk]) -> None:
    client, held = desk
    for leave in (lambda: client.get("/"), held.forget, lambda: held.forget_idle(held.touched + ANSWER_WAITS + 1)):
        address = refused(client)
        assert 'role="alert"' in client.get(address).text
        leave()
        assert held.answer is None
        assert 'role="alert"' not in client.get(address).text


class Slow(BytesIO):
    """What a browser sends: while it is read, somebody locks the desk in another window."""

    def __init__(self, sent: bytes, lock: Callable[[], object]) -> None:
        super().__init__(sent)
        self.locking = Thread(target=lock)

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self.locking.ident is None:
            self.locking.start()
            self.locking.join(0.3)
        return super().readinto(buffer)


def test_a_lock_in_the_middle_of_a_form_takes_its_answer_too(desk: tuple[FlaskClient, Desk]) -> None:
    client, held = desk
    told = {"csrf_token": token_in(client.get("/keys/new").text)}
    sent = Slow(urlencode(told | REFUSED).encode(), lambda: client.post("/close", data=told))
    kind, length = "application/x-www-form-urlencoded", len(sent.getvalue())
    address = client.post("/keys/new", input_stream=sent, content_type=kind, content_length=length).location
    sent.locking.join()
    assert address is not None
    assert "answer=" in address
    assert held.answer is None
    assert 'role="alert"' not in client.get(address).text


def test_the_number_of_another_answer_shows_none(desk: tuple[FlaskClient, Desk]) -> None:
    address = refused(desk[0])
    assert 'role="alert"' not in desk[0].get(address + "0").text


def test_nobody_without_the_cookie_leaves_an_answer_or_sees_one(desk: tuple[FlaskClient, Desk]) -> None:
    client, held = desk
    address = refused(client)
    stranger = client.application.test_client()
    assert stranger.get(address).status_code == 403
    assert stranger.post("/keys/new", data=REFUSED).status_code == 403
    assert 'role="alert"' in client.get(address).text
    assert held.answer is not None


def test_every_form_has_a_page_that_can_show_its_answer(desk: tuple[FlaskClient, Desk]) -> None:
    rules = [rule for rule in desk[0].application.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    shows = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert set(SHOWN_ON.values()) <= shows
    assert set(SHOWN_ON) <= {rule.endpoint for rule in rules} - shows


def test_a_form_for_a_desk_that_was_started_again_is_answered_elsewhere_and_told_what_happened(
    desk: tuple[FlaskClient, Desk],
) -> None:
    browser = desk[0].application.test_client()
    browser.set_cookie("amanah_desk_0f0f0f0f", "of the desk before")
    answer = browser.post("/keys/new", data=REFUSED)
    assert (answer.status_code, answer.location) == (303, "/")
    told = browser.get("/")
    assert (told.status_code, "was started again" in told.text) == (403, True)
    assert browser.get("/still").status_code == 403
    assert desk[0].get("/still").status_code == 204
