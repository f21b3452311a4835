"""A tablet for a day without a network: killed and started again, locked, resumed, and what its worker keeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from config import read_settings
from fieldwork.study import Study
from tests.browser.devices import (
    ASK_WORKER,
    GROUPS,
    TABLET,
    Server,
    begin_visit,
    come_online,
    device,
    enrol,
    finish,
    hold_the_clock,
    kept,
    kill_browser,
    last_draft_kept,
    let_go,
    new_tablet,
    queue_visits,
    ready,
    start_shift,
    stored,
    type_pin,
    unlock,
    wait_until,
    walk,
)

SAID = "listen first, then speak"
CACHED = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const answer = await cache.match(request);
            found.push([request.url, answer.redirected, answer.headers.get("Cache-Control")]);
        }
    }
    return found;
}"""


@pytest.fixture
def server(sealing_server: Server) -> Server:
    return sealing_server


@pytest.fixture
def study(sealing_study: Study) -> Study:
    return sealing_study


@pytest.fixture
def sheet(server: Server) -> Iterator[Path]:
    """The study's sheet of that server, which gets its words back afterwards."""
    path = read_settings(server.home, {}).study_folder / "study.toml"
    before = path.read_bytes()
    yield path
    server.stop()
    path.write_bytes(before)


def home(page: Page) -> None:
    expect(page.locator("[data-screen=home]")).to_be_visible()


def locked(page: Page) -> None:
    expect(page.locator("[data-screen=locked]")).to_be_visible()
    expect(page.locator("[data-screen=home]")).to_be_hidden()


def visit_of(page: Page, group: str) -> None:
    """A whole visit, until the interviewer has the tablet back."""
    begin_visit(page, group)
    finish(page)
    let_go(page)
    unlock(page)
    home(page)


# ---- a day without a network


def test_after_a_crash_without_a_network_visits_of_all_groups_are_finished_and_delivered_later(
    play: Playwright, server: Server, study: Study, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with device(play, profile) as context:
        new_tablet(context.new_page(), server.url, study)
        kill_browser(profile)
    server.stop()
    with device(play, profile) as context:
        page = context.new_page()
        page.goto(f"{server.url}/tablet")
        home(page)
        for number, group in enumerate(GROUPS, 1):
            visit_of(page, group)
            expect(page.locator("[data-outbox-count]")).to_have_text(str(number))
            expect(page.locator("[data-outbox-words]")).to_have_text("waiting")
            expect(page.locator("[data-standing]")).to_have_text(f"Visits that wait on this tablet: {number}")
        kill_browser(profile)
    assert stored(study) == (0, 0)
    server.start()
    with device(play, profile) as context:
        page = context.new_page()
        page.goto(f"{server.url}/tablet")
        expect(page.locator("[data-outbox-words]")).to_have_text("all sent")
        assert kept(page, "outbox") == []
    assert stored(study) == (3, 3)


def test_the_return_of_the_network_is_enough_to_deliver(tablet: Page, study: Study) -> None:
    tablet.context.set_offline(True)
    hold_the_clock(tablet)
    queue_visits(tablet, 3)
    come_online(tablet)
    tablet.wait_for_timeout(300)
    assert stored(study) == (0, 0)
    tablet.context.set_offline(False)
    wait_until(lambda: not kept(tablet, "outbox"), page=tablet)
    assert stored(study) == (3, 3)


def test_looking_at_the_page_again_is_enough_to_deliver(tablet: Page, study: Study) -> None:
    hold_the_clock(tablet)
    queue_visits(tablet, 3)
    tablet.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_until(lambda: not kept(tablet, "outbox"), page=tablet)
    assert stored(study) == (3, 3)


def test_a_page_that_stays_open_tries_again_by_itself(tablet: Page, server: Server, study: Study) -> None:
    hold_the_clock(tablet)
    tablet.goto(f"{server.url}/tablet")
    home(tablet)
    server.stop()
    queue_visits(tablet, 2)
    come_online(tablet)
    tablet.wait_for_timeout(300)
    tablet.evaluate("navigator.locks.request('amanah delivery', () => undefined)")
    server.start()
    tablet.clock.run_for(6_000)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)


