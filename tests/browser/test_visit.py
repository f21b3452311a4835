"""Amina's visit in a real Chromium: with script and without, on a phone, leaving quickly, and what is left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect

from fieldwork.study import Study
from storage.vaults import count
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.filling import begin, say_yes
from tests.house.scanner import files_with
from tests.house.served import Served

PHONE = {"width": 360, "height": 740}
RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
GROUPS = ("young_person", "police_officer", "community_leader")


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A phone, with script on and with script off."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send my answers").click()


def send_past_the_reminder(page: Page) -> None:
    send(page)
    expect(page.locator("#summary")).to_contain_text("Before you send")
    send(page)


@pytest.mark.parametrize("group", GROUPS)
def test_a_whole_visit_works_with_script_and_without(phone: Page, served: Served, study: Study, group: str) -> None:
    phone.goto(f"{served.url}/")
    phone.get_by_role("link", name=study.instrument.group(group).title.in_language("en")).click()
    if group == "young_person":
        begin(phone)
    say_yes(phone)
    phone.locator("input[name=site][value='1']").check()
    send_past_the_reminder(phone)
    expect(phone.get_by_role("heading", name="Your code")).to_be_visible()
    code = RECEIPT.search(phone.content())
    assert code
    assert count(study.stores.research) == 1
    phone.goto(f"{served.url}/withdraw")
    phone.locator("#erase-code").fill(code.group().lower())
    phone.get_by_role("button", name="Take my answers out").click()
    expect(phone.get_by_role("heading", name="Done")).to_be_visible()
    assert (count(study.stores.research), count(study.stores.identity)) == (0, 0)


def test_no_question_is_shown_before_every_needed_yes(phone: Page, served: Served) -> None:
    phone.goto(f"{served.url}/visit/young_person")
    question = phone.locator("#q-yp_fair_1")
    expect(question).to_be_hidden()
    say_yes(phone)
    expect(question).to_be_visible()
    phone.locator("#q-c_use .no").check()
    expect(question).to_be_hidden()
    phone.get_by_role("button", name="Finish without taking part").click()
    expect(phone.get_by_text("Nothing that you said here was kept")).to_be_visible()


def test_a_refusal_is_at_the_top_in_focus_and_links_to_its_field(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/visit/young_person")
    say_yes(page)
    page.locator("#yp_text_1").fill("typed already")
    send(page)
    summary = page.locator("#summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 answers need another look")
    expect(page.locator("#yp_text_1")).to_have_value("typed already")
    summary.get_by_role("link", name="How old are you").click()
    expect(page.locator("#q-age")).to_be_in_viewport()
    expect(page.locator("#q-age .error")).to_be_visible()


def test_leaving_quickly_clears_the_page_and_back_shows_nothing(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/")
    page.goto(f"{served.url}/visit/young_person")
    say_yes(page)
    page.locator("#yp_text_1").fill("my own words")
    page.get_by_role("link", name="Leave quickly").click()
    expect(page).to_have_url(f"{served.url}/away")
    assert "Working Together" not in page.title()
    page.go_back()
    assert "my own words" not in page.content()
    assert not page.url.endswith("/visit/young_person")


def test_escape_twice_leaves_too(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/visit/young_person")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{served.url}/away")


def test_going_back_from_the_receipt_shows_no_answers(page: Page, served: Served, study: Study) -> None:
    page.goto(f"{served.url}/visit/young_person")
    begin(page)
    say_yes(page)
    page.locator("#yp_text_1").fill("my own words")
    send_past_the_reminder(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    expect(page).to_have_url(re.compile("/visit/done"))
    page.reload()
    expect(page.get_by_text("shown once")).to_be_visible()
    assert count(study.stores.research) == 1, "reloading must not send the visit again"
    page.go_back()
    expect(page.locator("#yp_text_1")).to_have_count(0)
    assert "my own words" not in page.content()


def test_without_a_network_nothing_is_lost_and_the_page_says_so(page: Page, served: Served, study: Study) -> None:
    page.goto(f"{served.url}/visit/young_person")
    begin(page)
    say_yes(page)
    page.locator("#yp_text_1").fill("my own words")
    page.context.set_offline(True)
    send(page)
    expect(page.get_by_text("everything that you typed is still here")).to_be_visible()
    expect(page.locator("#yp_text_1")).to_have_value("my own words")
    assert count(study.stores.research) == 0
    page.context.set_offline(False)
    send_past_the_reminder(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    assert count(study.stores.research) == 1


def test_a_receipt_can_be_copied_printed_and_let_go(page: Page, served: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{served.url}/visit/young_person")
    begin(page)
    say_yes(page)
    send_past_the_reminder(page)
    code = page.locator("[data-code]").inner_text()
    page.get_by_role("button", name="Copy the code").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.emulate_media(media="print")
    expect(page.locator(".slip")).to_be_visible()
    expect(page.locator(".top")).to_be_hidden()
    assert "Working Together" not in page.locator("body").inner_text()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("Your visit has ended")).to_be_visible()
    assert code not in page.content()


def test_the_browsers_profile_keeps_nothing_of_a_visit(play: Playwright, served: Served, tmp_path: Path) -> None:
    profile, said = tmp_path / "profile", "marker-of-amina-in-the-profile"
    context = play.chromium.launch_persistent_context(str(profile), executable_path=find_chromium(), args=FLAGS)
    page = context.new_page()
    page.goto(f"{served.url}/visit/young_person")
    begin(page)
    say_yes(page)
    page.locator("#yp_text_1").fill(said)
    page.locator("input[name=o_results][value=yes]").check()
    page.locator("#v_name").fill(f"name-{said}")
    send_past_the_reminder(page)
    code = page.locator("[data-code]").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("Your visit has ended")).to_be_visible()
    context.close()
    assert any(profile.rglob("*"))
    assert files_with(profile, ["visit/young_person"]), "the search itself must find: the address is in the history"
    assert files_with(profile, [said, code, code.replace("-", "")]) == {}


@pytest.mark.parametrize("path", ["/", "/visit/young_person", "/withdraw", "/support", "/office/sign-in"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser: Browser, served: Served, path: str, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(served.url + path)
    say_yes(page)
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(one["id"], [node["html"][:90] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("width", [320, 360, 820, 1440])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_is_wider_than_the_screen(browser: Browser, served: Served, width: int, direction: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    for path in ("/", "/visit/young_person", "/withdraw"):
        page.goto(served.url + path)
        page.evaluate(f"document.documentElement.dir = '{direction}'")
        say_yes(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_every_target_is_large_enough_for_a_thumb(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/visit/young_person")
    say_yes(page)
    sizes = page.locator(".choice, button, .leave, .foot a").evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
        ".filter(([, height]) => height > 0)"
    )
    assert len(sizes) > 100
    assert [size for size in sizes if size[1] < 44] == []


def test_keyboard_alone_is_enough(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/visit/police_officer")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("#q-c_info .yes").focus()
    page.keyboard.press("Space")
    expect(page.locator("#q-c_info .yes")).to_be_checked()


def test_the_page_asks_nobody_else_for_anything(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{served.url}/visit/young_person")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(served.url)] == []
    assert errors == []
