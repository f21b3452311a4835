"""A visit in each language of the default study, on a phone of one's own: to its code, sealed, opened by the key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldwork.admissions import invite
from fieldwork.study import Study
from tests.browser.conftest import sealing_in
from tests.browser.devices import PHONE, RECEIPT, Server, finish, invitation, stored, wait_until
from tests.changes import opened
from tests.conftest import Keys
from views.languages import direction_of

# The age is typed in the digits that people of the language write, where those are others.
VISITS = (
    ("young_person", "ur", "۱۹"), ("young_person", "ar", "١٩"), ("young_person", "bn", "১৯"),
    ("young_person", "so", "19"), ("young_person", "tr", "19"), ("community_leader", "ar", ""),
)  # fmt: skip
# Other tests walk visits in English, and of officers.
WALKED_ELSEWHERE = (("young_person", "en", "19"), ("police_officer", "ur", ""))


@pytest.fixture(scope="module")
def sealing(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[tuple[Server, Study]]:
    """The field app of the default study as it is, with all its languages."""
    with sealing_in(tmp_path_factory.mktemp("every language"), keys) as running:
        yield running


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """One phone for all: what a visit leaves behind is the affair of test_left_behind.py."""
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("group", "language", "age"),
    [*VISITS, *(pytest.param(*one, marks=pytest.mark.torture) for one in WALKED_ELSEWHERE)],
    ids=lambda one: one,
)
def test_a_visit_from_its_start_to_its_code(
    phone: Page, sealing_server: Server, sealing_study: Study, keys: Keys, group: str, language: str, age: str
) -> None:
    study = sealing_study
    token = invite(study, "single", date.today() + timedelta(days=1), group)
    path, _, secret = invitation(study, token, group).partition("#")
    phone.goto("about:blank")
    phone.goto(f"{sealing_server.url}{path}?lang={language}#{secret}")
    assert phone.locator("html").get_attribute("lang") == language
    assert phone.locator("html").get_attribute("dir") == direction_of(language)
    title = study.settings.neutral_title.in_language(language)
    expect(phone.locator("h1").first).to_have_text(title)
    assert RECEIPT.fullmatch(finish(phone, {"age": age} if age else {}))
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    wait_until(lambda: stored(study)[0] == 1, page=phone)
    (record,) = opened(study, keys, "research", "record")
    assert (record["language"], record["group"]) == (language, group)  # form_language and respondent_group in a release
    assert not age or record["answers"]["age"] == "18-21"
    (consent,) = opened(study, keys, "identity", "consent")
    assert consent["record"]["language"] == language
    assert consent["record"]["privacy_notice"] == f"info-1.0-{language}"
    assert {one["text_version"] for one in consent["record"]["statements"]} == {f"1.0-draft-{language}"}


# How many lines a thing takes, and how large the letters of the box for a code are.
LINES = """(one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size;
}"""
SIZE = "(one) => parseFloat(getComputedStyle(one).fontSize)"
FITS = """(box) => {
  const style = getComputedStyle(box), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const inside = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText("Z3VP-5468-BXF8-WX9K-KHXH-2GZZ").width <= inside;
}"""


@pytest.mark.parametrize("language", ["en", "ur", "ar", "bn", "so", "tr"])
def test_on_a_phone_the_bar_has_two_lines_a_version_one_and_a_code_is_large_enough_to_check(
    phone: Page, sealing_server: Server, language: str
) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    phone.goto(f"{sealing_server.url}/easy-read/young_person?lang={language}")
    assert phone.locator(".of-version bdi").evaluate_all(f"(all) => all.map({LINES})") == [1, 1]
    for line in ("header.top .name", "nav.languages summary > bdi"):
        assert phone.locator(line).evaluate(LINES) == 1, line
    phone.goto(f"{sealing_server.url}/withdraw?lang={language}")
    box = phone.locator("input.code-box").first
    assert box.evaluate(SIZE) >= 13
    assert box.evaluate(FITS)
    phone.set_viewport_size(PHONE)
