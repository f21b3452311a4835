"""Amina's visit in a real Chromium: with script and without, step by step, on a phone, leaving quickly."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fieldwork.study import Study
from instruments.answers import check_value
from storage.vaults import count
from tests.browser.conftest import empty
from tests.browser.devices import ready
from tests.browser.filling import begin, has_script, say_yes, send, take_part, walk
from tests.house.served import Served

PHONE = {"width": 360, "height": 740}
RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
GROUPS = ("young_person", "police_officer", "community_leader")


@pytest.fixture
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


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A phone with script off."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def study(standing_study: Study) -> Study:
    """The study of the field app that stands, in which nobody took part yet."""
    empty(standing_study)
    return standing_study


def send_past_the_reminder(page: Page) -> None:
    send(page)
    expect(page.locator("#summary")).to_contain_text("Before you send")
    send(page)


@pytest.mark.parametrize(
    ("phone", "group"),
    [
        pytest.param(script, group, marks=() if script or group == "police_officer" else pytest.mark.torture)
        for script in (True, False)
        for group in GROUPS
    ],
    indirect=["phone"],
)
def test_a_whole_visit_works_with_script_and_without(phone: Page, standing: Served, study: Study, group: str) -> None:
    phone.goto(f"{standing.url}/")
    phone.get_by_role("link", name=study.instrument.group(group).title.in_language("en"), exact=True).click()
    phone.wait_for_load_state("load")
    if has_script(phone):
        take_part(phone)
    else:
        if group == "young_person":
            begin(phone)
        say_yes(phone)
        phone.locator("input[name=site][value='1']").check()
        send_past_the_reminder(phone)
    expect(phone.get_by_role("heading", name="Your code")).to_be_visible()
    code = RECEIPT.search(phone.content())
    assert code
    expect(phone.get_by_text(re.compile("have arrived|sealed and sent"))).to_be_visible()
    assert count(study.stores.research) == 1
    phone.goto(f"{standing.url}/withdraw")
    phone.locator("#erase-code").fill(code.group().lower())
    phone.get_by_role("button", name="Take my answers out").click()
    expect(phone.get_by_role("heading", name="Done")).to_be_visible()
    assert (count(study.stores.research), count(study.stores.identity)) == (0, 0)


def test_a_visit_can_be_clicked_and_typed_through(page: Page, standing: Served, study: Study) -> None:
    page.goto(f"{standing.url}/visit/police_officer")
    seen = []
    for _ in range(80):
        button = page.locator("[data-walk=next]")
        words = button.inner_text()
        if words == "Send my answers":
            break
        for box in page.locator(".must .yes:visible").all():
            box.check()
        seen.append(page.locator("[data-walk=where]").inner_text())
        choice = page.locator(".scale .choice:visible, .list .choice:visible").first
        if choice.count():
            choice.click()
        button.click()
    assert seen[0].startswith("Part 1 of")
    assert len(set(seen)) >= 4
    send(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    expect(page.get_by_text("have arrived")).to_be_visible()
    assert count(study.stores.research) == 1


def test_no_question_is_shown_before_every_needed_yes(plain: Page, standing: Served) -> None:
    plain.goto(f"{standing.url}/visit/young_person")
    question = plain.locator("#q-yp_fair_1")
    expect(question).to_be_hidden()
    say_yes(plain)
    expect(question).to_be_visible()
    plain.locator("#q-c_use .no").check()
    expect(question).to_be_hidden()
    plain.get_by_role("button", name="Finish without taking part").click()
    expect(plain.get_by_text("Nothing that you said here was kept")).to_be_visible()


def test_a_no_to_a_needed_statement_ends_the_visit_and_says_so_beforehand(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, stop="c_use")
    page.locator("#q-c_use .no").check()
    page.get_by_role("button", name="Finish without taking part").click()
    expect(page.get_by_text("Nothing that you said here was kept")).to_be_visible()


def test_a_consent_statement_without_an_answer_holds_the_visit(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, stop="c_use")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#q-c_info")).to_be_focused()
    expect(page.locator("#q-c_info")).to_contain_text("Please say yes or no")
    expect(page.locator("#q-c_use")).to_be_visible()


def test_somebody_outside_the_study_ends_before_anything_else(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, age="26")
    expect(page.get_by_text("This study is for other people than you")).to_be_visible()
    expect(page.locator("form")).to_have_count(0)


def test_each_step_takes_the_focus_and_says_where_one_is(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    page.locator("input[name=elig_muslim][value='1']").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#q-age")).to_be_focused()
    expect(page.locator("#q-elig_muslim")).to_be_hidden()
    page.locator("#age").fill("seventeen")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#age")).to_be_focused()
    expect(page.locator("#q-age")).to_contain_text("Please type a whole number")
    assert "q-age-refusal" in str(page.locator("#age").get_attribute("aria-describedby"))
    page.locator("#age").fill("۱۷")
    expect(page.locator("#q-age .refusal")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#q-age")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="Part")).to_be_visible()


def test_going_back_loses_nothing(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, stop="yp_text_2", yp_text_1="my own words", yp_fair_1="4")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#yp_text_1")).to_have_value("my own words")
    page.reload()
    page.get_by_role("button", name="Go on with it").click()
    expect(page.locator("#yp_text_1")).to_have_value("my own words")
    expect(page.locator("input[name=yp_fair_1][value='4']")).to_be_checked()


@pytest.mark.parametrize(
    ("said", "item", "is_shown"),
    [
        ({"yp_contact": ["1"]}, "yp_contact_fair", True),
        ({"yp_contact": []}, "yp_contact_fair", False),
        ({"o_results": "yes"}, "v_email", True),
        ({"o_results": "no"}, "v_email", False),
        ({"age": "17"}, "und_stop", True),
        ({"age": "18"}, "und_stop", False),
    ],
)
def test_a_question_is_shown_only_where_it_applies(
    page: Page, standing: Served, said: dict[str, str | list[str]], item: str, is_shown: bool
) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    assert (item in walk(page, **said).questions) is is_shown


def test_a_wrong_answer_on_the_sheet_brings_its_words_back_once(page: Page, standing: Served, study: Study) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, stop="und_stop", age="17")
    item = study.instrument.item("und_stop")
    assert item.constraint_message
    words = item.constraint_message.in_language("en")
    wrong = next(
        choice.code for choice in item.choices if not choice.aside and check_value(item, int(choice.code), {"age": 17})
    )
    page.locator(f"input[name=und_stop][value='{wrong}']").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#q-und_stop")).to_contain_text(words)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#q-und_stop")).to_be_hidden()


def test_the_last_step_names_what_is_blank_and_leads_there(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    walk(page)
    expect(page.get_by_text("Questions that you left blank")).to_be_visible()
    page.locator("[data-walk=blanks]").get_by_role("button", name="What is your sex").click()
    expect(page.locator("#q-sex")).to_be_visible()
    expect(page.locator("#send")).to_be_hidden()


def test_a_refusal_is_at_the_top_in_focus_and_links_to_its_field(plain: Page, standing: Served) -> None:
    plain.goto(f"{standing.url}/visit/young_person")
    say_yes(plain)
    plain.locator("#yp_text_1").fill("typed already")
    send(plain)
    summary = plain.locator("#summary")
    expect(summary).to_contain_text("2 answers need another look")
    expect(plain.locator("#yp_text_1")).to_have_value("typed already")
    summary.get_by_role("link", name="How old are you").click()
    expect(plain.locator("#q-age")).to_be_in_viewport()
    expect(plain.locator("#q-age .error")).to_be_visible()


def test_leaving_quickly_clears_the_page_and_back_shows_nothing(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/")
    page.goto(f"{standing.url}/visit/young_person")
    walk(page, stop="yp_text_2", yp_text_1="my own words")
    page.get_by_role("link", name="Leave quickly").click()
    expect(page).to_have_url(f"{standing.url}/away")
    assert "Working Together" not in page.title()
    page.go_back()
    assert "my own words" not in page.content()
    assert not page.url.endswith("/visit/young_person")
    page.goto(f"{standing.url}/visit/young_person")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    expect(page.get_by_role("button", name="Go on with it")).to_have_count(0)


def test_escape_twice_leaves_too(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    page.wait_for_load_state("load")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{standing.url}/away")


def test_going_back_from_the_receipt_shows_no_answers(page: Page, standing: Served, study: Study) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    take_part(page, yp_text_1="my own words")
    expect(page).to_have_url(re.compile("/visit/done"))
    expect(page.get_by_text("have arrived")).to_be_visible()
    page.reload()
    expect(page.get_by_text("shown once")).to_be_visible()
    assert count(study.stores.research) == 1, "reloading must not send the visit again"
    page.go_back()
    expect(page.locator("#yp_text_1")).to_have_count(0)
    assert "my own words" not in page.content()


def pasted(page: Page) -> str:
    """What is in the clipboard. Our own pages may not read it."""
    other = page.context.new_page()
    other.route("**/elsewhere", lambda route: route.fulfill(body="<textarea></textarea>", content_type="text/html"))
    other.goto("http://localhost:9/elsewhere")
    found: str = other.evaluate("navigator.clipboard.readText()")
    other.close()
    page.bring_to_front()
    return found


def test_a_receipt_can_be_copied_printed_and_let_go(page: Page, standing: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{standing.url}/visit/young_person")
    code = take_part(page)
    page.get_by_role("button", name="Copy the code").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert pasted(page) == code
    page.emulate_media(media="print")
    expect(page.locator(".slip")).to_be_visible()
    expect(page.locator(".top")).to_be_hidden()
    assert "Working Together" not in page.locator("body").inner_text()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("Your visit has ended")).to_be_visible()
    assert code not in page.content()


def mendable(page: Page) -> list[tuple[str, list[str]]]:
    """What axe would have mended on the page as it is now. Most pages are looked at in test_accessible.py."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], [node["html"][:90] for node in one["nodes"][:3]]) for one in found]


