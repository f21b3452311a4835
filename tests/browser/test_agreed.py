"""A copy of what somebody agreed to: made on the device, kept nowhere, and shaped as each script is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from instruments.model import Instrument
from tests.browser.devices import PHONE, wait_until
from tests.browser.filling import say_yes, send, walk
from tests.browser.languages import NO, STATEMENT, YES, new_many_languages, statement
from tests.browser.paper import Paper
from tests.browser.pdf import fonts_in, letters_in
from tests.house.served import Served, serving

# What of each script shows that letters were joined: the first and the middle form of one letter; one letter with
# several forms in a font that writes on a slope; a conjunct of two consonants as one glyph.
JOINED = {
    "ar": lambda letters: {"\ufe91", "\ufe92"} <= letters.keys(),
    "ur": lambda letters: letters.get("ر", 0) > 1,
    "bn": lambda letters: "ম্ম" in letters,
}
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) found.push(url);
  const wanted = ["agreed.js", "page.js", "resume.js", "shift.js", "print.css", "/visit/agreed?lang=en"];
  return wanted.every((name) => found.some((url) => url.endsWith(name)));
}"""


ON_PAPER = "() => [...document.styleSheets].some(({ href }) => href?.endsWith('/print.css'))"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A study in Arabic, Urdu and Bengali."""
    around = tmp_path_factory.mktemp("many")
    with serving(new_many_languages(around).home, around) as running:
        yield running


def open_copy(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.locator("button[data-agreed]").click()
    expect(page.locator("[data-agreed=copy] h1")).to_be_focused()


def plain(words: str) -> str:
    """Letters and digits alone: a line may end within a code."""
    return "".join(filter(str.isalnum, words))


def assert_slip(page: Page) -> None:
    """The slip that the device made, on paper: one page with the code, to be scanned, and nothing of the study."""
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    # The sheet for paper comes with the slip; without it the page has a margin.
    wait_until(lambda: page.evaluate(ON_PAPER), page=page)
    (only,) = Paper(page.pdf(format="A5", prefer_css_page_size=True)).pages
    code = page.locator("[data-code]").inner_text()
    assert plain(code) in plain(only.text)
    assert max(right - left for left, _, right, _ in only.squares) >= 25
    assert only.edges()[0] >= 12


@pytest.mark.parametrize("language", list(STATEMENT))
def test_a_copy_saved_as_pdf_is_shaped_as_its_script_is_written(browser: Browser, many: Served, language: str) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{many.url}/visit/participant?lang={language}")
        walk(page, service="clinic", o_archive="yes")
        send(page)
        assert_slip(page)
        open_copy(page)
        agreed, choices = (page.locator(f"[data-agreed={kind}] li") for kind in ("statements", "choices"))
        expect(agreed.filter(has_text=f"{statement(language, 'c_part')} {YES[language]}")).to_have_count(1)
        expect(choices.filter(has_text=f"{statement(language, 'o_archive')} {YES[language]}")).to_have_count(1)
        expect(choices.filter(has_text=f"{statement(language, 'o_quote')} {NO[language]}")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        shown = page.pdf()
        assert JOINED[language](letters_in(shown)), "a font for this script is needed here (Debian: fonts-noto-core)"
        # The same words with their letters kept apart: what is looked for above is not there whatever is written.
        page.evaluate(APART)
        assert not JOINED[language](letters_in(page.pdf()))
        assert fonts_in(shown)


APART = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("[data-agreed=copy]"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = [...walker.currentNode.data].join("\u200c");
}"""


def test_a_copy_names_the_study_only_once_it_is_opened_and_the_code_stays_in_reach(
    browser: Browser, standing: Served, instrument: Instrument
) -> None:
    title = instrument.title.in_language("en")
    with browser.new_context(viewport=PHONE, bypass_csp=True, service_workers="block") as context:
        page = context.new_page()
        page.goto(f"{standing.url}/visit/young_person?lang=en")
        walk(page, o_quote="yes", yp_text_1="listen first, then speak")
        send(page)
        code = page.locator("[data-code]").inner_text()
        assert title not in page.content()
        context.set_offline(True)
        page.locator("button[data-agreed]").click()
        expect(page.get_by_text("Without a network no copy can be made")).to_be_visible()
        expect(page.locator("[data-code]")).to_have_text(code)
        context.set_offline(False)
        page.locator("button[data-agreed]").click()
        expect(page.locator("[data-agreed=copy] h1")).to_be_focused()
        copy = page.locator("main").inner_text()
        assert all(
            words in copy for words in (title, instrument.sheet_version, f"{instrument.version}-en", "/withdraw")
        )
        for item in instrument.items_of("young_person", "consent"):
            if item.name.startswith(("c_", "o_")):
                said = "No" if item.name.startswith("o_") and item.name != "o_quote" else "Yes"
                assert f"{item.label.in_language('en')} {said}" in copy
        assert "[data protection officer]" in copy
        assert code not in copy
        assert "listen first" not in page.content()
        page.emulate_media(media="print")
        assert "Print, or save as PDF" not in page.locator("body").inner_text()
        assert code not in page.locator("body").inner_text()
        page.emulate_media(media="screen")
        page.get_by_role("button", name="Back to my code").click()
        expect(page.locator("[data-code]")).to_have_text(code)
        expect(page.locator("[data-agreed=copy]")).to_have_count(0)
        assert title not in page.content()


def test_a_phone_goes_on_with_a_draft_and_makes_a_copy_without_a_network(browser: Browser, standing: Served) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{standing.url}/visit/young_person?lang=en")
        walk(page, stop="yp_text_2", yp_text_1="listen first, then speak")
        wait_until(lambda: page.evaluate(KEPT), page=page)
        context.set_offline(True)
        page.reload()
        page.get_by_role("button", name="Go on with it").click()
        expect(page.locator("#yp_text_1")).to_have_value("listen first, then speak")
        walk(page)
        send(page)
        open_copy(page)


def test_without_script_the_receipt_page_holds_the_same_copy_closed(browser: Browser, many: Served) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{many.url}/visit/participant?lang=ar")
        say_yes(page)
        page.locator("input[name=service][value=clinic]").check()
        page.locator("input[name=o_quote][value=yes]").check()
        for _ in range(2):
            send(page)
        copy = page.locator("[data-agreed=copy]")
        expect(copy).to_be_hidden()
        page.locator("main summary").click()
        expect(copy).to_be_visible()
        said = copy.inner_text()
        assert f"{statement('ar', 'c_part')} {YES['ar']}" in said
        assert f"{statement('ar', 'o_quote')} {YES['ar']}" in said
        assert f"{statement('ar', 'o_archive')} {NO['ar']}" in said
