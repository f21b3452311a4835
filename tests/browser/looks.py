"""What is looked for on a page as it stands: axe's findings, width, targets, clipped and overlapping words.

Each look gives back what it found, as lines that a person can read; an empty list is what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIZES = {360: 740, 820: 1180, 1440: 900}
SCHEMES = ("light", "dark")
# WCAG 2.2 up to AA, and axe's best practices. In a visit also contrast of AAA; of targets more is asked below.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
AXE = """async ([tags, enhanced]) => {
  const rules = { "color-contrast-enhanced": { enabled: enhanced }, "target-size": { enabled: true } };
  const found = await axe.run({ runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"] });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) =>
    `${node.target} ${node.html.slice(0, 80)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`).join(" | ")}`);
}"""
# Smaller than 44 CSS pixels, where a link does not stand in a sentence (WCAG 2.5.5 excepts those).
SMALL = """() => [...document.querySelectorAll("a[href], button, summary, label.choice, input:not([type=hidden]), select, textarea")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("label.choice") | one.matches("label.choice"))
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim()))
  .filter((one) => !one.matches(".skip"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (height < 43.9 || width < 43.9))
  .map(([one, { width, height }]) => `${one.tagName} ${(one.textContent.trim() || one.id).slice(0, 40)} ${width.toFixed()}x${height.toFixed()}`)"""
# Words that run out of their box where the box hides what runs out of it.
CLIPPED = """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility({ visibilityProperty: true })
    && one.textContent.trim() && !one.closest(".sr, .visually-hidden, .skip, svg, select, textarea, template"))
  .filter((one) => one.clientWidth > 2 && one.clientHeight > 2 && !one.closest(".unseen"))
  .filter((one) => { const how = getComputedStyle(one);
    if (how.clipPath !== "none" || how.clip !== "auto") return false;  // for screen readers alone
    const hides = (way) => ["hidden", "clip"].includes(way);
    return (hides(how.overflowX) && one.scrollWidth > one.clientWidth + 1) || (hides(how.overflowY) && one.scrollHeight > one.clientHeight + 1)
      || how.textOverflow === "ellipsis" && one.scrollWidth > one.clientWidth + 1; })
  .map((one) => `${one.tagName}.${one.className} hides ${one.textContent.trim().slice(0, 50)}`)"""
# Two things to press that lie over each other, and words over words of another block.
OVERLAPS = """() => {
  const all = [...document.querySelectorAll("main :is(a[href], button, summary, label.choice, input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea, h1, h2, h3, legend, p)")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && getComputedStyle(one).position !== "fixed" && getComputedStyle(one).position !== "sticky")
    .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 2 && box.height > 2);
  const found = [];
  for (let at = 0; at < all.length; at += 1) for (let other = at + 1; other < Math.min(all.length, at + 12); other += 1) {
    const [one, a] = all[at], [two, b] = all[other];
    if (one.contains(two) || two.contains(one)) continue;
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 3 && high > 3) found.push(`${one.tagName} ${one.textContent.trim().slice(0, 30)} over ${two.tagName} ${two.textContent.trim().slice(0, 30)}`);
  }
  return found;
}"""
# WCAG 1.4.12: words must bear this.
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""


def axe(page: Page, is_visit: bool = False, tags: list[str] = TAGS) -> list[str]:
    """What axe would have mended; its script is given to each document once. `is_visit`: contrast of AAA too."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AXE, [tags + (["wcag2aaa"] if is_visit else []), is_visit])
    return found


def too_wide(page: Page) -> list[str]:
    """Where the page is wider than the screen: sideways scrolling."""
    width, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{width} wide on a screen of {screen}: {widest(page)}"] if width > screen else []


def widest(page: Page) -> Any:
    """The innermost things that stick out."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.children.length)
        .filter((one) => { const box = one.getBoundingClientRect(); return box.right > innerWidth + 1 || box.left < -1; })
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
