"""What was typed into a form and sent stays in no file of a browser without script, whether it was taken or refused."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from app import create_app, create_desk
from config import read_settings
from fieldwork.study import Study
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.filling import begin, say_yes, send
from tests.browser.houses import Field
from tests.browser.test_identity_pages import served
from tests.conftest import Keys
from tests.house.scanner import files_with
from tests.house.served import ROOT, Served
from tests.identities import AMINA, PHRASES, YUSUF, taken_in
from tests.rehearsing import Cabinet
from tests.staff import PASSWORD, employ

SIZE = {"width": 820, "height": 1180}
CANARY = "canary-{}-6e1f"


def without_script(play: Playwright, profile: Path) -> BrowserContext:
    return play.chromium.launch_persistent_context(
        profile, executable_path=find_chromium(), args=FLAGS, viewport=SIZE, java_script_enabled=False
    )


def canary(page: Page, where: str, what: str) -> str:
    """Type something that is looked for afterwards."""
    page.locator(where).first.fill(CANARY.format(what))
    return CANARY.format(what)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def assert_kept_nowhere(profile: Path, *markers: str) -> None:
    """The search finds what a browser does keep, and none of these in any spelling."""
    assert list(profile.rglob("Sessions")), "the profile is where it is looked for"
    assert files_with(profile, ["127.0.0.1"])
    spelt = [base64.b64encode(marker.encode()).decode().rstrip("=") for marker in markers]
    assert files_with(profile, [*markers, *spelt]) == {}


# ---- the desk


def test_names_passphrases_and_words_stay_in_no_file_of_the_browser_at_the_desk(
    play: Playwright, keys: Keys, cabinet: Cabinet, tmp_path: Path
) -> None:
    vaults = taken_in(tmp_path / "field", keys, (AMINA, YUSUF))
    home, profile = tmp_path / "desk", tmp_path / "profile"
    (home / "keys").mkdir(parents=True)
    (home / "identities.amanah").write_bytes(vaults.identity)
    for number, file in enumerate(vaults.files, 1):
        (home / "keys" / f"identity-{number}.key").write_bytes(file)
    (home / "keys" / "keyring.json").write_bytes(cabinet.ring.to_json())
    (home / "keys" / "research.key").write_bytes(cabinet.files["old.key"])
    app = create_desk(replace(vaults.settings, home=home))
    with served(app) as url, without_script(play, profile) as own:
        page = own.pages[0]
        page.goto(f"{url}/open/{app.extensions['amanah_desk'].token}")
        typed = [*about_keys(page, url), *in_a_rehearsal(page, url), *about_people(page, url)]
    assert_kept_nowhere(profile, *typed, *PHRASES, "Yusuf Ali")


def about_keys(page: Page, url: str) -> list[str]:
    """Names that do not do, passphrases that differ, words that are no sheet's."""
    page.goto(f"{url}/keys/new")
    name = canary(page, "#manager", "custodian")
    page.locator("#first").fill(name)
    other = canary(page, "#second", "second")
    press(page, "Go on to the passphrases")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#first")).to_have_value(name)
    page.locator("#manager").fill("Mara")
    press(page, "Go on to the passphrases")
    phrase = canary(page, "#phrase", "passphrase")
    page.locator("#again").fill("another one")
    press(page, "Take this passphrase")
    expect(page.get_by_role("alert")).to_be_visible()
    assert phrase not in page.content()
    page.goto(f"{url}/keys/recover")
    press(page, "Go on to the sheets")
    word = canary(page, "#w1", "sheet")
    press(page, "Check this sheet")
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    assert "canary" not in page.content()
    return [name, other, phrase, word]


def in_a_rehearsal(page: Page, url: str) -> list[str]:
    page.goto(f"{url}/rehearsal")
    press(page, "Begin the rehearsal")
    page.get_by_text("Any key, by two of its sheets").click()
    words = canary(page, "#first", "words")
    page.locator("#second").fill(words)
    page.locator("form", has=page.locator("#first")).get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert words not in page.content()
    return [words]


def about_people(page: Page, url: str) -> list[str]:
    """Two custodians unlock, the second one mistyped at first; somebody is sought on the list, and by what they say."""
    page.goto(f"{url}/identities/source")
    press(page, "Take these identities")
    page.locator("#passphrase_1").fill(PHRASES[0])
    wrong, reason = canary(page, "#passphrase_2", "mistyped"), canary(page, "#reason", "reason")
    press(page, "Unlock and open")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#reason")).to_have_value(reason)
    for number, phrase in enumerate(PHRASES[:2], 1):
        page.locator(f"#passphrase_{number}").fill(phrase)
    press(page, "Unlock and open")
    page.wait_for_url(f"{url}/identities")
    sought = canary(page, "#sought", "sought")
    page.locator("#sought").press("Enter")
    expect(page.locator("#sought")).to_have_value(sought)
    page.goto(f"{url}/identities/record")
    page.locator("#name").fill("Yusuf Ali")
    page.locator("#reason").fill("They ask for it themselves")
    press(page, "Write it down and look")
    expect(page.get_by_role("heading", name="What was agreed, word for word")).to_be_visible()
    return [wrong, reason, sought]


