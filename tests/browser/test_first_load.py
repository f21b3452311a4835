"""What the first load of a visit costs somebody on mobile data, and what the next one costs: nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.counting import Counted, counting
from tests.house.served import Served

MOST = 60_000  # bytes, with headers, of everything: page, style, script, icons, and what the worker keeps


def until_quiet(page: Page, counted: Counted) -> None:
    """Wait until nothing more comes."""
    before = -1
    while before != (before := counted.received):
        page.wait_for_timeout(1500)


def test_the_first_load_is_small_and_the_next_one_transfers_nothing(browser: Browser, served: Served) -> None:
    with counting(served.port) as counted:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.goto(f"{counted.url}/visit/young_person?lang=en")
        expect(page.locator("form.stepping")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready")
        until_quiet(page, counted)
        assert len(counted.asked) > 10
        assert counted.received <= MOST, f"{counted.received} bytes:\n" + "\n".join(sorted(counted.asked))
        counted.forget()
        page.close()
        page = context.new_page()
        page.goto(f"{counted.url}/visit/young_person?lang=en")
        expect(page.locator("form.stepping")).to_be_visible()
        until_quiet(page, counted)
        # The browser itself looks whether the worker has changed; nothing else is asked for.
        others = [line for line in counted.asked if not re.match(r"GET /worker\.js ", line)]
        assert others == []
        assert counted.received < 1500
        context.close()
