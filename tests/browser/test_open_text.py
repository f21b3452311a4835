"""A reviewer goes through open text in a real browser, without script, on a phone's width: it leaves no word behind."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect
from werkzeug.serving import make_server

from app import create_desk
from config import Settings
from instruments.model import Instrument
from release.review.deciding import Decisions
from tests.browser.chromium import FLAGS, find_chromium
from tests.conftest import TODAY, Keys
from tests.house.scanner import files_with
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import crowd
from tests.releases import dataset_of
from views.desk.state import Desk

WORDS = "تكلمت مع محمد في لندن canary-of-own-words-3d"


@pytest.fixture
def desk(settings: Settings, keys: Keys, instrument: Instrument) -> Iterator[tuple[Desk, str]]:
    """A desk with one answer that may be quoted, served, and its one-time link."""
    app = create_desk(settings)
    held: Desk = app.extensions["amanah_desk"]
    people = crowd(instrument, [{"yp_text_1": WORDS}], o_quote="yes")
    held.source, held.keys, held.today = source(keys, instrument), (keys.research,), lambda: TODAY
    held.dataset = dataset_of(people, instrument)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield held, f"http://127.0.0.1:{server.server_port}/open/{held.token}"
    server.shutdown()
    thread.join()


def decide(page: Page, link: str) -> None:
    """From the home page to a saved answer: a proposal left, words typed, kept when asked."""
    page.goto(link)
    page.get_by_role("link", name="Look through people's own words").click()
    text = page.get_by_label("The text as it may be told")
    expect(text).to_have_value("تكلمت مع [name] في [place] canary-of-own-words-3d")
    page.get_by_label("a place").uncheck()
    page.get_by_role("button", name="Make the text below anew").click()
    expect(text).to_have_value("تكلمت مع [name] في لندن canary-of-own-words-3d")
    text.fill("تكلمت مع canary-typed-9b")
    page.get_by_role("button", name="Make the text below anew").click()
    page.get_by_role("button", name="Keep my text").click()
    expect(text).to_have_value("تكلمت مع canary-typed-9b")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Your name").fill("Nadia")
    page.get_by_role("button", name="Save, and next").click()
    expect(page.get_by_text("1 in all")).to_be_visible()


def test_a_reviewer_takes_a_proposal_edits_and_saves_and_no_word_stays_behind(
    play: Playwright, desk: tuple[Desk, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, link = desk
    profile = tmp_path / "profile"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
    with play.chromium.launch_persistent_context(profile, executable_path=find_chromium(), args=FLAGS, **phone) as own:
        decide(own.pages[0], link)
    assert held.source
    made = Decisions(held.home / "releases", held.keys, held.source.study).known()
    assert [one.text for one in made.values()] == ["تكلمت مع canary-typed-9b"]
    assert list(profile.rglob("History")), "the profile is where it is looked for"
    assert files_with(tmp_path, ["canary-of-own-words-3d", "canary-typed-9b", WORDS]) == {}