# ---- the field app, where a study lets a visit be posted, and the office


def test_answers_a_code_and_a_sign_in_stay_in_no_file_of_a_browser_that_posts_them(
    play: Playwright, standing: Served, standing_study: Study, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with without_script(play, profile) as own:
        typed = [*a_visit(own.pages[0], standing.url), *a_sign_in(own.pages[0], standing.url, standing_study)]
        typed += words_of_the_staff(own.pages[0], standing, standing_study)
        own.pages[0].goto(f"{standing.url}/withdraw")
    assert_kept_nowhere(profile, *typed)


def a_visit(page: Page, url: str) -> list[str]:
    """Refused once as a place is missing, with everything else still there; then taken, and its code used up."""
    page.goto(f"{url}/visit/young_person")
    begin(page)
    say_yes(page)
    words, name = canary(page, "#yp_text_1", "answer"), canary(page, "#v_name", "participant")
    send(page)
    expect(page.locator("#yp_text_1")).to_have_value(words)
    page.locator("input[name=site]").first.check()
    send(page)
    code = page.locator("[data-code], .code").first.inner_text()
    page.goto(f"{url}/withdraw")
    mistyped = canary(page, "#erase-code", "code")
    press(page, "Take my answers out")
    expect(page.locator("#erase-code")).to_have_value(mistyped)
    page.locator("#erase-code").fill(code)
    press(page, "Take my answers out")
    return [words, name, mistyped, code]


def a_sign_in(page: Page, url: str, study: Study) -> list[str]:
    """A wrong password, then the right one, then a code that is none."""
    employ(study.stores.office, "Halima", "coordinator")
    page.goto(f"{url}/office/sign-in")
    page.fill("#name", "Halima")
    wrong = canary(page, "#password", "password")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#name", "Halima")
    page.fill("#password", PASSWORD)
    press(page, "Sign in")
    code = canary(page, "#code", "tan")[:20]
    press(page, "Connect this app")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(f"{url}/office/join")
    token = canary(page, "#token", "token")
    press(page, "Go on")
    return [wrong, PASSWORD, code, token]


def words_of_the_staff(page: Page, standing: Served, study: Study) -> list[str]:
    """A colleague's name and a tablet's: a page answers each, with a link that is shown once."""
    employ(study.stores.office, "Zara")
    app = create_app(read_settings(standing.output.parent / "instance", {}))
    Field(app, standing.url, study).sign_in(page.context, "Zara")
    typed = []
    for address, box in (("staff", "#name"), ("tablets", "#name")):
        page.goto(f"{standing.url}/office/{address}")
        typed.append(canary(page, box, address))
        page.locator("form", has=page.locator(box)).get_by_role("button").click()
        expect(page.get_by_role("alert").or_(page.locator("[data-once], svg, .code")).first).to_be_visible()
    return typed


FORM = re.compile(r'<form [^>]*method="post".*?</form>', re.DOTALL)
TYPED = re.compile(r'asked\(|<textarea|\bcode\(|type="(?:text|file|number|password)"|form\.(?:file|name|number)\(')
BOX = re.compile(r"unkept\.html|\bcode\(|password")  # `code` brings the box along; a password is one


def test_every_form_of_the_field_app_in_which_something_is_typed_or_chosen_has_the_box() -> None:
    templates = [*(ROOT / "templates" / "office").rglob("*.html"), *(ROOT / "templates").glob("*.html")]
    forms = [(path.name, form) for path in templates for form in FORM.findall(path.read_text("utf-8"))]
    typed = [(name, form) for name, form in forms if TYPED.search(form)]
    assert len(typed) > 12, "the search itself must find"
    assert [name for name, form in typed if not BOX.search(form)] == []


# ---- a desk that is there no more


def test_a_form_for_a_desk_that_was_started_again_is_not_sent_and_nothing_typed_is_lost(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMANAH_HOME", str(tmp_path))
    app = create_desk()
    held = app.extensions["amanah_desk"]
    with served(app) as url, browser.new_context(viewport=SIZE) as context:
        page = context.new_page()
        page.goto(f"{url}/open/{held.token}")
        page.goto(f"{url}/keys/new")
        name = canary(page, "#manager", "kept")
        held.cookie = "of the desk that was started after it"
        press(page, "Go on to the passphrases")
        expect(page.locator("[data-ended]")).to_be_focused()
        expect(page.locator("#manager")).to_have_value(name)
        assert page.url == f"{url}/keys/new"
