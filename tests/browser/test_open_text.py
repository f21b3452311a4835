"""A reviewer goes through open text in a real browser, without script, on a phone's width."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from app import create_desk
from config import Settings
from instruments.model import Instrument
from release.review.answers import decisions
from tests.conftest import Keys
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of
from views.desk.state import Desk


@pytest.fixture
def desk(settings: Settings, keys: Keys, instrument: Instrument) -> Iterator[tuple[Desk, str]]:
    """A desk with one answer that may be quoted, served, and its one-time link."""
    app = create_desk(settings)
    held: Desk = app.extensions["amanah_desk"]
    people = crowd(instrument, [{"yp_text_1": "تكلمت مع محمد في لندن"}], o_quote="yes")
    held.source, held.keys = source(keys, instrument), (keys.research,)
    held.dataset = dataset_of(people, instrument)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield held, f"http://127.0.0.1:{server.server_port}/open/{held.token}"
    server.shutdown()
    thread.join()


def test_a_reviewer_takes_a_proposal_edits_and_saves(browser: Browser, desk: tuple[Desk, str]) -> None:
    held, link = desk
    with browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(link)
        page.get_by_role("link", name="Look through people's own words").click()
        text = page.get_by_label("The text as it may be told")
        expect(text).to_have_value("تكلمت مع [name] في [place]")
        page.get_by_label("a place").uncheck()
        page.get_by_role("button", name="Make the text below anew").click()
        expect(text).to_have_value("تكلمت مع [name] في لندن")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        text.fill("تكلمت مع [name]")
        page.get_by_role("button", name="Save, and next").click()
        expect(page.get_by_text("1 in all")).to_be_visible()
    assert held.source
    made = decisions(held.home / "releases", held.keys, held.source.study)
    assert [one.text for one in made.values()] == ["تكلمت مع [name]"]
