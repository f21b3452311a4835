"""The summary's page in a real browser: it fits a telephone, asks for nothing, and leaves axe nothing to mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from instruments.model import Instrument
from release.source import Source
from release.specification import specification_of
from release.summary.files import files_of, summary_of
from tests.conftest import STUDY
from tests.summaries import made_up

ORDERED = specification_of(
    {"purpose": "a look", "kind": "summary", "preset": "team", "groups": ["police_officer"], "language": "en"}
)


@pytest.fixture(scope="module")
def address(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> str:
    source = Source("bundle", STUDY, {instrument.digest: instrument}, ())
    summary = summary_of(source, made_up(instrument, {"police_officer": 60}), ORDERED)
    file: Path = tmp_path_factory.mktemp("summary") / "summary.html"
    file.write_bytes(files_of(summary, ORDERED)["summary.html"])
    return file.as_uri()


@pytest.mark.parametrize(
    ("scheme", "direction"), [("light", "rtl"), pytest.param("dark", "ltr", marks=pytest.mark.torture)]
)
def test_the_page_fits_a_telephone_and_axe_finds_nothing(
    browser: Browser, address: str, scheme: str, direction: str
) -> None:
    # The page forbids every script, axe's too: only for this test it may not.
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    assert asked == [address]
    page.close()
