"""`./run screenshots`: pictures of the catalogue's places. Whatever they show is invented; no name is a real person's.

By default the main pages in four languages, for docs/screenshots: as large as the screen, lossless, with a clock and
chance that stand still, so that a page that did not change gives the same bytes again. `--all`: every place in every
language at three widths, light and dark, from top to bottom, into ./screenshots, which git ignores.
"""

from __future__ import annotations

import argparse
import base64
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from privacy.opening import new_private_key
from tests.browser.catalogue import LANGUAGES, PLACES, TOURS, Tour, at_page
from tests.browser.chromium import chromium
from tests.browser.devices import PATIENCE
from tests.browser.houses import Houses, houses_in
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.house.served import ROOT

# The pages that a reader of the documents should see.
MAIN = (
    "start", "support", "withdraw", "visit-information", "visit-consent", "visit-agree5-answered", "visit-open-text",
    "visit-receipt", "tablet-start", "tablet-home", "office", "specify", "preview",
)  # fmt: skip
# What a page is scrolled to, where what tells most of it does not stand at its top.
AIMS = {
    "visit-consent": "#q-c_info",
    "visit-agree5-answered": "#q-yp_fair_1",
    "visit-open-text": "#q-yp_text_1",
    "office": "section.site:has(+ section.site) + section.site",
    "preview": "figure.plot",
}
# Where this machine serves is nobody's business and differs each time.
AIM = """(selector) => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) words.currentNode.data = words.currentNode.data.replace(location.origin, "https://study.example");
  document.activeElement?.blur();  // no caret that blinks
  scrollTo(0, 0);
  if (selector) document.querySelector(selector).scrollIntoView({ block: "start", behavior: "instant" });
}"""
SPOKEN = ("en", "ur", "ar", "bn")
SIZES = {"360x740": (360, 740), "820x1180": (820, 1180), "1440x900": (1440, 900)}
# The receipt's code and the visit's numbers come from here, so they are the same each time and differ between visits.
STILL = """let state = %d;
crypto.getRandomValues = (into) => {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  bytes.forEach((_, at) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; bytes[at] = state >>> 24; });
  return into;
};"""
# Chromium's WebP of this quality loses nothing, and is a sixth of the PNG.
LOSSLESS = 100


@dataclass(frozen=True)
class Camera:
    """What pictures are taken of, in which languages and sizes, and where they are put."""

    out: Path
    places: frozenset[str]
    languages: tuple[str, ...]
    sizes: tuple[str, ...]
    schemes: tuple[str, ...]
    whole: bool  # from the top of the page to its end
    form: str = "webp"

    def path(self, place: str, language: str, size: str, scheme: str) -> Path:
        """The file of one picture."""
        dark = "-dark" if scheme == "dark" else ""
        return self.out / f"{place}-{language}-{size}{dark}.{self.form}"

    def take(self, page: Page, place: str, path: Path) -> None:
        """One picture, once everything on the page is there."""
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        page.mouse.move(0, 0)  # over nothing
        page.evaluate(AIM, "" if self.whole else AIMS.get(place, ""))
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        asked = {"format": self.form, "captureBeyondViewport": self.whole}
        if self.form == "webp":
            asked["quality"] = LOSSLESS
        if self.whole:
            width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
            asked["clip"] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        tools = page.context.new_cdp_session(page)
        path.write_bytes(base64.b64decode(tools.send("Page.captureScreenshot", asked)["data"]))
        tools.detach()


def tours_of(places: frozenset[str]) -> Iterator[tuple[Tour, frozenset[str]]]:
    """The tours on which these places stand, each with its own of them."""
    for tour in TOURS.values():
        if wanted := places & tour.shows.keys():
            yield tour, wanted


def take_tour(
    browser: Browser, houses: Houses, tour: Tour, camera: Camera, language: str, size: str, scheme: str
) -> None:
    """Walk one tour as far as there is something to take."""
    width, height = SIZES[size]
    left = set(camera.places & tour.shows.keys())
    like = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "reduced_motion": "reduce"}
    with at_page(browser, houses, tour, language, **like) as walker:
        walker.page.clock.set_fixed_time(datetime.combine(TODAY, time(12), UTC))
        walker.page.add_init_script(STILL % random.Random(f"{tour.name} {language} {size} {scheme}").getrandbits(31))
        for place in tour.walk(walker):
            if place in left:
                camera.take(walker.page, place, camera.path(place, language, size, scheme))
                left.remove(place)
            if not left:
                return


def take_all(camera: Camera) -> int:
    """Every picture that is asked for; how many."""
    expect.set_options(timeout=1_000 * PATIENCE)
    camera.out.mkdir(parents=True, exist_ok=True)
    chance = counted_bytes("keys of the tests")
    keys = Keys(*(new_private_key(purpose, STUDY, chance) for purpose in ("research", "identity")))
    with tempfile.TemporaryDirectory() as folder, houses_in(Path(folder), keys) as houses, chromium() as browser:
        for tour, _ in tours_of(camera.places):
            for language, size, scheme in product(camera.languages, camera.sizes, camera.schemes):
                take_tour(browser, houses, tour, camera, language, size, scheme)
    return len(list(camera.out.glob(f"*.{camera.form}")))


def asked_for(words: Sequence[str]) -> Camera:
    """What is to be taken."""
    parser = argparse.ArgumentParser(prog="./run screenshots", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every place, language and size, light and dark")
    parser.add_argument("--place", nargs="+", choices=PLACES, metavar="PLACE", help="these places only")
    parser.add_argument("--lang", nargs="+", choices=LANGUAGES, help="these languages only")
    parser.add_argument("--size", nargs="+", choices=SIZES, help="these sizes only")
    parser.add_argument("--scheme", nargs="+", choices=("light", "dark"), help="these schemes only")
    parser.add_argument("--out", type=Path, help="a folder for them")
    parser.add_argument("--png", action="store_true", help="PNG in place of WebP")
    told = parser.parse_args(words)
    every = told.all
    return Camera(
        told.out or ROOT / ("screenshots" if every else "docs/screenshots"),
        frozenset(told.place or (PLACES if every else MAIN)),
        tuple(told.lang or (LANGUAGES if every else SPOKEN)),
        tuple(told.size or (SIZES if every else list(SIZES)[:2])),
        tuple(told.scheme or (("light", "dark") if every else ("light",))),
        every,
        "png" if told.png else "webp",
    )


def main(words: Sequence[str]) -> None:
    """Take them; what lay in the documents' folder before is gone."""
    camera = asked_for(words)
    if not words:
        shutil.rmtree(camera.out, ignore_errors=True)
    sys.stdout.write(f"{take_all(camera)} pictures in {camera.out}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
