"""Every component in every language: nothing is wider than its screen, cut off, broken inside a word, or unmirrored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Keys, new_instance
from tests.house.served import Served, serving

# WCAG 1.4.12, with `!important` as a reader's own sheet would say it.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""
# What is too wide for the page; what has more in it than it shows; words that are broken; targets that are too small.
LOOK = """() => {
  const seen = (one) => one.checkVisibility(), all = (names) => [...document.querySelectorAll(names)].filter(seen);
  const told = (one) => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`;
  const cut = all("button, .choice, .door, td, th, .message, .state, .leave, .outbox, summary")
    .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1).map(told);
  const broken = [];
  for (const one of all(".scale .choice span, button, .leave, .languages a")) {
    const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let node; (node = text.nextNode()); ) for (const word of node.data.matchAll(/[^\\s-]+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = [...range.getClientRects()].filter(({ width }) => width).map(({ top }) => Math.round(top));
      if (new Set(lines).size > 1) broken.push(word[0]);
    }
  }
  const small = all(".choice, .door, main button:not(.link), main input.code-box, main select, main textarea")
    .filter((one) => one.getBoundingClientRect().height < 56).map(told);
  return { wide: document.documentElement.scrollWidth - innerWidth, cut, broken, small };
}"""
SCALE = """(one) => [...one.children].map((card) => {
  const { x, y, width } = card.getBoundingClientRect();
  return [x, y, width];
})"""
SPACE = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
LINES = """() => [...document.querySelectorAll("main p:not([lang])")].flatMap((one) => {
  const range = document.createRange(), lines = {}, node = one.firstChild;
  if (node?.nodeType !== 3) return [];
  for (let at = 0; at < node.length; at += 1) {
    range.setStart(node, at); range.setEnd(node, at + 1);
    const top = Math.round(range.getBoundingClientRect().top);
    lines[top] = (lines[top] ?? 0) + 1;
  }
  return Object.values(lines);
})"""
CLEAN = {"wide": 0, "cut": [], "broken": [], "small": []}


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Served]:
    around = tmp_path_factory.mktemp("styleguide")
    settings = new_instance(around / "instance", keys)
    with (settings.home / "settings.toml").open("a", encoding="utf-8") as told:
        told.write("development = true\n")
    with serving(settings.home, around, packs_quickly=True) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.mark.parametrize("language", ["en", "ur", "ar", "bn", "so", "tr"])
def test_every_component_fits_its_screen_in(language: str, guide: Served, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{guide.url}/styleguide?lang={language}")
    assert page.evaluate(LOOK) == CLEAN
    page.set_viewport_size({"width": 820, "height": 1180})
    assert page.evaluate(LOOK) == CLEAN
    for scale in page.locator(".scale").all():
        cards = scale.evaluate(SCALE)
        inline = sorted(cards, reverse=language in ("ur", "ar"))
        assert cards == inline
        assert len({y for _, y, _ in cards}) == 1
        assert max(width for *_, width in cards) - min(width for *_, width in cards) < 1
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{guide.url}/styleguide/staff?lang={language}")
    staff = page.evaluate(LOOK)
    assert (staff["wide"], staff["cut"], staff["broken"]) == (0, [], [])


def test_lines_are_of_a_length_to_read_and_spaced_text_loses_nothing(guide: Served, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{guide.url}/styleguide?lang=en")
    lines = page.evaluate(LINES)
    assert 55 < max(lines) <= 62
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate(SPACE, SPACED)
    seen = page.evaluate(LOOK)
    assert (seen["wide"], seen["cut"]) == (0, [])


def test_what_is_chosen_shows_without_any_colour(guide: Served, page: Page) -> None:
    page.goto(f"{guide.url}/styleguide?lang=en")
    chosen = page.locator(".choice:has(input:checked)").first
    tick = "(one) => getComputedStyle(one, '::after').visibility"
    assert chosen.evaluate(tick) == "visible"
    assert page.locator(".choice:not(:has(input:checked))").first.evaluate(tick) == "hidden"
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    assert chosen.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    assert chosen.evaluate("(one) => getComputedStyle(one).transitionDuration") == "0s"
    page.emulate_media(forced_colors="none", media="print")
    assert page.locator(".top").is_hidden()
    page.emulate_media(media="screen")
