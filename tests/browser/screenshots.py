"""`./run screenshots`: every page at three widths, light and dark, into ./screenshots, from a throw-away demo."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from commands import addresses_of
from config import read_settings
from fieldwork.instance import open_study
from fieldwork.staff import hire
from fieldwork.study import Study
from tests.browser.chromium import chromium
from tests.browser.devices import begin_visit, enrol, start_shift
from tests.browser.filling import walk
from tests.house.served import ROOT, serving

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desk": (1440, 900)}
PAGES = {
    "start": "/",
    "visit": "/visit/young_person",
    "support": "/support",
    "withdraw": "/withdraw",
    "tablet": "/tablet",
    "sign-in": "/office/sign-in",
}
NAME, PASSWORD = "Ada", "a quiet room with good light"
# Steps worth a look, each taken before and as its button is pressed.
STOPS = ("age", "c_info", "ethnic_group", "yp_contact", "yp_fair_1", "yp_text_1", "v_name")


def study_in(home: Path) -> Study:
    """The demo's study, with one member of staff whose password is known."""
    settings = read_settings(home, {})
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    hire(study.stores.office, NAME, "administrator", PASSWORD)
    return study


def take(page: Page, out: Path, name: str, whole: bool = True) -> None:
    """One picture."""
    page.wait_for_load_state("load")
    page.screenshot(path=out / f"{name}.png", full_page=whole)


def take_all(browser: Browser, url: str, out: Path, language: str) -> None:
    """Every page at every size."""
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(f"{url}{path}?lang={language}")
                take(page, out, f"{language}-{name}-{size}-{scheme}")
            take_visit(page, url, out, f"{language}-{{}}-{size}-{scheme}", language)
            context.close()


def take_visit(page: Page, url: str, out: Path, name: str, language: str) -> None:
    """A visit that goes on, step by step: a refusal, consent, questions, the last step, a receipt."""
    page.goto(f"{url}/visit/young_person?lang={language}")
    for stop in STOPS:
        walk(page, stop, o_recontact="yes")
        take(page, out, name.format(stop), whole=False)
        page.locator("[data-walk=next]").click()
    walk(page)
    take(page, out, name.format("last"), whole=False)
    page.locator("[data-walk=next]").click()
    expect(page.locator("[data-code]")).to_be_visible()
    take(page, out, name.format("receipt"))


def take_office(page: Page, url: str, study: Study, out: Path, name: str) -> None:
    """The coordinator's pages, and a tablet's from its code to a receipt behind the lock."""
    page.goto(f"{url}/office/sign-in")
    page.locator("#name").fill(NAME)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    take(page, out, name.format("office"))
    page.goto(f"{url}/office/tablets")
    page.locator("#name").fill(name.format("Tablet")[:40])
    page.locator("#site").select_option("1")
    page.get_by_role("button", name="Make a code for this tablet").click()
    take(page, out, name.format("office-enrolment"))
    page.goto(f"{url}/office/tablets")
    take(page, out, name.format("office-tablets"))
    page.goto(f"{url}/office/invitations")
    take(page, out, name.format("office-invitations"))
    page.locator("#number").fill("3")
    page.get_by_role("button", name="Make the sheet").click()
    take(page, out, name.format("office-sheet"))
    enrol(page, url, study, name.format("T")[:40])
    take(page, out, name.format("tablet-shift"))
    start_shift(page)
    take(page, out, name.format("tablet-home"))
    begin_visit(page)
    take(page, out, name.format("tablet-visit"), whole=False)
    page.goto(f"{url}/tablet")
    take(page, out, name.format("tablet-locked"))


def main(out: Path) -> None:
    """Make a demo, serve it, take pictures."""
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        subprocess.run([sys.executable, "-m", "flask", "demo", str(home), "--people", "0"], cwd=ROOT, check=True)
        with serving(home, Path(folder)) as served, chromium() as browser:
            take_all(browser, served.url, out, "en")
            take_all(browser, served.url, out, "ur")
            study = study_in(home)
            for size, (width, height) in SIZES.items():
                for scheme in ("light", "dark"):
                    with browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=scheme
                    ) as context:
                        take_office(context.new_page(), served.url, study, out, f"{{}}-{size}-{scheme}")
    sys.stdout.write(f"{len(list(out.glob('*.png')))} pictures in {out}\n")


if __name__ == "__main__":
    main(ROOT / "screenshots")
