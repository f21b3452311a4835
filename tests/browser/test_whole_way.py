"""The outcome itself: a visit on a phone-sized page, and a minute later a release at the desk that holds it."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import desk_of
from tests.browser.filling import take_part
from tests.browser.test_visit import mendable
from tests.house.served import ROOT, Served, serving
from tests.stretching import FLASK

WORDS = "marker-of-amina: listen first"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole") / "demo"
    command = [*FLASK, "--app", str(ROOT / "app.py"), "demo", str(home), "--people", "60"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return home


@pytest.fixture
def field(demo: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(demo, tmp_path) as running:
        yield running


@pytest.fixture
def desk_link(demo: Path, tmp_path: Path) -> Iterator[str]:
    """The desk of the demo, as `flask desk` starts it."""
    with desk_of(demo, tmp_path) as link:
        yield link


def amina_takes_part(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Young person, 16 to 25", exact=True).click()
    said = {"site": "2", "sex": "1", "yp_fair_1": "5", "yp_fair_2": "-1", "yp_trust_1": "2", "yp_text_1": WORDS}
    take_part(page, **said)
    expect(page.get_by_text("They have arrived")).to_be_visible()


def fits_and_leaves_axe_nothing(page: Page) -> None:
    """A telephone is wide enough for the page, and axe finds nothing to mend."""
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert mendable(page) == []


def mara_releases(page: Page, link: str, demo: Path) -> Path:
    page.goto(link)
    page.get_by_role("link", name="Make a release").click()
    page.get_by_role("button", name="Take these records").click()
    passphrase = json.loads((demo / "demo.json").read_text("utf-8"))["keys"]["research"]["passphrase"]
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Unlock and open").click()
    page.get_by_label("Purpose").fill("the whole way")
    page.get_by_label("Young person").check()
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    fits_and_leaves_axe_nothing(page)
    page.get_by_label("Smallest class").fill("1")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview*")
    fits_and_leaves_axe_nothing(page)
    page.get_by_role("button", name="Write the release").click()
    expect(page.get_by_role("heading", name="The release is written")).to_be_visible()
    return demo / "releases" / "the-whole-way-1"


def test_from_a_phone_to_a_release(browser: Browser, field: Served, desk_link: str, demo: Path) -> None:
    phone, desk = browser.new_context(viewport={"width": 360, "height": 740}), browser.new_context()
    amina_takes_part(phone.new_page(), field.url)
    out = mara_releases(desk.new_page(), desk_link, demo)
    with (out / "data.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    mine = {"site": "2", "sex": "1", "yp_fair_1": "5", "yp_fair_2": "-1", "yp_trust_1": "2", "yp_trust_2": "-9"}
    assert [person for person in people if mine.items() <= person.items() and person["age"] == "18-21"]
    assert WORDS not in (out / "data.csv").read_text("utf-8")
    phone.close()
    desk.close()
