"""What a member is told on the start page fits a phone and a desk; who signs out leaves no page behind, and no gap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldwork.staff.standing import sign_out_member
from fieldwork.study import Study
from storage.notices import count_notice
from tests.browser.devices import kept, queue_visits
from tests.browser.signing_in import sign_in_on_page
from tests.browser.test_visit import mendable
from tests.conftest import TODAY
from tests.house.served import Served
from tests.staff import employ

SIZES = ({"width": 360, "height": 740}, {"width": 1440, "height": 900})


@pytest.fixture(scope="module")
def page(browser: Browser, standing: Served, standing_study: Study) -> Iterator[Page]:
    """Vera on a phone, who has just signed in, and under whose name others have tried."""
    office = standing_study.stores.office
    employ(office, "Vera", "coordinator")
    count_notice(office, "Vera", failed=12, halves=2)
    sign_out_member(office, "Mara", "Vera", TODAY)
    page = browser.new_context(viewport=SIZES[0], bypass_csp=True).new_page()
    sign_in_on_page(page, standing.url, "Vera")
    yield page
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_told_fits_every_screen_and_leaves_axe_nothing_to_mend(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two that it takes
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a mapping of its two numbers
        expect(page.get_by_text("2 times, your right password was typed")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        assert mendable(page) == []


def test_it_is_told_until_the_button_is_pressed(page: Page) -> None:
    page.reload()
    told = page.get_by_role("region", name="About your sign-in")
    expect(told).to_contain_text("Mara ended every session of yours")
    expect(told).to_contain_text("12 times, a wrong password or code")
    told.get_by_role("button", name="I know about this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Progress")
    expect(told).to_have_count(0)


def test_back_shows_nothing_after_signing_out_and_what_waits_to_be_sent_still_waits(page: Page) -> None:
    for path in ("/office/own", "/office"):
        page.goto(page.url.partition("/office")[0] + path)
    queue_visits(page, 1)
    assert page.get_by_text("Signed in as Vera").count() == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert "Vera" not in page.content()
    assert page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))") == ["amanah"]
    assert [one["state"] for one in kept(page, "outbox")] == ["waiting"]
