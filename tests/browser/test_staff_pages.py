"""The staff's pages on a phone: counts fit, and a wrong clock is said. test_accessible.py looks at all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from fieldwork.staff.members import hire
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from storage.office import count_visit
from tests.browser.signing_in import sign_in_on_page
from tests.conftest import TODAY
from tests.house.served import Served
from tests.staff import PASSWORD

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def url(standing: Served, standing_study: Study) -> str:
    """A field app with an administrator, and with a place that was counted."""
    hire(standing_study.stores.office, "Salma", "administrator", PASSWORD)
    for _ in range(7):
        count_visit(standing_study.stores.office, "finished", "community_leader", "2", "2026-11")
    maintain(standing_study, TODAY)
    return standing.url


def signed_in(browser: Browser, url: str, **words: object) -> Page:
    page = browser.new_context(viewport=PHONE, **words).new_page()  # type: ignore[arg-type]
    sign_in_on_page(page, url, "Salma")
    return page


def test_the_counts_fit_a_phone(browser: Browser, url: str) -> None:
    page = signed_in(browser, url, java_script_enabled=False)
    table = page.get_by_role("region", name="Birmingham").locator(".counts")
    expect(table.locator("tbody td.number")).to_have_text(["<5", "<5", "7"])
    for month in page.locator(".month").all():
        assert month.bounding_box()["height"] < 30  # type: ignore[index]
    box = table.bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE["width"]
    # The bar opens without script, and leads on.
    expect(page.get_by_role("link", name="Health")).to_be_hidden()
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")
    page.set_viewport_size({"width": 820, "height": 1180})
    expect(page.get_by_role("link", name="Tablets")).to_be_visible()
    page.context.close()


def test_a_clock_that_is_wrong_is_said(browser: Browser, url: str) -> None:
    page = signed_in(browser, url)
    page.goto(f"{url}/office/health")
    page.wait_for_load_state("load")
    expect(page.locator("[data-clocks-differ]")).to_be_hidden()

    def late(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('data-clock datetime="20', 'data-clock datetime="19'))

    page.route("**/office/health", late)
    page.goto(f"{url}/office/health")
    expect(page.locator("[data-clocks-differ]")).to_be_visible()
    page.context.close()
