"""What is printed, as it comes out of a real browser on A4 and A5: whole pages, whole words, codes that can be scanned.

One sample of each thing runs always, so that every language and both papers occur; torture runs all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.paper import SIZES, Paper
from tests.browser.pdf import fonts_in
from tests.browser.press import Press, press_of
from tests.browser.things_printed import LANGUAGES, THINGS, Houses, Printed
from tests.conftest import Keys

FONT = {"ur": "NotoNastaliqUrdu", "ar": "NotoNaskhArabic", "bn": "NotoSansBengali"}
LEAST_CODE = 25  # millimetres
MARGIN = 12  # millimetres that stay white at the sides
EDGE = 5  # and above and below, where the foot stands
# How many pages each has, at most: more would tell that something does not fit.
MOST_PAGES = {
    "sheet": (3, 5), "sheet of officers": (3, 5), "easy read": (5, 8), "cards": (13, 16), "support": (1, 2),
    "slip": (1, 1),
    "invitations": (4, 7), "checkpoint": (1, 2), "letters": (4, 8), "consent record": (2, 4), "shares": (6, 6),
    "ceremony": (2, 3),
}  # fmt: skip
FOOTED = ("sheet", "easy read", "cards")
# What has margins of its own, in which letters may hang.
OWN_MARGINS = ("slip", "support", "letters")
SAMPLE = (
    ("sheet", "ur", "A5"), ("cards", "bn", "A5"), ("support", "ar", "A5"), ("slip", "ur", "A4"),
    ("invitations", "bn", "A4"), ("checkpoint", "so", "A4"), ("letters", "ar", "A5"),
    ("consent record", "tr", "A5"), ("shares", "ur", "A5"), ("ceremony", "en", "A4"),
)  # fmt: skip
ALL = [
    pytest.param((thing, language, paper), marks=() if (thing, language, paper) in SAMPLE else pytest.mark.torture)
    for thing in THINGS
    for language in LANGUAGES
    for paper in SIZES
]


@dataclass(frozen=True)
class Shop:
    """Where things are printed."""

    houses: Houses
    press: Press


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, unused: Path, keys: Keys, browser: Browser) -> Iterator[Shop]:
    houses = Houses(tmp_path_factory.mktemp("printed"), keys, unused)
    with press_of(browser, houses.field) as press:
        yield Shop(houses, press)


@pytest.mark.parametrize("asked", ALL, ids=lambda asked: " ".join(asked).replace(" ", "-"))
def test_a_printed_thing_is_whole(shop: Shop, asked: tuple[str, str, str]) -> None:
    name, language, size = asked
    told = shop.houses.printed(name, language)
    paper = shop.press.prints(told.html, size)
    assert 1 <= len(paper.pages) <= MOST_PAGES[name][list(SIZES).index(size)]
    assert_pages(paper, SIZES[size], name not in OWN_MARGINS)
    assert_words(paper, told, language)
    assert_codes(paper, told)
    if name in FOOTED:
        last = f"{len(paper.pages)} / {len(paper.pages)}"
        assert last in " ".join(paper.pages[-1].text.split()), "the foot says which page of how many"


def assert_pages(paper: Paper, size: tuple[int, int], has_margins: bool) -> None:
    for page in paper.pages:
        assert page.size == size
        assert not page.is_blank
        left, top, right, bottom = page.edges()
        assert min(left, right) >= MARGIN
        assert min(top, bottom) >= EDGE
        assert page.coverage < 0.2, "nothing is dark on paper"
        assert not (has_margins and page.is_cut(15)), "an item is cut where the page ends"


def assert_words(paper: Paper, told: Printed, language: str) -> None:
    written = letters(paper.text)
    lacking = [words for words in told.words if not is_written(words, written, language)]
    assert lacking == []
    if language not in FONT:
        assert [words for words in told.never if letters(words) in written] == []
    elif told.words:
        assert FONT[language] in {name.partition("-")[0] for name in fonts_in(paper.pdf)}


def is_written(words: str, written: str, language: str) -> bool:
    """Letter by letter in Latin script; elsewhere a PDF's glyphs say which letters there are, not their order."""
    if language not in FONT or words.isascii():
        return letters(words) in written or not Counter(letters(words)) - Counter(written)
    return not Counter(letters(words)) - Counter(written)


def letters(words: str) -> str:
    """Letters and digits alone: spaces, hyphens and mirrored brackets are where lines and directions put them."""
    plain = unicodedata.normalize("NFKC", words)
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LN")


def assert_codes(paper: Paper, told: Printed) -> None:
    for code in told.codes:
        found = [side for page in paper.pages for side in page.codes([code])]
        assert found, f"not to be read: {code[:20]}"
        assert min(found) >= LEAST_CODE


def test_groups_of_a_number_stand_in_their_order_from_left_to_right_in_every_language(shop: Shop) -> None:
    for language in ("ur", "en"):
        paper = shop.press.prints(shop.houses.printed("support", language).html, "A5")
        lines = [line for page in paper.pages for line in page.digits]
        assert sum("08001111" in line for line in lines) == 2, "on the card and on the one for a wallet"
        assert sum("116123" in line for line in lines) == 2


def test_each_share_is_on_a_page_of_its_own_and_says_its_words_once(shop: Shop) -> None:
    told = shop.houses.printed("shares", "ar")
    sheets = [re.findall(r'<span class="word">([a-z]+)</span>', one) for one in told.html.split("<article")[1:]]
    pages = [set(re.findall("[a-z]{4,}", page.text)) for page in shop.press.prints(told.html, "A4").pages]
    assert len(pages) == len(sheets) == 6
    assert all(
        set(sheet) == page & {word for one in sheets for word in one} for sheet, page in zip(sheets, pages, strict=True)
    )
