"""The whole ceremony in a real browser, as three people hold it; what it prints, and what the browser keeps of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.desks import answered, desk_of
from tests.browser.devices import device
from tests.desk.ceremonies import NAMES, PHRASES
from tests.house.scanner import files_with

Typing = Callable[[Page, list[str]], None]
SIZES = ({"width": 360, "height": 740}, {"width": 820, "height": 1180}, {"width": 1440, "height": 900})


@dataclass(frozen=True)
class Running:
    """A desk for all tests of this file; `cookies` are those of its one-time link."""

    url: str
    home: Path
    scratch: Path
    cookies: list[Any]

    def enter(self, context: BrowserContext) -> Page:
        """The home page, as whoever opened the link sees it."""
        context.add_cookies(self.cookies)
        page = context.new_page()
        page.goto(self.url)
        return page


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    around = tmp_path_factory.mktemp("desk")
    (around / "scratch").mkdir()
    with desk_of(around / "home", around / "scratch") as link:
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        yield Running(page.url, around / "home", around / "scratch", context.cookies())
        context.close()


def who_is_here(page: Page) -> None:
    for label, name in zip(("Data manager", "First custodian", "Second custodian"), NAMES.values(), strict=True):
        page.get_by_label(label).fill(name)
    with answered(page):
        page.get_by_role("button", name="Go on to the passphrases").click()


def hand_over(page: Page, name: str, phrase: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Please hand over to {name}")
    page.get_by_label("New passphrase").fill(phrase)
    page.get_by_label("The same once more").fill(phrase)
    with answered(page):
        page.get_by_role("button", name="Take this passphrase").click()


def sheets_on(page: Page) -> list[list[str]]:
    return [sheet.locator(".word").all_text_contents() for sheet in page.locator(".share").all()]


def type_back(page: Page, words: list[str]) -> None:
    page.locator("#w1").click()
    page.keyboard.type(" ".join(word[:4] for word in words) + " ")
    expect(page.get_by_role("button", name="Check this sheet")).to_be_focused()
    assert [box.input_value() for box in page.locator("input[name=word]").all()] == words
    with answered(page):
        page.keyboard.press("Enter")


def paste_back(page: Page, words: list[str]) -> None:
    page.locator("#w1").fill(" ".join(words))
    with answered(page):
        page.get_by_role("button", name="Check this sheet").click()


def printed_pages(page: Page) -> int:
    """How many pages would come out of the printer."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def seen_in_print(page: Page) -> list[str]:
    """What the printer is given, of all that stands in the page's main part."""
    page.emulate_media(media="print")
    shown = page.evaluate(
        "[...document.querySelectorAll('body *')].filter((one) => !one.children.length && one.checkVisibility()"
        " && one.textContent.trim() && !one.closest('.share')).map((one) => one.textContent.trim())"
    )
    page.emulate_media(media="null")
    return list(shown)


def fits_every_screen(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)
        where = (page.url, size["width"])
        assert (*where, page.locator("html").evaluate("page => page.scrollWidth")) == (*where, size["width"])


def hold(page: Page, typing: Typing, look: Callable[[Page], None] = lambda page: None) -> list[list[str]]:
    """The ceremony from the home page to the record; `look` at each page on the way. Its sheets."""
    look(page)
    page.get_by_role("link", name="Make the study's keys").click()
    look(page)
    who_is_here(page)
    look(page)
    for name, phrase in zip(NAMES.values(), PHRASES, strict=False):
        hand_over(page, name, phrase)
    sheets = sheets_on(page)
    look(page)
    with answered(page):
        page.get_by_role("button", name="The sheets are printed").click()
    look(page)
    for at in (2, 0, 4, 3):
        # Key by key once, as a browser that remembers typing would notice; the others are pasted, to be quicker.
        (typing if at == 2 else paste_back)(page, sheets[at])
    look(page)
    with answered(page):
        page.get_by_role("button", name="Write the keys").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The study has its keys")
    look(page)
    return sheets


@dataclass(frozen=True)
class Search:
    """What a browser's profile is searched for: passphrases, and of each typed sheet the four longest words, since one
    word alone may stand in many a file. `address`: what must be found, or the search itself does not find."""

    sheets: tuple[frozenset[str], ...]
    address: str = "keys/done"

    def __call__(self, folder: Path) -> dict[str, set[str]]:
        found = files_with(folder, [*PHRASES[:3], self.address, *(word for words in self.sheets for word in words)])
        return {name: secret for name, held in found.items() if (secret := self.secret(held))}

    def secret(self, held: set[str]) -> set[str]:
        whole = [held & words for words in self.sheets if len(held & words) > 2]
        return held & {*PHRASES, self.address} | {word for words in whole for word in words}


def search_for(*sheets: list[str]) -> Search:
    return Search(tuple(frozenset(sorted(set(words), key=len)[-4:]) for words in sheets))


# ---- what the browser keeps


