"""What a visit leaves on the device: nothing in the whole browser profile, nothing in the memory of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from fieldwork.admissions import invite
from fieldwork.study import Study
from tests.browser.devices import (
    ASK_WORKER,
    PHONE,
    TABLET,
    Server,
    begin_visit,
    device,
    finish,
    invitation,
    kept,
    kill_browser,
    let_go,
    new_tablet,
    ready,
    stored,
    unlock,
    wait_until,
    walk,
)
from tests.house.scanner import files_with

SAID = {
    "yp_text_1": "canary-openone-7c1d in my own words",
    "o_results": "yes",
    "o_recontact": "yes",
    "v_name": "Canaryname Amina-e9b2",
    "v_phone": "07700 900613",
    "v_email": "canary-mail-4f@example.org",
    "v_contact_how": "canary-how-55 evenings only",
}
MARKERS = (*(one for one in SAID.values() if one != "yes"), "canary-openone-7c1d", "canary-mail-4f", "Canaryname")
EARLY = {name: SAID[name] for name in ("yp_text_1", "o_results", "o_recontact")}
LATE = {name: said for name, said in SAID.items() if name not in EARLY}


@dataclass(frozen=True)
class Kind:
    """A tablet or a phone, and how a visit begins on it."""

    is_tablet: bool

    def open(self, page: Page, url: str, study: Study) -> None:
        if self.is_tablet:
            new_tablet(page, url, study)
            return begin_visit(page)
        token = invite(study, "single", date.today() + timedelta(days=1), "young_person")
        page.goto(url + invitation(study, token))
        return ready(page)

    def let_go(self, page: Page) -> None:
        let_go(page)
        if self.is_tablet:
            unlock(page)
            expect(page.locator("[data-screen=home]")).to_be_visible()
        else:
            expect(page.get_by_text("Your visit has ended")).to_be_visible()


@pytest.fixture
def server(sealing_server: Server) -> Server:
    return sealing_server


@pytest.fixture
def study(sealing_study: Study) -> Study:
    return sealing_study


# A tablet keeps the most. Of a phone the ordinary tests try visits that end; torture the rest too.
KINDS = [pytest.param(True, id="tablet"), pytest.param(False, id="phone")]
TABLET_FIRST = [KINDS[0], pytest.param(False, id="phone", marks=pytest.mark.torture)]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def context(play: Playwright, profile: Path, kind: Kind) -> Iterator[BrowserContext]:
    with device(play, profile, TABLET if kind.is_tablet else PHONE) as running:
        yield running


def by_key(page: Page) -> None:
    """Type some answers key by key, as a browser that remembers typing would notice."""
    box = page.locator("#yp_text_1")
    box.press_sequentially(" canary-keys-20ab")
    expect(box).to_have_value(re.compile("canary-keys-20ab"))


def assert_clean(profile: Path, *more: str) -> None:
    """No marker stands in any file of the profile, in any spelling; the search does find what is there."""
    assert files_with(profile, ["visit/young_person"]), "the search itself must find: the address is in the cache"
    assert files_with(profile, [*MARKERS, "canary-keys-20ab", *more]) == {}


def test_a_finished_visit_leaves_nothing_in_the_profile(
    context: BrowserContext, server: Server, study: Study, profile: Path, kind: Kind
) -> None:
    page = context.new_page()
    kind.open(page, server.url, study)
    walk(page, EARLY, until="yp_text_2")
    page.locator("[data-walk=back]").click()
    by_key(page)
    code = finish(page, LATE)
    wait_until(lambda: stored(study) == (1, 1), page=page)
    kind.let_go(page)
    page.wait_for_timeout(2_600)  # a browser writes its session file every two and a half seconds
    context.close()
    assert_clean(profile, code, code.replace("-", ""))


@pytest.mark.parametrize("kind", TABLET_FIRST, indirect=True)
def test_a_visit_that_waits_sealed_leaves_nothing_readable(
    context: BrowserContext, server: Server, study: Study, profile: Path, kind: Kind
) -> None:
    page = context.new_page()
    kind.open(page, server.url, study)
    # A phone's worker keeps the visit when the page has long been there: without it there is nothing to search.
    assert page.evaluate(ASK_WORKER, ["/visit/young_person"])
    server.stop()
    code = finish(page, SAID)
    assert len(kept(page, "outbox")) == 1
    kill_browser(profile)
    assert_clean(profile, code, code.replace("-", ""))


@pytest.mark.parametrize("kind", TABLET_FIRST, indirect=True)
def test_a_crash_in_the_middle_leaves_nothing_readable(
    context: BrowserContext, server: Server, study: Study, profile: Path, kind: Kind
) -> None:
    page = context.new_page()
    kind.open(page, server.url, study)
    walk(page, EARLY, until="yp_text_2")
    page.locator("[data-walk=back]").click()
    by_key(page)
    assert walk(page, LATE) == "send"
    assert page.locator("#v_name").input_value() == SAID["v_name"]
    page.wait_for_timeout(2_600)
    assert [one["group"] for one in kept(page, "drafts")] == ["young_person"]
    kill_browser(profile)
    assert_clean(profile)


@pytest.mark.parametrize("kind", TABLET_FIRST, indirect=True)
def test_leaving_quickly_leaves_nothing_in_the_profile(
    context: BrowserContext, server: Server, study: Study, profile: Path, kind: Kind
) -> None:
    page = context.new_page()
    kind.open(page, server.url, study)
    assert walk(page, SAID) == "send"
    wait_until(lambda: kept(page, "drafts"), page=page)
    page.locator("[data-leave]").click()
    expect(page).to_have_url(f"{server.url}/away")
    assert kept(page, "drafts") == []
    assert "invitation" not in [one["name"] for one in kept(page, "tablet")]
    page.wait_for_timeout(2_600)
    context.close()
    assert_clean(profile)


def test_the_search_finds_an_answer_that_a_page_keeps(play: Playwright, server: Server, profile: Path) -> None:
    with device(play, profile) as running:
        page = running.new_page()
        page.goto(f"{server.url}/visit/young_person")
        page.evaluate("said => localStorage.setItem('draft', said)", SAID["yp_text_1"])
        page.wait_for_timeout(200)
        running.close()
    with pytest.raises(AssertionError, match="canary-openone"):
        assert_clean(profile)


# ---- memory


def memory_of(page: Page) -> str:
    """Everything that the page's script can still reach, after the garbage was collected."""
    session, chunks = page.context.new_cdp_session(page), []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda told: chunks.append(told["chunk"]))
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.detach()
    return "".join(chunks)


