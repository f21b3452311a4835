"""Open text at the desk: one answer at a time, of nobody one can tell; proposals one by one; two coders apart."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app import create_desk
from config import Settings
from instruments.model import Instrument
from release.review.answers import answers, decisions, state_of
from release.review.themes import coding
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of
from views.desk.state import Desk

WORDS = "Amina spoke at Green Lane Mosque and it was <b>fair</b>"


@pytest.fixture
def desk(settings: Settings, keys: Keys, instrument: Instrument) -> FlaskClient:
    """A desk with two answers that may be quoted and one that may not."""
    people = crowd(instrument, [{"yp_text_1": one} for one in (WORDS, WORDS + " 2", "secret")], o_quote="yes")
    people[2] = replace(people[2], choices={"o_quote": "no"})
    app = create_desk(settings)
    opened = state(app.test_client())
    opened.source, opened.keys = source(keys, instrument), (keys.research,)
    opened.dataset = dataset_of(people, instrument)
    client = app.test_client()
    client.get(f"/open/{opened.token}")
    return client


def state(client: FlaskClient) -> Desk:
    found: Desk = client.application.extensions["amanah_desk"]
    return found


def typed(page: str) -> dict[str, object]:
    hidden = {name: re.search(f'name="{name}"[^>]*value="([^"]+)"', page) for name in ("csrf_token", "which")}
    return {name: found.group(1) for name, found in hidden.items() if found}


def text_in(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)
    assert found, page
    return html.unescape(found.group(1))


def states(desk: FlaskClient) -> list[str]:
    one = state(desk)
    assert one.source
    assert one.dataset
    decided = decisions(one.home / "releases", one.keys, one.source.study)
    return sorted(state_of(answer, decided) for answer in answers(one.source, one.dataset))


def test_each_answer_is_decided_on_by_itself(desk: FlaskClient, settings: Settings) -> None:
    assert "own words" in desk.get("/").text
    answer = desk.get("/review")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "0 of 2 decided" in answer.text
    assert "<mark>Amina<sup>1</sup></mark>" in answer.text
    assert "&lt;b&gt;fair" in answer.text, "what people wrote is never markup"
    assert text_in(answer.text).startswith("[name] spoke at [mosque] and it was")
    refused = desk.post("/review", data=typed(answer.text) | {"do": "apply", "taken": ["1"]}).text
    assert text_in(refused).startswith("Amina spoke at [mosque] and it was")
    stale = typed(refused)
    assert desk.post("/review", data=stale | {"do": "save", "text": "It was fair"}).status_code == 303
    assert desk.post("/review", data=stale | {"do": "save", "text": "sent twice"}).status_code == 303
    assert states(desk) == ["released", "unreviewed", "withheld"]
    last = desk.get("/review").text
    assert "1 of 2 decided" in last
    assert "nothing left of this text" in desk.post("/review", data=typed(last) | {"do": "save", "text": " "}).text
    desk.post("/review", data=typed(desk.get("/review").text) | {"do": "next"})
    desk.post("/review", data=typed(desk.get("/review").text) | {"do": "withhold", "text": "typed"})
    assert "2 in all" in desk.get("/review").text
    assert states(desk) == ["released", "withheld", "withheld"]
    assert not [path for path in settings.home.rglob("*.note") if b"fair" in path.read_bytes()]


def test_a_page_tells_nothing_else_of_the_person(desk: FlaskClient) -> None:
    page = desk.get("/review").text
    one = state(desk)
    assert one.dataset
    assert "secret" not in page, "what may not be quoted is not reviewed"
    labels = [label.hex() for label in one.dataset.people[".participant"]]
    assert not [label for label in labels if label in page]
    assert "young_person" not in page


def test_two_coders_code_apart(desk: FlaskClient) -> None:
    desk.post("/themes", data=typed(desk.get("/themes").text) | {"book": "fair = Fairness"})
    for coder in ("first", "second"):
        for _ in range(3):
            page = desk.get(f"/themes/{coder}").text
            assert "checked" not in page, "nobody sees what the other chose"
            desk.post(f"/themes/{coder}", data=typed(page) | {"do": "save", "codes": ["fair"] if "2" in page else []})
        assert desk.get(f"/themes/{coder}").location == "/themes"
    one = state(desk)
    assert one.source
    assert len(coding(one.home / "releases", one.keys, one.source.study).agreed) == 3
    assert "3 answers done" in desk.get("/themes").text
    refused = desk.post("/themes", data=typed(desk.get("/themes").text) | {"book": "no sign"}).text
    assert "Look at line 1" in refused
    assert text_in(refused) == "no sign", "what was typed survives"


def test_without_records_it_says_what_to_do_first(settings: Settings) -> None:
    app = create_desk(settings)
    client = app.test_client()
    assert client.get("/review").status_code == 403
    client.get(f"/open/{state(client).token}")
    for path in ("/review", "/themes", "/themes/first"):
        assert "Open the records first" in client.get(path).text
    assert client.get("/themes/third").status_code == 404
