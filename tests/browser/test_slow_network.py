"""A slow network: somebody answers before the whole script is there. Nothing is lost, nothing taken for another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.devices import PHONE, kept, ready, wait_until
from tests.browser.filling import send, walk
from tests.house.served import Served

NEXT = "[data-walk=next]"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    # A worker would answer before the test can hold a file back.
    with browser.new_context(viewport=PHONE, service_workers="block") as opened:
        yield opened


class Slow:
    """A page whose later script comes only when the test lets it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.held: list[Route] = []
        self.page = context.new_page()
        self.page.route("**/draft.js", lambda route: self.held.append(route))
        self.page.goto(address, wait_until="commit")
        wait_until(lambda: self.held, page=self.page)

    def comes(self) -> Page:
        """Let the rest of the script come."""
        for route in self.held:
            route.continue_()
        self.page.unroute("**/draft.js")
        return self.page


def answer_the_first_question(page: Page) -> None:
    page.locator("input[name=elig_muslim][value='1']").check()
    page.locator(NEXT).click()
    expect(page.locator("#age")).to_be_visible()
    page.locator("#age").fill("19")


def test_what_was_answered_before_the_script_had_come_stays_and_is_kept(
    context: BrowserContext, standing: Served
) -> None:
    slow = Slow(context, f"{standing.url}/visit/young_person?lang=en")
    answer_the_first_question(slow.page)
    page = slow.comes()
    ready(page)
    expect(page.locator("[data-resume=page]")).to_have_count(0)
    expect(page.locator("#age")).to_be_visible()
    expect(page.locator("#age")).to_have_value("19")
    wait_until(lambda: len(kept(page, "drafts")) == 1, page=page)
    walk(page, elig_muslim="1", age="19")
    send(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()


def test_a_visit_that_nobody_answered_leaves_no_draft(context: BrowserContext, standing: Served) -> None:
    page = Slow(context, f"{standing.url}/visit/young_person?lang=en").comes()
    ready(page)
    page.goto(f"{standing.url}/support?group=young_person&lang=en")
    assert kept(page, "drafts") == []


@pytest.mark.parametrize(("choice", "age"), [("anew", "23"), ("go-on", "19")])
def test_an_earlier_draft_is_offered_first_and_what_was_typed_meanwhile_waits(
    context: BrowserContext, standing: Served, choice: str, age: str
) -> None:
    address = f"{standing.url}/visit/young_person?lang=en"
    earlier = context.new_page()
    earlier.goto(address)
    ready(earlier)
    answer_the_first_question(earlier)
    wait_until(lambda: kept(earlier, "drafts"), page=earlier)
    earlier.wait_for_timeout(600)
    earlier.close()
    slow = Slow(context, address)
    answer_the_first_question(slow.page)
    slow.page.locator("#age").fill("23")
    page = slow.comes()
    expect(page.get_by_role("heading", name="A visit was not finished here")).to_be_visible()
    page.locator(f"[data-resume={choice}]").click()
    expect(page.locator("#age")).to_be_visible()
    expect(page.locator("#age")).to_have_value(age)
