"""Staff are warned before a session, or what the desk holds, ends; what they typed stays where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from storage.sign_ins import sign_ins
from tests.browser.catalogue import TOURS, at_page
from tests.browser.houses import Field, Houses

SAID = ".stays [data-say]:visible"


def rested(page: Page, field: Field, minutes: float) -> None:
    """Mara has asked for no page for so long, and so long has this one been open."""
    then = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(tzinfo=None)
    with field.study.stores.office.engine.begin() as connection:
        connection.execute(update(sign_ins).where(sign_ins.c.name == "Mara").values(used=then))
    page.clock.run_for(int(minutes * 60_000))


def test_a_session_is_gone_on_with_by_one_press_and_what_was_typed_outlives_it(
    browser: Browser, houses: Houses
) -> None:
    busy = houses.fields["busy"]
    with at_page(browser, houses, TOURS["office"]) as walker:
        page = walker.page
        page.clock.install()
        walker.sign_in()
        walker.goto("/office/staff")
        expect(page.locator(SAID)).to_have_count(0)
        rested(page, busy, 28.5)
        expect(page.locator(SAID).first).to_have_text(
            "No page was opened for a while. In less than two minutes you are signed out, unless you press this button."
        )
        page.get_by_role("button", name="Stay signed in").click()
        expect(page.locator(SAID)).to_have_text(["You stay signed in."])
        page.locator("#name").fill("Hanan")
        rested(page, busy, 31)
        page.locator("form:has(#name) button").click()
        expect(page.locator(SAID)).to_contain_text(["You are signed out. Nothing was sent"])
        expect(page.locator("#name")).to_have_value("Hanan")
        walker.sign_in()
        page.locator("form:has(#name) button").click()
        expect(page.get_by_role("alert").first).to_contain_text("Please press the button once more.")
        expect(page.locator("#name")).to_have_value("Hanan")