WIDTHS = [(320, "rtl"), pytest.param(1440, "ltr", marks=pytest.mark.torture)]


@pytest.mark.parametrize(("width", "direction"), WIDTHS)
def test_nothing_is_wider_than_the_screen(browser: Browser, standing: Served, width: int, direction: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    page.goto(f"{standing.url}/visit/young_person")
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    assert walk(page, o_recontact="yes").widest <= width
    context.close()
    context = browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    for path in ("/", "/visit/young_person", "/withdraw", "/tablet"):
        page.goto(standing.url + path)
        page.evaluate(f"document.documentElement.dir = '{direction}'")
        say_yes(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_every_target_is_large_enough_for_a_thumb(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/young_person")
    seen = walk(page, o_recontact="yes")
    assert len(seen.questions) > 40
    assert seen.small == []


def test_keyboard_alone_is_enough(page: Page, standing: Served) -> None:
    page.goto(f"{standing.url}/visit/police_officer")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    walk(page, stop="c_info")
    page.locator("#q-c_info .yes").focus()
    page.keyboard.press("Space")
    expect(page.locator("#q-c_info .yes")).to_be_checked()


def test_the_page_asks_nobody_else_for_anything(page: Page, standing: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{standing.url}/visit/young_person")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(standing.url)] == []
    assert errors == []


# ---- reading aloud

# A browser with one voice that works on the device itself; what it is given to say is noted.
WITH_A_VOICE = """
globalThis.said = [];
SpeechSynthesis.prototype.getVoices = () => [{ lang: "LANGUAGE", localService: IS_LOCAL }];
SpeechSynthesis.prototype.speak = (spoken) => said.push(spoken.text);
Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", { set() {}, get() { return null; } });
"""


@pytest.mark.parametrize(
    ("voice", "is_local", "is_offered"), [("en-GB", True, True), ("en-GB", False, False), ("ur-PK", True, False)]
)
def test_what_is_on_the_screen_is_read_aloud_where_this_device_has_a_voice(
    page: Page, standing: Served, voice: str, is_local: bool, is_offered: bool
) -> None:
    page.add_init_script(WITH_A_VOICE.replace("LANGUAGE", voice).replace("IS_LOCAL", str(is_local).lower()))
    page.goto(f"{standing.url}/visit/young_person?lang=en")
    ready(page)
    button = page.locator("[data-walk=read]")
    if not is_offered:
        page.wait_for_load_state("networkidle")
        expect(button).to_be_hidden()
        return
    button.click()
    words = page.evaluate("said")
    assert len(words) == 1
    assert page.locator("#q-elig_muslim legend").inner_text() in words[0]
    assert "How old are you" not in words[0], "only what is on the screen"
