"""The two steps of sign-in in a real browser, on a phone; axe finds nothing to mend on any of their pages."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from fieldwork.staff.sessions import FRESH_FOR
from fieldwork.study import Study
from storage.sign_ins import mark_proved, sign_ins_of
from tests.browser.signing_in import set_up, shown, sign_in_on_page
from tests.house.served import Served
from tests.staff import PASSWORD, employ


def looked_at(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_staff_sign_in_by_two_steps_and_what_is_dangerous_asks_again(
    browser: Browser, standing: Served, standing_study: Study
) -> None:
    office, name, url = standing_study.stores.office, "Nadia", standing.url
    employ(office, name, "administrator")
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    page = context.new_page()
    sign_in_on_page(page, url, name)
    page.get_by_role("button", name="Sign out").click()
    sign_in_on_page(page, url, name)
    for path in ("", "/app", "/password"):
        page.goto(f"{url}/office/own{path}")
        looked_at(page)
    page.goto(f"{url}/office/own/sessions")
    looked_at(page)
    page.goto(f"{url}/office/own")
    one = sign_ins_of(office, name)[0]
    mark_proved(office, one.token_hash, one.proved - 2 * FRESH_FOR)
    page.get_by_text("Make ten new recovery codes").click()
    page.get_by_role("button", name="Replace them by new ones").click()
    expect(page.get_by_text("Nothing you typed is lost")).to_be_visible()
    looked_at(page)
    page.fill("#code_again", shown[url, name].pop())
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    looked_at(page)
    context.close()


def test_a_code_page_and_a_first_app_are_clean(browser: Browser, standing: Served, standing_study: Study) -> None:
    employ(standing_study.stores.office, "Owen", "coordinator")
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, color_scheme="dark")
    page = context.new_page()
    for has_app in (False, True):
        page.goto(f"{standing.url}/office/sign-in")
        page.fill("#name", "Owen")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("#code")).to_be_visible()
        looked_at(page)
        if not has_app:
            assert len(set_up(page)) == 10
            looked_at(page)
            page.goto(f"{standing.url}/office")
            page.get_by_role("button", name="Sign out").click()
    context.close()
