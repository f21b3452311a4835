"""A form of one's own, with rounds and lists that hang on each other, step by step: what the desk opens was typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from instruments.model import BLANK, NOT_APPLICABLE
from privacy.opening import PrivateKey
from release.build import open_source_with
from release.source import open_source
from tests.browser.filling import send, walk
from tests.forms import DATA, GROUP, instance_around
from tests.house.served import Served, serving

FORM = DATA / "forms" / "village_survey.md"
SAID: dict[str, str | list[str]] = {
    "region": "hill", "village": "stone", "people": "2", "called_1": "Amina", "years_1": "41",
    "work_1": ["farm", "trade"], "called_2": "بلال", "years_2": "7", "field_any": "1", "crop_1": "wheat",
    "size_1": "2.50", "field_more_1": "1", "crop_2": "other", "crop_other_2": "Lentils", "size_2": "0.75",
    "field_more_2": "0",
}  # fmt: skip
OPENED = {
    "region": "hill", "village": "stone", "people": 2, "place_1": "1", "called_1": "Amina", "years_1": 41,
    "work_1": "farm trade", "place_2": "2", "called_2": "بلال", "years_2": 7, "field_any": 1, "crop_1": "wheat",
    "size_1": "2.5", "field_more_1": 1, "crop_2": "other", "crop_other_2": "Lentils", "size_2": "0.75",
    "field_more_2": 0, "workers": "1", "land": "3.25", "needs": "water clinic road",
}  # fmt: skip


@pytest.fixture
def collecting(tmp_path: Path) -> Iterator[tuple[Served, Path, PrivateKey]]:
    """The field app of a study around the form, in a process of its own."""
    settings, keys = instance_around(FORM, tmp_path)
    with serving(settings.home, tmp_path) as running:
        yield running, settings.home, keys["research"]


def labels(page: Page, name: str) -> list[str]:
    """The choices of a question that can be seen."""
    return [text for text in page.locator(f"#q-{name} .choice:visible").all_inner_texts() if text]


def test_a_roster_and_a_cascade_step_by_step(browser: Browser, collecting: tuple[Served, Path, PrivateKey]) -> None:
    served, home, key = collecting
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{served.url}/visit/{GROUP}?lang=en")
    walk(page, stop="village", **SAID)
    assert labels(page, "village") == ["Upper Spring", "Stone Bridge"]
    walk(page, stop="years_2", **SAID)
    expect(page.locator("#q-years_2 label.legend")).to_have_text("How old is بلال?")
    seen = walk(page, stop="needs", **SAID).questions
    assert "work_2" not in seen
    assert "called_3" not in seen
    expect(page.locator("#q-summary")).to_have_text("You told us of 3.25 hectares and 1 who work.")
    for place, need in zip(page.locator("#q-needs select").all(), ("water", "clinic", "road"), strict=True):
        place.select_option(need)
    walk(page, **SAID)
    send(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    expect(page.get_by_text("They have arrived")).to_be_visible()
    context.close()
    opened = open_source(home)
    asked = {item.name for item in opened.newest.research_items(GROUP)}
    people = open_source_with(opened, [key], lambda done, whole: None).people
    (person,) = people.select(name for name in people.columns if name in asked).to_dicts()
    nothing = (BLANK, NOT_APPLICABLE, str(BLANK), str(NOT_APPLICABLE))
    assert {name: value for name, value in person.items() if value not in nothing} == OPENED
