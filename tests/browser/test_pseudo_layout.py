"""Pages in the two pseudo-languages: four tenths longer, or from right to left, nothing needs sideways scrolling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app import create_app
from commands import addresses_of
from config import read_settings
from fieldwork.instance import open_study
from fieldwork.staff.members import hire
from tests.conftest import Keys, new_instance
from tests.staff import PASSWORD, open_session
from translations.pseudo import speak_pseudo

VISIT = ("/", "/visit/young_person", "/withdraw", "/support", "/tablet")
OFFICE = ("", "/study", "/keys", "/health", "/tablets", "/invitations", "/instruments", "/instruments/preview",
          "/journal", "/approvals", "/orders", "/own", "/own/sessions", "/own/passkeys", "/staff")  # fmt: skip
# What sticks out of the page at its inline end, by the names that a reader of the test can find it with.
STICKING_OUT = """() => {
  const page = document.scrollingElement, wide = page.clientWidth;
  if (page.scrollWidth <= wide) return [];
  const out = ({ width, left, right }) => width && (right > wide + 1 || left < -1);
  return [...document.querySelectorAll("body *")].filter((one) => out(one.getBoundingClientRect())).slice(-5)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().slice(0, 60)}`);
}"""


@contextmanager
def serving_here(app: Flask) -> Iterator[str]:
    """The app on a port of this process, so that the test may tell it what to speak."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    settings = new_instance(tmp_path_factory.mktemp("layout") / "instance", keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    hire(study.stores.office, "Mara", "administrator", PASSWORD)
    return settings.home


def sign_in(page: Page, app: Flask, url: str) -> None:
    client = app.test_client()
    open_session(client, app.extensions["amanah"], "Mara")
    cookie = client.get_cookie("amanah")
    assert cookie is not None
    page.context.add_cookies([{"name": "amanah", "value": cookie.value, "url": url}])


def sticking_out(browser: Browser, home: Path, kind: str, widths: tuple[int, ...]) -> list[str]:
    app, found = create_app(read_settings(home, {})), []
    speak_pseudo(app, kind)
    with serving_here(app) as url, browser.new_context(service_workers="block") as context:
        page = context.new_page()
        sign_in(page, app, url)
        for address in (*VISIT, *(f"/office{one}" for one in OFFICE)):
            page.set_viewport_size({"width": widths[0], "height": 740})
            assert page.goto(f"{url}{address}", wait_until="load").ok  # type: ignore[union-attr]
            assert page.locator("html").get_attribute("lang") == kind.replace("_", "-")
            for width in widths:
                page.set_viewport_size({"width": width, "height": 740})
                found += [f"{address} at {width}: {one}" for one in page.evaluate(STICKING_OUT)]
    return found


def test_what_sticks_out_is_found_and_named(browser: Browser) -> None:
    with browser.new_context(viewport={"width": 320, "height": 740}) as context:
        page = context.new_page()
        page.set_content('<body><p>Narrow</p><p class="wide"><img width="900" height="9" alt=""></p></body>')
        assert page.evaluate(STICKING_OUT) == ["img.: "]
        page.set_content("<body><p>Narrow</p></body>")
        assert page.evaluate(STICKING_OUT) == []


def test_nothing_sticks_out_of_a_page_from_right_to_left(browser: Browser, home: Path) -> None:
    found = sticking_out(browser, home, "ar_XB", (320,))
    assert not found, "\n".join(found)


@pytest.mark.torture
def test_nothing_sticks_out_of_a_page_whose_words_are_longer(browser: Browser, home: Path) -> None:
    found = sticking_out(browser, home, "en_XA", (320, 360, 820))
    assert not found, "\n".join(found)