def test_a_network_that_goes_in_the_middle_of_a_visit_is_not_noticed(
    tablet: Page, server: Server, study: Study
) -> None:
    begin_visit(tablet)
    walk(tablet, {"yp_text_1": SAID}, until="yp_text_2")
    server.stop()
    finish(tablet)
    expect(tablet.locator("[data-slip=waiting]")).to_be_visible()
    expect(tablet.locator("[data-slip=arrived]")).to_be_hidden()
    server.start()
    come_online(tablet)
    wait_until(lambda: stored(study) == (1, 1), page=tablet)
    expect(tablet.locator("[data-slip=waiting]")).to_be_hidden()


def test_an_enrolment_leaves_no_code_in_the_address_and_the_language_there(tablet: Page, server: Server) -> None:
    tablet.goto("about:blank")
    tablet.goto(f"{server.url}/tablet?lang=ur#enrol=code.pin")
    expect(tablet).to_have_url(f"{server.url}/tablet?lang=ur")


@pytest.mark.torture
def test_a_second_shift_works_without_a_network_too(tablet: Page, server: Server) -> None:
    tablet.locator("[data-do=end]").click()
    tablet.locator("[data-do=again]").click()
    start_shift(tablet)
    server.stop()
    for group in GROUPS:
        visit_of(tablet, group)
    assert len(kept(tablet, "outbox")) == 3


def test_a_shift_whose_pages_cannot_be_kept_does_not_begin_and_says_so(
    browser: Browser, server: Server, study: Study
) -> None:
    with browser.new_context(viewport=TABLET, service_workers="block") as context:
        page = context.new_page()
        enrol(page, server.url, study)
        page.clock.install()
        type_pin(page)
        page.locator("[data-do=start]").click()
        expect(page.get_by_text("Making this tablet ready")).to_be_visible()
        page.clock.fast_forward(61_000)
        expect(page.get_by_text("The pages could not be kept")).to_be_visible()
        expect(page.locator("[data-do=start]")).to_be_enabled()
        assert [one["name"] for one in kept(page, "tablet")] == ["enrolment"]


# ---- a visit that was interrupted


def stop_in_the_middle(page: Page) -> None:
    begin_visit(page)
    walk(page, {"sex": "1", "yp_text_1": SAID}, until="yp_text_2")
    last_draft_kept(page)


@pytest.fixture
def interrupted(tablet: Page, server: Server) -> Page:
    """A tablet whose visit was interrupted, at that visit's page again."""
    stop_in_the_middle(tablet)
    hold_the_clock(tablet)
    tablet.goto(f"{server.url}/visit/young_person?lang=en")
    return tablet


@pytest.fixture
def crashed(play: Playwright, server: Server, study: Study, tmp_path: Path) -> Iterator[Page]:
    """The same after the browser was killed and started again."""
    profile = tmp_path / "profile"
    with device(play, profile) as context:
        page = context.new_page()
        new_tablet(page, server.url, study)
        stop_in_the_middle(page)
        kill_browser(profile)
    with device(play, profile) as context:
        page = context.new_page()
        page.goto(f"{server.url}/visit/young_person?lang=en")
        yield page


def go_on(page: Page, pin: str) -> None:
    page.locator("#resume-pin").fill(pin)
    page.locator("[data-resume=go-on]").click()


def refused(page: Page) -> None:
    """The draft was not opened, and what was typed is nowhere in the page."""
    expect(page.locator("#resume-pin")).to_have_value("")
    expect(page.locator("[data-resume=closed]")).to_be_visible()
    assert page.locator("#yp_text_1").input_value() == ""
    assert page.locator("form[data-plan]").is_hidden()


def test_after_a_crash_the_right_pin_brings_back_answers_and_step(crashed: Page, study: Study) -> None:
    expect(crashed.get_by_role("heading", name="A visit was not finished here")).to_be_visible()
    assert crashed.locator("#yp_text_1").input_value() == ""
    go_on(crashed, "271828")
    expect(crashed.locator("#q-yp_text_2")).to_be_visible()
    assert crashed.locator("#yp_text_1").input_value() == SAID
    assert crashed.locator("input[name=sex]:checked").input_value() == "1"
    finish(crashed)
    assert kept(crashed, "drafts") == [], "a draft is gone when its visit is over"
    wait_until(lambda: stored(study) == (1, 1), page=crashed)


def test_wrong_pins_show_nothing_and_slow_down(interrupted: Page) -> None:
    for pin in ("111222", "", "271829"):
        go_on(interrupted, pin)
        refused(interrupted)
    go_on(interrupted, "271828")
    refused(interrupted)
    interrupted.clock.fast_forward(5_100)
    go_on(interrupted, "000000")
    refused(interrupted)
    interrupted.clock.fast_forward(5_100)
    go_on(interrupted, "271828")
    refused(interrupted)
    interrupted.clock.fast_forward(5_100)
    go_on(interrupted, "271828")
    expect(interrupted.locator("#q-yp_text_2")).to_be_visible()


