"""Keys alone are enough, from the first page to the receipt and back out; for an interviewer, for staff, at the desk.

At each stop the focus can be seen, lies under nothing and comes in the order in which the eye reads, from right to left
too. Nothing is a trap.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from fieldwork.admissions import new_enrolment
from storage.admissions import revoke_tablet
from tests.browser.catalogue import LANGUAGES, TOURS, Walker, at_page
from tests.browser.devices import PHONE, PIN, RECEIPT, TABLET, ready
from tests.browser.houses import Houses
from tests.browser.keyboard import Keyboard, out_of_order
from tests.browser.tours_desk import open_answers
from tests.browser.tours_visit import LEAST

STEPS = 120  # more than a visit has


def answer(walker: Walker, keys: Keyboard) -> None:
    """Answer by keys what has to be answered on this step: statements with yes, and the least that a visit needs."""
    shown = walker.page.evaluate(
        """(least) => [...document.querySelectorAll(".question[id^=q-]")]
        .filter((one) => one.checkVisibility() && (one.matches(".must") || one.id.slice(2) in least))
        .map((one) => [one.id.slice(2), one.matches(".must") ? "yes" : least[one.id.slice(2)][0],
          !!one.querySelector("input[type=radio]")])""",
        LEAST,
    )
    for name, value, is_choice in shown:
        keys.choose(name, value) if is_choice else keys.type(f"#{name}", value)


def focus_moved(walker: Walker) -> None:
    """A new step has the focus: its heading, or its first question."""
    expect(walker.page.locator("main :is(h1, h2, h3, .question, section):focus")).to_be_visible()


@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.torture)])
def test_a_visit_to_its_receipt_and_back_out(browser: Browser, houses: Houses, language: str) -> None:
    with at_page(browser, houses, TOURS["visit"], language, viewport=PHONE) as walker:
        page, keys = walker.page, Keyboard(walker.page)
        walker.goto("/")
        keys.enter(".skip")
        expect(page.locator("main")).to_be_focused()
        keys.enter("a[href*='/visit/young_person']")
        ready(page)
        keys.enter("[data-walk=next]")
        expect(page.locator(".question:focus, .question :focus").first).to_be_visible()
        expect(page.locator("#q-elig_muslim .refusal, #q-elig_muslim .error").first).to_be_visible()
        for _ in range(STEPS):
            answer(walker, keys)
            keys.to("[data-walk=next]")
            is_last = page.locator("#send").is_visible()
            page.keyboard.press("Enter")
            if is_last:
                break
            focus_moved(walker)
        code = page.locator("[data-code]")
        expect(code).to_have_text(RECEIPT)
        expect(page.locator("main h1")).to_be_focused()
        told = code.inner_text()
        keys.enter("button[data-agreed]")
        expect(page.locator("[data-agreed=copy] h1")).to_be_focused()
        walker.goto("/withdraw")
        keys.type("#erase-code", "7KJX")
        page.keyboard.press("Enter")
        expect(page.locator("#erase-code")).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type(told)
        page.keyboard.press("Enter")
        expect(page.locator("main h1[tabindex]")).to_be_focused()
        assert keys.faults == []


def test_an_interviewers_shift(browser: Browser, houses: Houses) -> None:
    study = houses.fields["busy"].study
    revoke_tablet(study.stores.office, "T9")
    assert study.keyring
    with at_page(browser, houses, TOURS["tablet"], "en", viewport=TABLET) as walker:
        page, keys = walker.page, Keyboard(walker.page)
        code = new_enrolment(study, "T9", "1", datetime.now(UTC))
        walker.goto(f"/tablet#enrol={code}.{study.keyring.pin}")
        expect(page.locator("[data-screen=enrol] h1")).to_be_focused()
        keys.enter("[data-do=enrol]")
        expect(page.locator("[data-screen=start] h1")).to_be_focused()
        keys.type("#code", "IV7")
        keys.type("#pin", PIN)
        keys.type("#again", PIN)
        page.keyboard.press("Enter")
        expect(page.locator("[data-screen=home] h1")).to_be_focused(timeout=60_000)
        keys.choose("mode", "interviewer")
        keys.enter("[data-do=visit]")
        expect(page.locator("[data-walk=next]")).to_be_visible()
        walker.goto("/tablet")
        expect(page.locator("[data-screen=locked] h1")).to_be_focused()
        keys.type("#unlock-pin", PIN)
        page.keyboard.press("Enter")
        expect(page.locator("[data-screen=home]")).to_be_visible()
        keys.enter("[data-do=end]")
        expect(page.locator("[data-screen=ended] h1")).to_be_focused()
        assert keys.faults == []


def test_an_act_at_the_office(browser: Browser, houses: Houses) -> None:
    with at_page(browser, houses, TOURS["office"], "ur", viewport=PHONE) as walker:
        page, keys = walker.page, Keyboard(walker.page)
        walker.sign_in()
        walker.goto("/office")
        keys.enter(".menu summary")
        keys.enter(".menu a[href*='/office/invitations']")
        page.wait_for_url("**/invitations*")
        keys.choose("kind", "single")
        keys.to("#number")
        page.keyboard.press("Control+a")
        page.keyboard.type("1000")
        page.keyboard.press("Enter")
        expect(page.locator(".error").first).to_be_visible()
        keys.to("#number")
        page.keyboard.press("Control+a")
        page.keyboard.type("1")
        keys.enter("main form.card button.primary")
        expect(page.locator(".copyable")).to_be_visible()
        assert keys.faults == []


def test_a_release_from_its_source_to_its_files(browser: Browser, houses: Houses) -> None:
    with at_page(browser, houses, TOURS["releasing"], "en", viewport={"width": 1440, "height": 900}) as walker:
        page, keys = walker.page, Keyboard(walker.page)
        walker.enter_desk()
        keys.enter("a.door[href='/source']")
        page.wait_for_url("**/source")
        keys.choose("place", str(walker.desk.desk.home / "records.amanah"))
        keys.enter("button.primary")
        page.wait_for_url("**/unlock")
        keys.to("#passphrase")
        open_answers(walker)
        walker.at_the_desk("/specify")
        keys.type("#purpose", "keys alone")
        keys.to("input[name=groups][value=young_person]")
        page.keyboard.press("Space")
        keys.enter("details:has(#k) summary")
        keys.to("#k")
        page.keyboard.press("Control+a")
        page.keyboard.type("1")
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview*")
        keys.to("a[href='/specify']")
        keys.enter("button.primary")
        expect(page.locator("a.button")).to_be_visible()
        assert keys.faults == []


@pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, code, marks=[pytest.mark.torture] if (name, code) != ("public", "ar") else [])
        for name in TOURS
        for code in LANGUAGES[:3]
    ],
)
def test_every_stop_is_seen_and_in_order(browser: Browser, houses: Houses, name: str, language: str) -> None:
    found: list[str] = []
    with at_page(browser, houses, TOURS[name], language, viewport=PHONE) as walker:
        for place in TOURS[name].walk(walker):
            keys = Keyboard(walker.page)
            stops = list(keys.through())
            found += [f"{place}: {one}" for one in keys.faults + out_of_order(stops)]
    assert found == []
