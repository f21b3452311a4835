"""Questions that a form wants on one screen (a group that looks like `field-list`) stand on one step of the visit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.devices import PHONE, ready
from tests.browser.filling import walk
from tests.forms import GROUP, instance_around, written
from tests.house.served import Served, serving

SURVEY = [
    ["type", "name", "label", "appearance", "required", "relevant"],
    ["text", "before", "What do you call this place?", "", "", ""],
    ["begin_group", "water", "Water", "field-list", "", ""],
    ["note", "about", "About your water.", "", "", ""],
    ["select_one often", "clean", "Is it clean?", "likert", "yes", ""],
    ["select_one often", "enough", "Is it enough?", "likert", "", ""],
    ["text", "why", "What is wrong with it?", "", "yes", "${clean} = 'no'"],
    ["text", "source", "Where does it come from?", "", "", ""],
    ["text", "walks", "Who fetches it?", "", "", ""],
    ["end_group", "", "", "", "", ""],
    ["text", "after", "What should change?", "", "", ""],
]
CHOICES = [["list_name", "name", "label"], ["often", "yes", "Yes"], ["often", "no", "No"]]
ALWAYS = ["clean", "enough", "source", "walks"]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A field app that asks this form."""
    around = tmp_path_factory.mktemp("one_screen")
    settings, _ = instance_around(written(around / "form", SURVEY, CHOICES), around)
    with serving(settings.home, around, packs_quickly=True) as running:
        yield running


@pytest.fixture
def page(browser: Browser, form: Served) -> Iterator[Page]:
    """A phone at the question before the screen."""
    with browser.new_context(viewport=PHONE) as context:
        yield at_the_screen(context.new_page(), form)


def at_the_screen(page: Page, served: Served) -> Page:
    page.goto(f"{served.url}/visit/{GROUP}?lang=en")
    ready(page)
    walk(page, stop="before")
    following(page).click()
    return page


def following(page: Page) -> Locator:
    return page.locator("[data-walk=next]")


def asked(page: Page) -> list[str]:
    """The questions on the screen."""
    return [one.get_attribute("id")[2:] for one in page.locator(".question:visible").all()]  # type: ignore[index]


def test_they_stand_together_and_follow_what_is_answered_there(page: Page) -> None:
    assert asked(page) == ALWAYS
    expect(page.get_by_text("About your water.")).to_be_visible()
    expect(page.get_by_role("heading", name="Water")).to_be_focused()
    page.locator("input[name=clean][value=no]").check()
    assert asked(page) == ["clean", "enough", "why", "source", "walks"]
    page.locator("input[name=clean][value=yes]").check()
    assert asked(page) == ALWAYS


def test_each_of_them_is_checked_before_the_next_step(page: Page) -> None:
    following(page).click()
    expect(page.locator("#q-clean .refusal")).to_be_visible()
    page.locator("input[name=clean][value=no]").check()
    following(page).click()
    expect(page.locator("#q-why .refusal")).to_be_visible()
    page.locator("#why").fill("It is brown.")
    following(page).click()
    assert asked(page) == ["after"]


def test_the_reminder_leads_back_to_one_of_them(page: Page) -> None:
    page.locator("input[name=clean][value=yes]").check()
    following(page).click()
    walk(page)
    page.locator("[data-walk=blanks] button", has_text="Is it enough?").click()
    assert asked(page) == ALWAYS
