"""After a rotation in the field: tablets compare before they take new keys, old links say so, nothing typed is lost."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config import Settings
from fieldwork.admissions import invite
from fieldwork.approvals import confirm, propose_keys
from fieldwork.instance import reread
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from release.build import open_source_with
from release.source import open_source
from storage.journal import Act, write_entry
from storage.staff import StaffMember, add_staff
from storage.vaults import rows
from tests.browser.devices import (
    PHONE,
    TABLET,
    Server,
    begin_visit,
    close_plain_path,
    come_online,
    finish,
    invitation,
    kept,
    let_go,
    new_tablet,
    queue_visits,
    restartable,
    send,
    stored,
    wait_until,
    walk,
)
from tests.browser.test_visit import mendable
from tests.conftest import STUDY, TODAY, Keys, counted_bytes, new_instance
from tests.fewer_languages import study_in_two_languages

NEW = new_private_key("research", STUDY, counted_bytes("new keys in the field"))
NADIA = StaffMember("Nadia", "administrator", "")


@pytest.fixture
def settings(tmp_path: Path, keys: Keys) -> Settings:
    """An instance in two languages: a tablet keeps each page in every one."""
    return new_instance(tmp_path / "instance", keys, study_in_two_languages(tmp_path / "study"))


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    close_plain_path(settings)
    with restartable(settings, tmp_path) as running:
        yield running


@pytest.fixture
def tablet(request: pytest.FixtureRequest, browser: Browser, server: Server, study: Study) -> Iterator[Page]:
    """An enrolled tablet with a shift begun; with a parameter, a small one that axe may look into."""
    context = browser.new_context(**getattr(request, "param", {"viewport": TABLET}))
    page = context.new_page()
    new_tablet(page, server.url, study)
    yield page
    context.close()


def rotate(server: Server, settings: Settings, study: Study) -> Study:
    """Two people give the study another research key; the study as it is then."""
    assert study.keyring
    office, now = study.stores.office, datetime.now(UTC)
    for name in ("Mara", "Nadia"):
        write_entry(office, name, Act.STAFF_JOINED, TODAY, detail="invitation")
        add_staff(office, name, "administrator", "")
    ring = study.keyring.rotated(NEW.public())
    found = propose_keys(study, "Mara", ring.to_json(), now.date())
    confirm(study, settings.study_folder, NADIA, found.key, found.digest, now)
    wait_until(lambda: served_keys(server) == ring.to_json())
    return reread(study, settings.study_folder)


def served_keys(server: Server) -> bytes:
    with urllib.request.urlopen(f"{server.url}/keyring.json") as answer:
        return bytes(answer.read())


def sealed_to(study: Study) -> list[str]:
    """The key of each research record, as its envelope names it."""
    return sorted(envelope.key_id.hex() for _, envelope in rows(study.stores.research))


def shown(page: Page, which: str) -> tuple[str, str]:
    part = page.locator(f"[data-screen=keys] [data-keys={which}]")
    return part.locator("[data-words]").inner_text(), part.locator("[data-fingerprint]").inner_text()


def told(ring: Keyring) -> tuple[str, str]:
    return " ".join(ring.words), ring.fingerprint


def opened(settings: Settings, *keys: PrivateKey) -> tuple[int, int]:
    """How many records open with these keys, and how many need another."""
    found = open_source_with(open_source(settings.home), keys, lambda done, whole: None)
    return found.opened, sum(found.lacking.values())


def test_a_tablet_compares_the_words_before_it_takes_new_keys_and_then_seals_to_them(
    tablet: Page, server: Server, settings: Settings, study: Study, keys: Keys
) -> None:
    tablet.context.route("**/deliveries", lambda route: route.abort())
    queue_visits(tablet, 1)
    after = rotate(server, settings, study)
    assert study.keyring
    assert after.keyring
    tablet.goto(f"{server.url}/tablet")
    screen = tablet.locator("[data-screen=keys]")
    expect(screen).to_be_visible()
    assert (shown(tablet, "before"), shown(tablet, "after")) == (told(study.keyring), told(after.keyring))
    # Neither by the button nor by the address is there a way around it, and what waits goes on waiting.
    screen.locator("[data-do=later]").click()
    expect(tablet.locator("[data-say=keys-changed]")).to_be_visible()
    tablet.locator("[data-do=visit]").click()
    expect(screen).to_be_visible()
    tablet.goto(f"{server.url}/visit/young_person?lang=en")
    expect(screen).to_be_visible()
    assert [one["state"] for one in kept(tablet, "outbox")] == ["waiting"]
    screen.locator("[data-do=take-keys]").click()
    expect(tablet.locator("[data-say=keys-taken]")).to_be_visible()
    expect(tablet.locator("[data-say=keys-changed]")).to_be_hidden()
    # Without a network, where the worker may still keep the keys of before, the new ones are at hand.
    tablet.context.set_offline(True)
    begin_visit(tablet)
    finish(tablet)
    let_go(tablet)
    tablet.context.set_offline(False)
    tablet.context.unroute("**/deliveries")
    come_online(tablet)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)
    assert sealed_to(study) == sorted([keys.research.public().short, NEW.public().short])
    assert opened(settings, keys.research, NEW) == (2, 0)
    assert opened(settings, NEW) == (1, 1)


@pytest.mark.parametrize("tablet", [{"viewport": PHONE, "bypass_csp": True}], indirect=True, ids=["phone"])
def test_keys_that_were_refused_never_get_a_visit(tablet: Page, server: Server, study: Study, keys: Keys) -> None:
    stranger = new_private_key("research", STUDY, counted_bytes("a stranger's keys"))
    wrong = keys.keyring.rotated(stranger.public())
    tablet.context.route("**/keyring.json?anew", lambda route: route.fulfill(body=wrong.to_json()))
    tablet.goto(f"{server.url}/tablet")
    expect(tablet.locator("[data-screen=keys]")).to_be_visible()
    assert shown(tablet, "after") == told(wrong)
    for direction in ("rtl", "ltr"):
        tablet.evaluate("(way) => { document.documentElement.dir = way; }", direction)
        assert tablet.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert mendable(tablet) == []
    tablet.locator("[data-do=refuse-keys]").click()
    expect(tablet.get_by_text("Tell the coordinator and the data manager now")).to_be_visible()
    tablet.locator("[data-screen=keys-refused] [data-do=later]").click()
    tablet.locator("[data-do=visit]").click()
    expect(tablet.locator("[data-screen=keys]")).to_be_visible()
    tablet.goto(f"{server.url}/visit/young_person?lang=en")
    expect(tablet.locator("[data-screen=keys]")).to_be_visible()
    # The site gives the right keys again: the tablet goes on by itself, with those that it has held to all along.
    tablet.context.unroute("**/keyring.json?anew")
    tablet.goto(f"{server.url}/tablet")
    expect(tablet.locator("[data-screen=home]")).to_be_visible()
    begin_visit(tablet)
    finish(tablet)
    wait_until(lambda: stored(study) == (1, 1), page=tablet)
    assert sealed_to(study) == [keys.research.public().short]


def test_a_visit_that_had_begun_ends_well_and_an_old_link_says_that_it_is_over_at_once(
    browser: Browser, server: Server, settings: Settings, study: Study, keys: Keys
) -> None:
    context = browser.new_context(viewport=PHONE)
    phone = context.new_page()
    tomorrow = date.today() + timedelta(days=1)
    begun, unused, renewed = (invite(study, "single", tomorrow, "young_person") for _ in range(3))
    phone.goto(server.url + invitation(study, begun))
    assert walk(phone) == "send"
    after = rotate(server, settings, study)
    # What a worker that was renewed meanwhile does with what the old one kept.
    phone.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    send(phone)
    expect(phone.locator("[data-code]")).to_be_visible()
    wait_until(lambda: stored(study) == (1, 1), page=phone)
    other = browser.new_context(viewport=PHONE).new_page()
    other.goto(server.url + invitation(study, unused))
    expect(other.get_by_role("heading", name="This link no longer works")).to_be_visible()
    expect(other.get_by_text("ask for a new link")).to_be_visible()
    other.context.close()
    # The same phone, which may still keep the keys of before, with a link of after.
    phone.goto("about:blank")
    phone.goto(server.url + invitation(after, renewed))
    finish(phone)
    wait_until(lambda: stored(study) == (2, 2), page=phone)
    assert sealed_to(study) == sorted([keys.research.public().short, NEW.public().short])
    assert opened(settings, keys.research, NEW) == (2, 0)
    context.close()
