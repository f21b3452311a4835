"""The staff's counts on a phone: all of the table stands on the screen, and a month is not broken."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from fieldwork.study import Study
from storage.office import count_visit
from tests.browser.test_preview import signed_in
from tests.house.served import Served


def test_the_counts_fit_a_phone(browser: Browser, served: Served, study: Study) -> None:
    count_visit(study.stores.office, "finished", "community_leader", "2", "2026-11")
    page = signed_in(browser, served, study)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator(".month")).to_have_text("2026-11")
    assert page.locator(".month").evaluate("(one) => one.getClientRects().length") == 1
    assert page.locator(".counts").evaluate("(one) => one.scrollWidth <= one.parentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.context.close()
