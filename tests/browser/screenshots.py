"""`./run screenshots`: every page at three widths, light and dark, into ./screenshots, from a throw-away demo."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from commands import addresses_of
from config import read_settings
from fieldwork.instance import open_study
from fieldwork.staff.members import hire
from fieldwork.study import Study
from instruments.reading.starter import write_study
from tests.browser.chromium import chromium
from tests.browser.devices import begin_visit, enrol, start_shift
from tests.browser.filling import walk
from tests.browser.signing_in import sign_in_on_page
from tests.house.served import ROOT, serving
from tests.staff import PASSWORD

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desk": (1440, 900)}
PAGES = {
    "start": "/",
    "visit": "/visit/{group}",
    "support": "/support",
    "withdraw": "/withdraw",
    "tablet": "/tablet",
    "sign-in": "/office/sign-in",
}
NAME = "Ada"
# The default study speaks English only; this form of a team's own is read from right to left.
ARABIC = ROOT / "tests" / "instruments" / "data" / "forms" / "arabic_services.md"


@dataclass(frozen=True)
class Walked:
    """A visit to walk: its group, its language, the steps worth a look, and what they need to be left."""

    group: str
    language: str
    stops: tuple[str, ...]
    said: Mapping[str, str]


ENGLISH_VISIT = Walked(
    "young_person",
    "en",
    ("age", "c_info", "ethnic_group", "yp_contact", "yp_fair_1", "yp_text_1", "v_name"),
    {"o_recontact": "yes"},
)
ARABIC_VISIT = Walked(
    "participant", "ar", ("c_info", "service", "satisfied", "last_day", "better"), {"service": "clinic"}
)


def demo(home: Path, *words: str, people: int = 0) -> None:
    """Make a demo with so many people."""
    command = [sys.executable, "-m", "flask", "demo", str(home), "--people", str(people), *words]
    subprocess.run(command, cwd=ROOT, check=True)


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


def take_all(browser: Browser, url: str, out: Path, visit: Walked) -> None:
    """Every page at every size."""
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(f"{url}{path.format(group=visit.group)}?lang={visit.language}")
                take(page, out, f"{visit.language}-{name}-{size}-{scheme}")
            take_visit(page, url, out, f"{visit.language}-{{}}-{size}-{scheme}", visit)
            context.close()


def take_visit(page: Page, url: str, out: Path, name: str, visit: Walked) -> None:
    """A visit that goes on, step by step: a refusal, consent, questions, the last step, a receipt."""
    page.goto(f"{url}/visit/{visit.group}?lang={visit.language}")
    for stop in visit.stops:
        walk(page, stop, **visit.said)
        take(page, out, name.format(stop), whole=False)
        page.locator("[data-walk=next]").click()
    walk(page, **visit.said)
    take(page, out, name.format("last"), whole=False)
    page.locator("[data-walk=next]").click()
    expect(page.locator("[data-code]")).to_be_visible()
    take(page, out, name.format("receipt"))


def take_questionnaires(page: Page, url: str, out: Path, name: str) -> None:
    """A form of one's own: its problems, a draft of it, its classes, a preview from right to left."""
    form = ARABIC.read_text("utf-8")
    sign_in_on_page(page, url, NAME)
    for told, words, place in (
        ("checked", form.replace("| | date", "| | geopoint"), ""),
        ("draft", form.replace("| 1 |", "| one |", 1), "questionnaire"),
    ):
        page.goto(f"{url}/office/instruments")
        page.set_input_files("#file", {"name": "ours.md", "mimeType": "text/markdown", "buffer": words.encode()})
        page.locator("#place").select_option(place)
        page.get_by_role("button", name="Check this form").click()
        take(page, out, name.format(told))
    page.goto(f"{url}/office/instruments")
    take(page, out, name.format("instruments"))
    page.goto(f"{url}/office/instruments/classes?form=questionnaire")
    take(page, out, name.format("classes"))
    page.goto(f"{url}/office/instruments/preview?version=draft&lang=ar&width=tablet")
    expect(page.frame_locator("iframe").locator("[data-walk=next]")).to_be_visible()
    take(page, out, name.format("preview"))


def take_office(page: Page, url: str, study: Study, out: Path, name: str) -> None:
    """The coordinator's pages, and a tablet's from its code to a receipt behind the lock."""
    sign_in_on_page(page, url, NAME)
    take(page, out, name.format("office"))
    for told in ("study", "keys", "health"):
        page.goto(f"{url}/office/{told}")
        take(page, out, name.format(f"office-{told}"))
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


def take_arabic(around: Path, out: Path) -> None:
    """The participant's pages from right to left."""
    around.mkdir()
    write_study(ARABIC, around / "study")
    demo(around / "demo", "--study", str(around / "study"))
    study_in(around / "demo")
    with serving(around / "demo", around) as served, chromium() as browser:
        take_all(browser, served.url, out, ARABIC_VISIT)
        for size, (width, height) in SIZES.items():
            with browser.new_context(viewport={"width": width, "height": height}) as context:
                take_questionnaires(context.new_page(), served.url, out, f"office-{{}}-{size}")


def main(out: Path) -> None:
    """Make a demo, serve it, take pictures."""
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        take_arabic(Path(folder) / "arabic", out)
        home = Path(folder) / "demo"
        demo(home, people=90)  # so that progress has bars
        with serving(home, Path(folder)) as served, chromium() as browser:
            take_all(browser, served.url, out, ENGLISH_VISIT)
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
