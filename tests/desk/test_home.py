"""The desk's home page: every task is a door, and what is left alone too long is forgotten and says so."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_desk
from config import Settings
from views.desk.state import Desk
from views.desk.tasks import GROUPS
from views.work import awake


@pytest.fixture
def desk(settings: Settings) -> FlaskClient:
    app = create_desk(settings)
    client = app.test_client()
    client.get(f"/open/{app.extensions['amanah_desk'].token}")
    return client


def kept(desk: FlaskClient) -> Desk:
    found = desk.application.extensions["amanah_desk"]
    assert isinstance(found, Desk)
    return found


@dataclass
class Thing:
    """Something that a task holds."""

    patience: float = 60
    farewell: str = "Nothing was made."
    is_forgotten: bool = False

    def forget(self) -> None:
        self.is_forgotten = True


def test_every_task_is_a_door_with_its_sentence_and_leads_to_a_page(desk: FlaskClient) -> None:
    page = html.unescape(desk.get("/").text)
    for task in (task for group in GROUPS for task in group.tasks):
        assert str(task.title) in page
        assert str(task.sentence) in page
    doors = [part.split('"')[0] for part in page.split('class="door" href="')[1:]]
    assert len(doors) == sum(len(group.tasks) for group in GROUPS)
    assert {desk.get(door).status_code for door in doors} == {200}


def test_what_was_left_alone_is_forgotten_and_the_home_page_says_so_once(desk: FlaskClient) -> None:
    held = kept(desk)
    held.held["a task"] = thing = Thing()
    held.forget_idle(held.touched + 59)
    assert not thing.is_forgotten
    assert "Lock and forget" in desk.get("/").text
    held.forget_idle(held.touched + 61)
    assert thing.is_forgotten
    assert (held.held, held.is_holding) == ({}, False)
    assert "Nothing was made." in desk.get("/").text
    assert "Nothing was made." not in desk.get("/").text


def test_a_closed_lid_is_idle_time_too(desk: FlaskClient, tmp_path: Path) -> None:
    held = kept(desk)
    held.held["a task"] = thing = Thing()
    assert Desk(tmp_path).clock is held.clock is awake
    held.clock = lambda: held.touched + 61  # as after a sleep, of which time.monotonic knows nothing
    desk.get("/")
    assert thing.is_forgotten


def test_a_page_that_is_asked_for_is_a_sign_of_life(desk: FlaskClient) -> None:
    held = kept(desk)
    held.touched -= 59
    held.held["a task"] = thing = Thing()
    desk.get("/")
    held.forget_idle(held.touched + 59)
    assert not thing.is_forgotten
    held.touched -= 61
    desk.get("/")
    assert thing.is_forgotten
