"""`python -m tests.browser.icons`: the icons of the home screen, drawn from static/icon.svg by Chromium.

What a phone cuts to a shape of its own has the mark's ground up to its edges, and the mark well inside them.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import chromium

STATIC = Path(__file__).parents[2] / "static"
GROUND = "#F1E8F1"
# Name, pixels, how much of them the drawing fills, and whether its ground reaches the corners.
ICONS = (
    ("icon-180.png", 180, 1.0, True),
    ("icon-192.png", 192, 1.0, False),
    ("icon-512.png", 512, 1.0, False),
    ("icon-maskable.png", 512, 0.8, True),
)
PAGE = """<!doctype html><style>
html {{ background: {ground}; }}
body {{ margin: 0; block-size: 100vh; display: grid; place-items: center; }}
svg {{ inline-size: {share}vw; block-size: {share}vh; }}
</style>{drawing}"""


def draw(browser: Browser, name: str, pixels: int, share: float, fills: bool, out: Path) -> None:
    """One icon, into this folder."""
    page = browser.new_page(viewport={"width": pixels, "height": pixels})
    ground = GROUND if fills else "transparent"
    drawing = (STATIC / "icon.svg").read_text("utf-8")
    page.set_content(PAGE.format(ground=ground, share=100 * share, drawing=drawing))
    page.screenshot(path=out / name, omit_background=True)
    page.close()


def main(out: Path = STATIC) -> None:
    """All of them."""
    with chromium() as browser:
        for name, pixels, share, fills in ICONS:
            draw(browser, name, pixels, share, fills, out)


if __name__ == "__main__":
    main()
