"""A questionnaire of a team's own, with functions that few studies need: it works offline as the default study does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from commands import addresses_of
from config import read_settings
from fieldwork.admissions import invite
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder, open_study
from fieldwork.study import Study
from instruments.reading.starter import write_study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from tests.browser.devices import (
    PHONE,
    TABLET,
    Server,
    begin_visit,
    come_online,
    finish,
    invitation,
    let_go,
    new_tablet,
    ready,
    restartable,
    stored,
    unlock,
    wait_until,
)
from tests.conftest import TODAY, counted_bytes
from tests.house.served import ROOT

# indexed-repeat() is in functions.js; the group's name has a digit.
FORM = ROOT / "tests" / "instruments" / "data" / "forms" / "household_roster.md"
NAME, GROUP = "household_roster", "year9"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """An instance around a form of one's own, closed to whoever has no invitation."""
    write_study(FORM, tmp_path / "study")
    told = tmp_path / "study" / "study.toml"
    told.write_text(told.read_text("utf-8").replace('name = "participant"', f'name = "{GROUP}"'), "utf-8")
    make_folder(tmp_path / "instance", NAME, demo=True)
    settings = read_settings(tmp_path / "instance", {})
    copy_study(tmp_path / "study", settings.study_folder, plain_path=False)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    chance = counted_bytes("keys of an own form")
    keys = tuple(new_private_key(purpose, NAME, chance).public() for purpose in ("research", "identity"))
    add_keys(stores.office, NAME, Keyring(NAME, keys).to_json(), TODAY)
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


@pytest.fixture
def server(study: Study, tmp_path: Path) -> Iterator[Server]:
    with restartable(read_settings(tmp_path / "instance", {}), tmp_path) as running:
        yield running


# Whether the worker keeps this page and functions.js.
IS_KEPT = """async () => {
    const script = document.querySelector("script[src$='/field.js']").src;
    const wanted = [location.href, script.replace(/field\\.js$/, "functions.js")];
    return (await Promise.all(wanted.map((address) => caches.match(address)))).every(Boolean);
}"""
ROSTER = {"hh_size": "2", "first_name_1": "A", "years_1": "41", "first_name_2": "B", "relation_2": "child"}


def lose_the_network(page: Page, server: Server) -> None:
    """Stop the server, and let the browser forget its own copies of files: what is left is the worker's."""
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    server.stop()


def test_after_one_load_a_phone_finishes_it_without_a_network(browser: Browser, server: Server, study: Study) -> None:
    token = invite(study, "single", date.today() + timedelta(days=1), GROUP)
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(server.url + invitation(study, token, GROUP))
        ready(page)
        wait_until(lambda: page.evaluate(IS_KEPT), page=page)
        lose_the_network(page, server)
        page.reload()
        finish(page, ROSTER)
        expect(page.locator("[data-slip=waiting]")).to_be_visible()
        server.start()
        come_online(page)
        wait_until(lambda: stored(study) == (1, 1), page=page)


def test_a_tablet_locked_to_it_finishes_it_without_a_network(browser: Browser, server: Server, study: Study) -> None:
    with browser.new_context(viewport=TABLET) as context:
        page = context.new_page()
        new_tablet(page, server.url, study)
        lose_the_network(page, server)
        begin_visit(page, GROUP)
        expect(page).to_have_url(f"{server.url}/visit/{GROUP}?lang=en")
        finish(page, ROSTER)
        let_go(page)
        unlock(page)
        expect(page.locator("[data-outbox-words]")).to_have_text("waiting")
