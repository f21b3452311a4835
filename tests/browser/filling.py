"""Fill a visit in a real browser, as Amina would."""

from __future__ import annotations

from playwright.sync_api import Page


def say_yes(page: Page) -> None:
    """Yes to every statement that is needed."""
    page.wait_for_load_state("load")
    for box in page.locator(".must .yes").all():
        box.check()


def begin(page: Page, age: str = "19") -> None:
    """The two screening questions."""
    page.locator("input[name=elig_muslim][value='1']").check()
    page.locator("#age").fill(age)