def test_beginning_anew_forgets_the_draft(interrupted: Page) -> None:
    interrupted.locator("[data-resume=anew]").click()
    ready(interrupted)
    assert interrupted.locator("#yp_text_1").input_value() == ""
    assert kept(interrupted, "drafts") == []


def test_leaving_quickly_forgets_the_draft(interrupted: Page, server: Server) -> None:
    interrupted.locator("[data-leave]").click()
    expect(interrupted).to_have_url(f"{server.url}/away")
    assert kept(interrupted, "drafts") == []


@pytest.mark.torture
def test_after_twelve_hours_nobody_is_offered_the_draft(interrupted: Page) -> None:
    interrupted.clock.set_system_time(datetime.now() + timedelta(hours=11, minutes=55))
    interrupted.reload()
    expect(interrupted.locator("[data-resume=page]")).to_be_visible()
    interrupted.clock.set_system_time(datetime.now() + timedelta(hours=12, minutes=5))
    interrupted.reload()
    ready(interrupted)
    expect(interrupted.locator("[data-resume=page]")).to_have_count(0)
    assert kept(interrupted, "drafts") == []


def test_after_twelve_hours_any_page_of_the_site_deletes_the_draft(interrupted: Page, server: Server) -> None:
    interrupted.clock.set_system_time(datetime.now() + timedelta(hours=12, minutes=5))
    interrupted.goto(f"{server.url}/support")
    wait_until(lambda: kept(interrupted, "drafts") == [], page=interrupted)


# ---- the worker's cache