def found_in_memory(page: Page, *more: str) -> set[str]:
    held = memory_of(page)
    return {marker for marker in (*MARKERS, *more) if marker in held}


@pytest.mark.parametrize("kind", TABLET_FIRST, indirect=True)
def test_no_answer_and_no_code_is_in_memory_when_the_receipt_was_left(
    browser: Browser, server: Server, study: Study, kind: Kind
) -> None:
    context = browser.new_context(viewport=TABLET if kind.is_tablet else PHONE)
    page = context.new_page()
    kind.open(page, server.url, study)
    assert walk(page, SAID) == "send"
    # What stands in a box is the browser's; the snapshot shows what a script holds of it.
    page.evaluate("globalThis.held = [...document.querySelectorAll('input, textarea')].map((box) => box.value)")
    assert {SAID["yp_text_1"], SAID["v_name"]} <= found_in_memory(page), "the search itself must find"
    page.evaluate("delete globalThis.held")
    code = finish(page)
    codes = (code, code.replace("-", ""))
    wait_until(lambda: stored(study) == (1, 1), page=page)
    page.wait_for_timeout(500)
    on_the_receipt = found_in_memory(page, *codes)
    assert on_the_receipt & set(codes), "the code is on the screen"
    assert on_the_receipt <= set(codes), "and nothing else of the visit is left by then"
    kind.let_go(page)
    assert found_in_memory(page, *codes) == set()
    assert code not in page.content()
    context.close()
