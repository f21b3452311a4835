"""Listening in a real browser: everything is fetched or nothing, it really plays, and falls silent with its text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from commands import addresses_of
from config import read_settings
from fieldwork.instance import open_study
from storage.stores import close_stores
from tests.browser.devices import PHONE, Server, new_tablet, restartable
from tests.conftest import Keys, new_instance
from tests.recordings import heard_study

Phone = tuple[Page, list[Request]]  # and every request for a recording
# What an audio element of the page does is told to the test: it stands in no document.
SPY = """() => {
    window.heard = [];
    const Real = window.Audio;
    window.Audio = function () {
        const sound = new Real();
        for (const name of ["playing", "ended", "pause"]) sound.addEventListener(name, () => window.heard.push(name));
        window.sound = sound;
        return sound;
    };
}"""


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Server]:
    around = tmp_path_factory.mktemp("heard")
    settings = new_instance(around / "instance", keys, heard_study(around / "study"))
    with restartable(settings, around) as server:
        yield server


@pytest.fixture
def phone(browser: Browser, heard: Server) -> Iterator[Phone]:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.add_init_script(f"({SPY})()")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/recordings/" in request.url else None)
    yield page, asked
    context.close()


def test_on_a_phone_nothing_is_loaded_before_somebody_wants_to_listen(phone: Phone, heard: Server) -> None:
    page, asked = phone
    page.goto(f"{heard.url}/visit/young_person?lang=en")
    load = page.get_by_role("button", name="Load the recordings (0.1 MB)")
    expect(load).to_be_visible()
    expect(page.locator("form.stepping")).to_be_visible()
    assert asked == []
    load.click()
    play = page.get_by_role("button", name="Play")
    expect(play.first).to_be_attached()
    assert len({request.url for request in asked}) == 4
    # The question and then its first answer, by one button that names what it reads.
    button = page.get_by_role("button", name="Play Do you think of yourself as Muslim?")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 56
    button.press("Enter")
    page.wait_for_function("() => window.heard.filter((one) => one === 'ended').length === 2")
    expect(button).to_have_text("Play")
    assert len(asked) == 4


def test_it_plays_and_falls_silent_with_its_text_and_with_stop(phone: Phone, heard: Server) -> None:
    page, _ = phone
    page.goto(f"{heard.url}/visit/young_person?lang=en")
    page.get_by_role("button", name="Load the recordings").click()
    page.locator("[name=elig_muslim][value='1']").check()
    next_step = page.locator("[data-walk=next]")
    who = page.get_by_role("button", name="Play Who we are")
    for _step in range(6):
        if who.is_visible():
            break
        if page.locator("#age").is_visible():
            page.locator("#age").fill("19")
        if page.locator("[name=site]").first.is_visible():
            page.locator("[name=site]").first.check()
        next_step.click()
    expect(who).to_be_visible()
    who.click()
    page.wait_for_function("() => window.sound.currentTime > 0.2")
    stop = page.get_by_role("button", name="Stop Who we are")
    stop.click()
    assert page.evaluate("window.sound.paused")
    who.click()
    page.wait_for_function("() => window.sound.currentTime > 0.1")
    next_step.click()
    page.wait_for_function("() => window.sound.paused")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_recording_that_does_not_come_changes_nothing_else(phone: Phone, heard: Server) -> None:
    page, _ = phone
    page.route("**/recordings/*", lambda route: route.abort())
    page.goto(f"{heard.url}/visit/young_person?lang=en")
    page.get_by_role("button", name="Load the recordings").click()
    expect(page.get_by_text("The recordings could not be loaded.")).to_be_visible()
    expect(page.get_by_role("button", name="Load the recordings")).to_be_enabled()
    assert page.locator(".play").count() == 0


def test_a_tablet_keeps_them_and_plays_without_a_network(browser: Browser, heard: Server) -> None:
    settings = read_settings(heard.home, {})
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    context = browser.new_context(viewport={"width": 820, "height": 1180})
    page = context.new_page()
    page.add_init_script(f"({SPY})()")
    new_tablet(page, heard.url, study)
    expect(page.get_by_text("take 0.1 MB on this tablet")).to_be_visible()
    page.locator("[data-do=keep-recordings]").click()
    expect(page.get_by_text("All recordings are on this tablet.")).to_be_visible()
    context.set_offline(True)
    page.goto(f"{heard.url}/easy-read/young_person?lang=en")
    button = page.get_by_role("button", name="Play We are researchers at")
    button.click()
    page.wait_for_function("() => window.heard.includes('ended')")
    close_stores(study.stores)
    context.close()
