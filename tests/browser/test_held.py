"""Who withdraws during a legal hold reads what the institution fixed, with script and without, and for any code."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from config import Settings
from fieldwork.study import Study
from privacy.receipts import new_receipt
from tests.browser.devices import PHONE
from tests.conftest import counted_bytes
from tests.holding import held, with_staff
from tests.house.served import Served


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_participant_reads_the_institutions_words(
    browser: Browser, served: Served, settings: Settings, study: Study, script: bool
) -> None:
    held(with_staff(settings, study))
    with browser.new_context(viewport=PHONE, java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(f"{served.url}/withdraw")
        expect(page.get_by_text("The next page says when they are erased.")).to_be_visible()
        page.locator("#erase-code").fill(new_receipt(counted_bytes("nobody's")).grouped)
        page.get_by_role("button", name="Take my answers out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("We have noted it")
        expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
        expect(page.get_by_text("Dr Amin, 020 7946 0000")).to_be_visible()
        expect(page.get_by_text("is erased now")).to_have_count(0)
