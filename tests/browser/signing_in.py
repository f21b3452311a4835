"""A member of staff signs in with a real browser, as the sign-in pages ask: a password, then a code."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from fieldwork.staff.totp import code_at, from_base32
from tests.staff import PASSWORD

# Whose app was set up on which server: the recovery codes shown then, one of which serves each later time.
shown: dict[tuple[str, str], list[str]] = {}


def sign_in_on_page(page: Page, url: str, name: str = "Mara") -> None:
    """Somebody who was hired with the password of the tests signs in on this page; at first they set up their app."""
    page.goto(f"{url}/office/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/office/sign-in/"))
    if page.url.endswith("/set-up"):
        shown[url, name] = set_up(page)
        page.get_by_role("link", name="I have kept them").click()
    else:
        page.fill("#code", shown[url, name].pop())
        page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{url}/office")


def set_up(page: Page) -> list[str]:
    """Type the code that an app would show; the recovery codes of the page that follows."""
    secret = from_base32(page.locator(".set-up code").inner_text().replace(" ", ""))
    page.fill("#code", code_at(secret, datetime.now(UTC)))
    page.get_by_role("button", name="Connect this app").click()
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    return codes.all_inner_texts()
