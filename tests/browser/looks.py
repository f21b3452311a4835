"""What is looked for on a page as it stands: axe's findings, width, targets, clipped and overlapping words.

Each look gives back what it found, as lines that a person can read; an empty list is what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SCRIPTS = Path(__file__).parent / "data"
SIZES = {360: 740, 820: 1180, 1440: 900}
SCHEMES = ("light", "dark")
# WCAG 2.2 up to AA, and axe's best practices. In a visit also contrast of AAA; of targets more is asked below.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
AXE = (SCRIPTS / "axe.js").read_text("utf-8")
# Smaller than 44 CSS pixels, where a link does not stand in a sentence (WCAG 2.5.5 excepts those).
SMALL = (SCRIPTS / "small.js").read_text("utf-8")
# Words that run out of their box where the box hides what runs out of it.
CLIPPED = (SCRIPTS / "clipped.js").read_text("utf-8")
# Two things to press that lie over each other, and words over words of another block.
OVERLAPS = (SCRIPTS / "overlaps.js").read_text("utf-8")
# WCAG 1.4.12: words must bear this.
# Where a script's lines stand further apart already they stay: to bear at least this is asked.
SPACING = """:not(:lang(ur), :lang(ar), :lang(bn)) { line-height: 1.5 !important; }
* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""


def axe(page: Page, is_visit: bool = False, tags: list[str] = TAGS) -> list[str]:
    """What axe would have mended. `is_visit`: contrast of AAA too.

    A document is looked at as a whole once; when it shows something else, that is.
    """
    page.evaluate("scrollTo(0, 0)")  # what the bar lies over is a matter of where one has scrolled to
    if is_new := not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AXE, [tags + (["wcag2aaa"] if is_visit else []), is_visit, is_new])
    return found


def too_wide(page: Page) -> list[str]:
    """Where the page is wider than the screen: sideways scrolling."""
    width, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{width} wide on a screen of {screen}: {widest(page)}"] if width > screen else []


def widest(page: Page) -> Any:
    """The innermost things that stick out."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.children.length)
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
        .filter((one) => !one.closest(".wide, .skip")).slice(0, 3)
        .map((one) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 40)}`)"""
    )


def small(page: Page) -> list[str]:
    """Targets of less than 44 pixels either way."""
    found: list[str] = page.evaluate(SMALL)
    return found


def clipped(page: Page) -> list[str]:
    """Words that are cut off, and things that lie over each other."""
    found: list[str] = page.evaluate(CLIPPED) + page.evaluate(OVERLAPS)
    return found


def spaced(page: Page) -> list[str]:
    """What is lost once words are spaced as WCAG 1.4.12 has it."""
    handle = page.add_style_tag(content=SPACING)
    found = too_wide(page) + clipped(page)
    handle.evaluate("(style) => style.remove()")
    return found


def at_each(page: Page, schemes: tuple[str, ...] = SCHEMES, widths: tuple[int, ...] = tuple(SIZES)) -> Iterator[str]:
    """The page in each light at each width, one after the other; what stands there is named."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": SIZES.get(width, 740)})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            yield f"{width} {scheme}"
