"""What a screen reader is given on the pages that matter most, as an auditor can read it in tests/browser/trees/.

The same in English, word for word, and in Arabic by its build: the same groups, boxes, states and descriptions in the
same order. A change that is meant is written down by `UPDATE_TREES=1 ./run test tests/browser/test_trees.py -m ''`.
No person with a screen reader has tried these pages: what a tree cannot tell, such as how long it takes, is not known.
"""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.catalogue import TOURS, at_page
from tests.browser.devices import PHONE
from tests.browser.houses import Houses
from tests.browser.tours_visit import advance, begin
from tests.browser.tree import Line, tree_of
from tests.house.served import ROOT

TREES = ROOT / "tests" / "browser" / "trees"
# The places whose trees are kept, by their tours.
KEPT = {
    "public": ("start", "support"),
    "visit": (
        "visit-eligibility", "visit-refusal", "visit-number-refused", "visit-understanding", "visit-agree5",
        "visit-multiple", "visit-open-text", "visit-contact", "visit-last", "visit-receipt",
    ),
    "withdrawing": ("withdraw-refused", "withdraw-changes"),
    "tablet": ("tablet-start-refused", "tablet-home", "tablet-locked"),
    "signing-in": ("sign-in", "sign-in-refused", "joining"),
    "desk-bare": ("desk-home-bare", "keys-new-bare"),
}  # fmt: skip
# Tours that show the same whatever was done before, and in whatever language one came.
COMPARED = ("public", "visit", "withdrawing", "signing-in", "desk-bare")
ARABIC = re.compile("[\u0600-\u06ff]")
WALKED: dict[tuple[str, str], dict[str, list[Line]]] = {}  # by tour and language


def trees(browser: Browser, houses: Houses, name: str, language: str) -> dict[str, list[Line]]:
    """The trees of a tour's places; a tour is walked once in a language."""
    if (name, language) not in WALKED:
        WALKED[name, language] = walked(browser, houses, name, language)
    return WALKED[name, language]


def walked(browser: Browser, houses: Houses, name: str, language: str) -> dict[str, list[Line]]:
    found = {}
    with at_page(browser, houses, TOURS[name], language, viewport=PHONE) as walker:
        for place in TOURS[name].walk(walker):
            if place in KEPT[name]:
                found[place] = tree_of(walker.page)
    assert tuple(found) == tuple(place for place in TOURS[name].shows if place in KEPT[name])
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "visit" else pytest.mark.torture) for name in KEPT]
)
def test_what_is_read_out_is_what_was_read_before(browser: Browser, houses: Houses, name: str) -> None:
    for place, lines in trees(browser, houses, name, "en").items():
        path, told = TREES / f"{place}.txt", "".join(f"{line}\n" for line in lines)
        if os.environ.get("UPDATE_TREES"):
            path.write_text(told, "utf-8")
        assert told == path.read_text("utf-8"), place


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "visit" else pytest.mark.torture) for name in COMPARED]
)
def test_arabic_is_built_as_english_is(browser: Browser, houses: Houses, name: str) -> None:
    english, arabic = (trees(browser, houses, name, language) for language in ("en", "ar"))
    for place, lines in english.items():
        # A sentence may be more than one text; whatever has a role of its own is the same.
        ours, theirs = ([one.structure for one in tree if one.role != "StaticText"] for tree in (lines, arabic[place]))
        assert ours == theirs, f"{place}: other roles or states in Arabic"
        words = [line.name for line in arabic[place] if line.name and line.role in ("heading", "button", "group")]
        assert [one for one in words if not ARABIC.search(one)] == [], f"{place} is not in Arabic"


def test_a_refusal_is_said_and_tied_and_goes_once_it_is_mended(browser: Browser, houses: Houses) -> None:
    with at_page(browser, houses, TOURS["visit"], "en", viewport=PHONE) as walker:
        begin(walker)
        advance(walker, "#q-age")
        page = walker.page
        page.locator("#age").fill("seventeen")
        walker.press("[data-walk=next]")
        box = page.locator("#age")
        expect(box).to_be_focused()
        expect(box).to_have_attribute("aria-invalid", "true")
        (said,) = [line for line in tree_of(page) if line.role == "textbox"]
        assert "Please type a whole number." in said.description
        assert "invalid" in said.states
        expect(page.locator("#q-age [role=alert]")).to_be_visible()
        where = page.locator("[data-walk=where][role=status]")
        before = where.inner_text()
        box.fill("17")
        walker.press("[data-walk=next]")
        expect(where).not_to_have_text(before)
        assert not [line for line in tree_of(page) if "invalid" in line.states or line.role == "alert"]


def test_words_in_another_language_say_so(browser: Browser, houses: Houses) -> None:
    with at_page(browser, houses, TOURS["public"], "ur", viewport=PHONE) as walker:
        walker.goto("/")
        page = walker.page
        assert page.locator("html").get_attribute("lang") == "ur"
        languages = page.locator("nav.languages a, .languages a")
        assert (
            languages.evaluate_all("all => all.map((one) => one.lang === one.hreflang && one.lang !== '')")
            == [True] * languages.count()
        )