@contextmanager
def a_portal(port: int) -> Iterator[None]:
    """Another network's sign-in page in the place of the study: it redirects everything, and forbids keeping."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_page = "private" in self.path or self.path.startswith("/portal")
            self.send_response(200 if is_page else 302)
            self.send_header("Cache-Control", "no-store" if "private" in self.path else "public, max-age=300")
            self.send_header("Location", "/portal")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"Pay!")

        def log_message(self, *_: Any) -> None:
            pass

    portal = ThreadingHTTPServer(("127.0.0.1", port), Portal)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        portal.shutdown()
        portal.server_close()


def test_the_worker_keeps_neither_a_redirected_nor_a_private_page(tablet: Page, server: Server) -> None:
    server.stop()
    before = tablet.evaluate(CACHED)
    with a_portal(server.port):
        for path in ("/support?group=redirected", "/support?group=private", "/portal"):
            assert tablet.evaluate(ASK_WORKER, [path]) is False, path
            other = tablet.context.new_page()
            other.goto(server.url + path)
            expect(other.get_by_text("Pay!")).to_be_visible()
            other.close()
        assert tablet.evaluate(CACHED) == before
        tablet.reload()
        home(tablet)


def test_the_worker_keeps_public_pages_only_and_none_of_the_staffs(tablet: Page, server: Server) -> None:
    for path in ("/", "/withdraw", "/office", "/office/sign-in", "/office/tablets", "/support"):
        tablet.goto(server.url + path)
    tablet.goto(f"{server.url}/tablet")
    home(tablet)
    assert tablet.evaluate(ASK_WORKER, ["/office/sign-in"]) is False
    assert tablet.evaluate(ASK_WORKER, ["/admission"]) is False
    found = tablet.evaluate(CACHED)
    paths = {url.removeprefix(server.url) for url, _, _ in found}
    assert {"/", "/withdraw", "/support", "/tablet", "/keyring.json"} <= paths
    assert {f"/visit/{group}?lang=en" for group in GROUPS} <= paths
    assert [path for path in paths if path.startswith(("/office", "/admission"))] == []
    assert [(url, how) for url, is_redirected, how in found if is_redirected or "public" not in how] == []


# ---- the lock


STAFF = ("/office", "/office/sign-in", "/", "/withdraw")


def test_a_locked_tablet_leads_to_the_lock_from_everywhere_and_only_the_pin_opens_it(
    play: Playwright, server: Server, study: Study, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with device(play, profile) as context:
        page = context.new_page()
        new_tablet(page, server.url, study)
        page.goto(f"{server.url}/office/sign-in")
        expect(page).to_have_url(f"{server.url}/office/sign-in")
        page.goto(f"{server.url}/tablet")
        begin_visit(page)
        leads_to_the_lock(context, server)
        kill_browser(profile)
    with device(play, profile) as context:
        leads_to_the_lock(context, server)
        page = context.new_page()
        page.goto(f"{server.url}/tablet")
        unlock(page, "271829")
        expect(page.get_by_text("That is not the PIN")).to_be_visible()
        locked(page)
        page.reload()
        locked(page)
        unlock(page)
        home(page)
        page.goto(f"{server.url}/office/sign-in")
        expect(page).to_have_url(f"{server.url}/office/sign-in")


def leads_to_the_lock(context: BrowserContext, server: Server) -> None:
    for path in STAFF:
        page = context.new_page()
        page.goto(server.url + path)
        expect(page).to_have_url(f"{server.url}/tablet")
        locked(page)
        page.close()


def test_wrong_pins_at_the_lock_slow_down_also_after_a_reload(tablet: Page, server: Server) -> None:
    hold_the_clock(tablet)
    begin_visit(tablet)
    tablet.goto(f"{server.url}/tablet")
    for pin in ("111222", "222111", "271829"):
        unlock(tablet, pin)
        expect(tablet.locator("#unlock-pin")).to_have_value("")
        expect(tablet.locator("[data-do=unlock]")).to_be_enabled()
    tablet.reload()
    unlock(tablet)
    expect(tablet.get_by_text("Please wait before the next try")).to_be_visible()
    locked(tablet)
    tablet.clock.fast_forward(5_100)
    unlock(tablet)
    home(tablet)


# ---- the end of a shift


def test_ending_the_shift_forgets_keys_drafts_and_pages(tablet: Page, server: Server) -> None:
    begin_visit(tablet)
    walk(tablet, {"yp_text_1": SAID}, until="yp_text_2")
    wait_until(lambda: kept(tablet, "drafts"), page=tablet)
    tablet.goto(f"{server.url}/tablet")
    unlock(tablet)
    home(tablet)
    assert [one["name"] for one in kept(tablet, "tablet")] == ["enrolment", "shift"]
    assert tablet.evaluate("caches.keys()")
    tablet.locator("[data-do=end]").click()
    expect(tablet.get_by_role("heading", name="The shift has ended")).to_be_visible()
    assert tablet.evaluate("caches.keys()") == []
    assert [one["name"] for one in kept(tablet, "tablet")] == ["enrolment"]
    assert kept(tablet, "drafts") == []


def test_ending_the_shift_warns_while_visits_wait_and_keeps_them(tablet: Page, server: Server, study: Study) -> None:
    server.stop()
    made = queue_visits(tablet, 2)
    tablet.locator("[data-do=end]").click()
    expect(tablet.get_by_text("Sealed visits still wait on this tablet")).to_be_visible()
    assert "shift" in [one["name"] for one in kept(tablet, "tablet")]
    tablet.locator("[data-do=end-all-the-same]").click()
    expect(tablet.get_by_role("heading", name="The shift has ended")).to_be_visible()
    assert {one["id"] for one in kept(tablet, "outbox")} == {one["research"]["id"] for one in made}
    server.start()
    come_online(tablet)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)


# ---- a new version


def test_a_new_version_that_cannot_be_fetched_whole_leaves_the_old_one_at_work(
    tablet: Page, server: Server, sheet: Path
) -> None:
    sheet.write_text(
        sheet.read_text("utf-8").replace('neutral_title.en = "Working', 'neutral_title.en = "Still Working')
    )
    server.stop()
    server.start()
    worker = tablet.request.get(f"{server.url}/worker.js").text()
    old = json.dumps(tablet.evaluate("caches.keys()"))
    assert worker.split('"cache": ')[1].split(",")[0] not in old, "the version must have changed"
    server.stop()
    with only_the_worker(server.port, worker):
        tablet.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update().catch(() => null))")
        tablet.wait_for_timeout(1_000)
    visit_of(tablet, "young_person")
    assert len(kept(tablet, "outbox")) == 1


@contextmanager
def only_the_worker(port: int, script: str) -> Iterator[None]:
    """A network that fails right after the new worker has come."""

    class Failing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = script.encode() if self.path == "/worker.js" else b""
            self.send_response(200 if body else 503)
            self.send_header("Content-Type", "text/javascript")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    failing = ThreadingHTTPServer(("127.0.0.1", port), Failing)
    threading.Thread(target=failing.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        failing.shutdown()
        failing.server_close()
