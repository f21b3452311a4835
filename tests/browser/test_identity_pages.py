"""The identity desk in a real browser: by keyboard, on every width, without script; what is left once it has locked."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect
from werkzeug.serving import make_server

from app import create_desk
from privacy.opening import PrivateKey
from release.custody import Custodians
from release.source import open_source
from tests.browser.desks import answered
from tests.conftest import Keys
from tests.identities import AMINA, PHRASES, YUSUF, Vaults, taken_in
from views.desk.identity_room import IDLE, Room
from views.desk.state import Desk

WIDTHS = (360, 820, 1440)
PAGES = ("", "/contacts", "/contacts/results", "/letters", "/letters/other", "/counts", "/record", "/unlock", "/source")


@dataclass(frozen=True)
class Standing:
    """A desk on a machine of its own, with the bundle and both key files in its folder."""

    app: Flask
    url: str

    @property
    def kept(self) -> Desk:
        found = self.app.extensions["amanah_desk"]
        assert isinstance(found, Desk)
        return found

    def begin(self, browser: Browser, **words: object) -> Page:
        """A page of a browser that opened the desk by a link of its own."""
        self.kept.token = "once"
        page = browser.new_context(**words).new_page()  # type: ignore[arg-type]
        page.goto(f"{self.url}/open/once")
        return page


@pytest.fixture(scope="module")
def vaults(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Vaults:
    return taken_in(tmp_path_factory.mktemp("identities"), keys, (AMINA, YUSUF))


@pytest.fixture
def desk(vaults: Vaults, tmp_path: Path) -> Iterator[Standing]:
    (tmp_path / "keys").mkdir()
    (tmp_path / "identities.amanah").write_bytes(vaults.identity)
    for number, file in enumerate(vaults.files, 1):
        (tmp_path / "keys" / f"identity-{number}.key").write_bytes(file)
    app = create_desk(replace(vaults.settings, home=tmp_path))
    with served(app) as url:
        yield Standing(app, url)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of this desk while it is served in this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def unlock(page: Page, url: str) -> None:
    """Two custodians unlock it by keyboard alone: their files are offered, so they type and press Enter."""
    page.goto(f"{url}/identities/source")
    page.get_by_role("button", name="Take these identities").press("Enter")
    page.get_by_label("Passphrase of the first custodian").press_sequentially(PHRASES[0])
    page.get_by_label("Passphrase of the second custodian").press_sequentially(PHRASES[1])
    page.get_by_label("Reason").press_sequentially("The results are printed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People who asked to be contacted")


def looked_at(page: Page, name: str) -> None:
    """Nothing is wider than the screen."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert (name, page.evaluate("document.documentElement.scrollWidth")) == (name, width)


def give_reason(page: Page, button: str) -> None:
    page.get_by_label("Reason").fill("An audit")
    with answered(page):
        page.get_by_role("button", name=button).click()


def test_every_page_fits_every_width(browser: Browser, desk: Standing) -> None:
    page = desk.begin(browser, bypass_csp=True)
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if told.type == "error" else None)
    unlock(page, desk.url)
    for path in PAGES:
        page.goto(f"{desk.url}/identities{path}")
        looked_at(page, path)
    page.goto(f"{desk.url}/identities/counts")
    give_reason(page, "Write it down and count")
    looked_at(page, "counted")
    page.goto(f"{desk.url}/identities/record")
    page.get_by_label("Name").fill("Yusuf Ali")
    give_reason(page, "Write it down and look")
    expect(page.get_by_role("heading", name="What was agreed, word for word")).to_be_visible()
    looked_at(page, "record")
    page.goto(f"{desk.url}/identities/letters/results")
    page.get_by_label("What the letter says, in English").fill("Dear {name},\n\nhere they are.")
    # Whoever said how they can be reached safely is looked at first.
    expect(page.get_by_role("checkbox", name="Yusuf Ali")).to_be_checked()
    amina = page.get_by_role("checkbox", name="Amina Khan")
    expect(amina).not_to_be_checked()
    amina.check()
    give_reason(page, "Write it down and make the letters")
    looked_at(page, "letters")
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert "Dear \u2068Amina Khan" in shown
    assert not any(word in shown for word in ("Working Together", "Amanah", "Text first", "Print"))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2, (
        "a sheet for each of two people"
    )
    assert refused == []
    page.context.close()


def test_a_page_that_stands_open_goes_once_the_desk_locked_and_back_shows_nothing(
    browser: Browser, desk: Standing, keys: Keys
) -> None:
    page = desk.begin(browser)
    page.clock.install()
    room = desk.kept.held["identities"] = Room(open_source(desk.kept.home / "identities.amanah", "identity"))
    key = PrivateKey("identity", keys.identity.study, bytearray(keys.identity.seed))
    room.open(Custodians(key, ("N", "O")), date.today())
    room.work.thread.join(30)  # type: ignore[union-attr]
    page.goto(f"{desk.url}/identities")
    assert "Amina" in page.content(), "she must be there to be gone"
    page.get_by_role("link", name="Make letters to print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What are the letters for?")
    # A minute before, the page says so; any key goes on with it.
    said = page.locator("[data-locks]")
    page.clock.run_for(530_000)
    expect(said).to_be_hidden()
    page.clock.run_for(20_000)
    expect(said).to_be_visible()
    page.keyboard.press("Shift")
    expect(said).to_be_hidden()
    room.clock = lambda: room.seen + IDLE + 1
    with suppress(Error):  # the page may be gone before it answers
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
    assert desk.kept.held == {}
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "Amina" not in page.content()
    page.context.close()


def test_without_script_all_of_it_works_from_right_to_left_in_the_dark(browser: Browser, desk: Standing) -> None:
    page = desk.begin(browser, java_script_enabled=False, color_scheme="dark")
    unlock(page, desk.url)
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label("Find somebody on the list").fill("yusuf")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".people li.card")).to_have_count(1)
    assert "yusuf" not in page.url
    waits = page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").first
    assert waits.get_attribute("content") == "610; url=/identities/locked"
    page.goto(f"{desk.url}/identities/contacts/results")
    page.get_by_role("checkbox", name="Amina Khan").check()
    page.get_by_label("Reason").fill("Letters")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Write it down and save the file").click()
    assert "Amina Khan" in Path(saved.value.path()).read_text("utf-8")
    page.get_by_role("button", name="Lock and forget").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to do?")
    assert desk.kept.held == {}
    page.go_back()
    assert "Amina" not in page.content()
    page.context.close()