def test_three_people_make_keys_and_the_browser_keeps_no_passphrase_and_no_word(
    play: Playwright, desk: Running, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    profile, began = tmp_path / "profile", time.monotonic()
    with device(play, profile, SIZES[2]) as context:
        page = desk.enter(context)
        sheets = hold(page, type_back)
        record_property("seconds from the home page to the record", round(time.monotonic() - began, 1))
        for _ in range(4):
            page.go_back()
            expect(page.get_by_role("heading", level=1)).to_have_text("The study has its keys")
        page.wait_for_timeout(2_600)  # a browser writes its session file every two and a half seconds
    assert (desk.home / "keys" / "keyring.json").exists()
    search = search_for(sheets[2], sheets[0])
    found = search(profile)
    assert found, "the search itself must find: the address is in the history"
    assert set().union(*found.values()) == {search.address}
    assert files_with(desk.scratch, PHRASES[:3]) == {}
    with device(play, profile, SIZES[2]) as context:
        page = desk.enter(context)
        page.evaluate("kept => localStorage.setItem('kept', kept)", "|".join(sheets[2]))
        page.wait_for_timeout(200)
    assert search(profile / "Default" / "Local Storage")


# ---- how the pages look, and what comes out of the printer


def test_every_page_fits_and_each_sheet_is_printed_on_a_page_of_its_own(browser: Browser, desk: Running) -> None:
    context = browser.new_context(bypass_csp=True)
    page = desk.enter(context)
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if told.type == "error" else None)
    printed: dict[str, int] = {}

    def look(page: Page) -> None:
        fits_every_screen(page)
        if page.locator(".share").count():
            # Each share ends its page, so six pages of six shares hold one each.
            printed["sheets"] = printed_pages(page)
            assert page.locator(".share .words").first.is_hidden()
            assert seen_in_print(page) == []
        if page.locator(".record").count():
            printed["record"] = printed_pages(page)

    hold(page, paste_back, look)
    for task in ("", "keys/fingerprints", "keys/passphrase", "keys/recover", "keys/rotate"):
        page.goto(f"{desk.url}{task}")
        fits_every_screen(page)
    page.get_by_label("The identity key").check()
    with answered(page):
        page.get_by_role("button", name="Go on").click()
    fits_every_screen(page)
    page.goto(f"{desk.url}keys/custodians")
    fits_every_screen(page)
    with answered(page):
        page.get_by_role("button", name="Go on to the first custodian").click()
    fits_every_screen(page)
    assert printed == {"sheets": 6, "record": 1}
    assert refused == []
    context.close()


# ---- typing


@pytest.fixture
def at_the_boxes(
    browser: Browser, desk: Running, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, list[list[str]]]]:
    """A page for a sheet of the research key, with script or without."""
    context = browser.new_context(java_script_enabled=request.param)
    page = desk.enter(context)
    page.get_by_role("link", name="Make the study's keys").click()
    who_is_here(page)
    for name, phrase in zip(NAMES.values(), PHRASES, strict=False):
        hand_over(page, name, phrase)
    sheets = sheets_on(page)
    with answered(page):
        page.get_by_role("button", name="The sheets are printed").click()
    yield page, sheets
    context.close()


@pytest.mark.parametrize("at_the_boxes", [True], indirect=True)
def test_words_complete_themselves_and_a_strange_one_is_marked_at_once(
    at_the_boxes: tuple[Page, list[list[str]]],
) -> None:
    page, sheets = at_the_boxes
    page.locator("#w1").click()
    page.keyboard.type(sheets[0][0][:2])
    offered = page.locator("#word-list option").evaluate_all("options => options.map((option) => option.value)")
    assert 0 < len(offered) <= 6
    assert all(word.startswith(sheets[0][0][:2]) for word in offered)
    page.keyboard.type(sheets[0][0][2:4])
    page.keyboard.press("Enter")
    expect(page.locator("#w1")).to_have_value(sheets[0][0])
    page.keyboard.type("zzzz ")
    expect(page.locator("#w2")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#w2-note")).to_have_text("Not in the list.")
    expect(page.locator("#w3")).to_be_focused()
    page.locator("#w2").fill(sheets[0][1])
    page.keyboard.press("Tab")
    expect(page.locator("#w2")).not_to_have_attribute("aria-invalid", "true")
    pasted = " ".join(f"{place}. {word}" for place, word in enumerate(sheets[0], 1))
    page.locator("#w1").fill(pasted)
    assert [box.input_value() for box in page.locator("input[name=word]").all()] == sheets[0]


@pytest.mark.parametrize("at_the_boxes", [False], indirect=True)
def test_without_script_a_sheet_can_be_typed_all_the_same(at_the_boxes: tuple[Page, list[list[str]]]) -> None:
    page, sheets = at_the_boxes
    page.locator("#w1").fill(" ".join(sheets[0][:32]) + " zzzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Word 33 is not right. Please look at the sheet again.")
    expect(page.locator("#w33")).to_be_focused()
    page.locator("#w33").fill(sheets[0][32])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Type another sheet of the research key")
