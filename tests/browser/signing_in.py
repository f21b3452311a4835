"""A member of staff signs in with a real browser, as the sign-in page asks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.staff import PASSWORD


def sign_in_on_page(page: Page, url: str, name: str = "Mara") -> None:
    """Somebody who was hired with the password of the tests signs in on this page."""
    page.goto(f"{url}/office/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{url}/office")
