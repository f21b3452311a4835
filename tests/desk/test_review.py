"""Open text at the desk: one answer at a time, of nobody one can tell; proposals one by one; two coders apart."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from app import create_desk
from config import Settings
from instruments.model import Instrument
from release.journal import desk_journal
from release.review.answers import answers
from release.review.deciding import Decisions, state_of
from release.review.themes import coding_of
from storage.journal import read_journal
from tests.conftest import TODAY, Keys
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
    opened.today = lambda: TODAY
    client = app.test_client()
    client.get(f"/open/{opened.token}")
    return client


def state(client: FlaskClient) -> Desk:
    found: Desk = client.application.extensions["amanah_desk"]
    return found


def typed(page: str) -> dict[str, object]:
    hidden = {name: re.search(f'name="{name}"[^>]*value="([^"]+)"', page) for name in ("csrf_token", "which", "made")}
    return {name: found.group(1) for name, found in hidden.items() if found} | {"by": "Nadia"}


def sent(desk: FlaskClient, told: dict[str, object]) -> str:
    """The page after a form was sent: it is always another address, so that no browser keeps what was typed."""
    answer = desk.post("/review", data=told)
    assert (answer.status_code, answer.location.partition("#")[0]) == (303, "/review")
    return desk.get("/review").text


def text_in(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)
    assert found, page
    return html.unescape(found.group(1))


def states(desk: FlaskClient) -> list[str]:
    one = state(desk)
    assert one.source
    assert one.dataset
    decided = Decisions(one.home / "releases", one.keys, one.source.study).known()
    return sorted(state_of(answer, decided) for answer in answers(one.source, one.dataset))


def test_each_answer_is_decided_on_by_itself(desk: FlaskClient, settings: Settings) -> None:
    assert "own words" in desk.get("/").text
    answer = desk.get("/review")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "0 of 2 decided" in answer.text
    assert "<mark>Amina<sup>1</sup></mark>" in answer.text
    assert "&lt;b&gt;fair" in answer.text, "what people wrote is never markup"
    assert text_in(answer.text).startswith("[name] spoke at [mosque] and it was")
    refused = sent(desk, typed(answer.text) | {"text": text_in(answer.text), "do": "apply", "taken": ["1"]})
    assert text_in(refused).startswith("Amina spoke at [mosque] and it was")
    stale = typed(refused)
    assert desk.post("/review", data=stale | {"do": "save", "text": "It was fair"}).status_code == 303
    assert desk.post("/review", data=stale | {"do": "save", "text": "It was fair"}).status_code == 303
    assert states(desk) == ["released", "unreviewed", "withheld"]
    last = desk.get("/review").text
    assert "1 of 2 decided" in last
    assert "nothing left of this text" in sent(desk, typed(last) | {"do": "save", "text": " "})
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


def test_what_was_typed_survives_whatever_goes_wrong(desk: FlaskClient) -> None:
    first = typed(desk.get("/review").text) | {"text": "typed by hand", "taken": ["1"], "do": "save"}
    for wrong in ({"csrf_token": "of yesterday"}, {"by": " "}, {"by": "n" * 81}):
        page = sent(desk, first | wrong)
        assert 'role="alert"' in page
        assert text_in(page) == "typed by hand"
        assert re.findall(r'value="(\d)" checked', page) == ["1"]
    assert len(text_in(sent(desk, first | {"text": "x" * 20_001}))) == 20_001
    state(desk).let_go("review")  # after half an hour without a page
    desk.get("/review")
    assert "1 of 2 decided" in sent(desk, first), "a page still finds its answer"
    assert "not saved" not in sent(desk, first), "a button pressed twice says nothing"
    lost = sent(desk, first | {"text": "other words"})
    assert "It was not saved" in lost
    assert text_in(lost) == "other words"
    assert states(desk) == ["released", "unreviewed", "withheld"]
    state(desk).dataset = None  # locked in another tab
    closed = sent(desk, first)
    assert "Open the records first" in closed
    assert text_in(closed) == "typed by hand"


def test_making_anew_asks_before_it_throws_away_what_was_typed(desk: FlaskClient) -> None:
    told = typed(desk.get("/review").text) | {"text": "typed by hand", "taken": ["1"]}
    asked = sent(desk, told | {"do": "apply"})
    assert "throws your changes away" in asked
    assert 'id="asks"' in asked
    assert text_in(asked) == "typed by hand"
    assert text_in(sent(desk, told | {"do": "keep"})) == "typed by hand"
    assert text_in(sent(desk, told | {"do": "anew"})).startswith("Amina spoke at [mosque]")
    for _ in range(2):
        desk.post("/review", data=typed(desk.get("/review").text) | {"text": "for later", "do": "next"})
    assert text_in(desk.get("/review").text) == "for later", "what is put off is kept while the desk is open"
    state(desk).let_go("review")
    assert "not saved is forgotten" in desk.get("/").text


def test_the_page_says_how_many_wait_and_until_when(desk: FlaskClient, settings: Settings) -> None:
    page = desk.get("/review").text
    assert "2 answers wait. The first has to be looked through by 30 April 2027." in page
    for _ in range(2):
        desk.post("/review", data=typed(desk.get("/review").text) | {"do": "withhold"})
    with desk_journal(settings.home / "releases") as office:
        told = [(one.actor, one.act, one.count, one.detail, one.reason) for one in read_journal(office)]
    assert told == [("command line", "open_text_reviewed", 0, "quotes", "")], "once a day, and counts only"


def test_what_nobody_looked_through_in_time_is_shown_to_nobody(desk: FlaskClient) -> None:
    state(desk).today = lambda: date(2027, 5, 1)
    desk.post("/themes", data=typed(desk.get("/themes").text) | {"more": "fair = Fairness"})
    for path in ("/review", "/themes/first", "/themes"):
        page = desk.get(path, follow_redirects=True).text
        assert "not looked through in time" in page
        assert "Amina" not in page
    assert states(desk) == ["unreviewed", "unreviewed", "withheld"]


def test_two_coders_code_apart_and_settle_together(desk: FlaskClient) -> None:
    desk.post("/themes", data=typed(desk.get("/themes").text) | {"more": "fair = Fairness"})
    [fair] = re.findall(r'name="code-(\w+)"', desk.get("/themes").text)
    for coder, name in (("first", "Nadia"), ("second", "Tariq")):
        for _ in range(3):
            page = desk.get(f"/themes/{coder}").text
            assert "checked" not in page, "nobody sees what the other chose"
            given = [fair] if "2" in re.findall(r'class="words-told"[^>]*>(.*?)<', page)[0] or coder == "first" else []
            late = desk.post(f"/themes/{coder}", data=typed(page) | {"codes": given, "csrf_token": "", "do": "save"})
            assert late.text.count("checked") == len(given), "what was ticked survives"
            desk.post(f"/themes/{coder}", data=typed(page) | {"codes": given, "by": name, "do": "save"})
        assert desk.get(f"/themes/{coder}").location == "/themes"
    one = state(desk)
    assert one.source
    page = desk.get("/themes").text
    assert "3 of 3 done" in page
    assert "the two differ over 2 answers" in page
    for _ in range(2):
        page = desk.get("/themes/together").text
        assert "only the first coder" in page
        desk.post("/themes/together", data=typed(page) | {"codes": [fair], "do": "save"})
    coding = coding_of(one.home / "releases", one.keys, one.source.study)
    assert {coding.told(key, fair) for key in coding.both()} == {True}
    assert "the two differ" not in desk.get("/themes").text


def test_a_code_book_is_renamed_merged_and_keeps_what_was_typed(desk: FlaskClient) -> None:
    token = typed(desk.get("/themes").text)
    desk.post("/themes", data=token | {"more": "fair = Fairness\ntrust = Trust"})
    fair, trust = re.findall(r'name="code-(\w+)"', desk.get("/themes").text)
    changed = {f"code-{fair}": "fairness", f"words-{fair}": "Being <fair>", f"code-{trust}": "trust"}
    for wrong, why in (({"more": "no sign"}, "Look at line 1"), ({"csrf_token": ""}, "stood open for too long")):
        refused = desk.post("/themes", data=token | changed | {f"words-{trust}": "Trust"} | wrong).text
        assert why in refused
        assert 'value="Being &lt;fair&gt;"' in refused, "what was typed survives"
    assert text_in(desk.post("/themes", data=token | {"more": "no sign"}).text) == "no sign"
    assert desk.post("/themes", data=token | changed | {f"words-{trust}": "Trust"}).status_code == 303
    assert desk.post("/themes/merge", data=token | {"theme": fair, "into": trust, "do": "merge"}).status_code == 303
    assert "counts as “\u2068Trust" in desk.get("/themes").text
    assert "two different" in desk.post("/themes/merge", data=token | {"theme": trust, "into": trust}).text
    assert desk.post("/themes/merge", data=token | {"theme": fair, "do": "apart"}).status_code == 303
    assert "counts as “\u2068Trust" not in desk.get("/themes").text
    state(desk).dataset = None  # locked in another tab
    assert "fairness = Being" in html.unescape(desk.post("/themes", data=token | changed).text)


def test_without_records_it_says_what_to_do_first(settings: Settings) -> None:
    app = create_desk(settings)
    client = app.test_client()
    assert client.get("/review").status_code == 403
    client.get(f"/open/{state(client).token}")
    for path in ("/review", "/themes", "/themes/first"):
        assert "Open the records first" in client.get(path).text
    assert client.get("/themes/third").status_code == 404
