"""Deliveries from the page: each visit exactly once, whatever the network, the server or another tab does meanwhile."""

from __future__ import annotations

import copy
import random
import secrets
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from fieldwork.admissions import invite
from fieldwork.ending import OVER
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from storage.admissions import revoke_tablet
from storage.vaults import rows
from tests.browser.devices import (
    PHONE,
    Server,
    begin_visit,
    come_online,
    enrol,
    finish,
    hold_the_clock,
    invitation,
    kept,
    let_go,
    plan_on,
    queue_visits,
    ready,
    send,
    stored,
    unlock,
    wait_until,
    walk,
)

SAID = "listen first, then speak"
LOTS = "**/deliveries/several"
# Puts deliveries into the outbox as they are, with the page's own module.
ENQUEUE = r"""async (deliveries) => {
    const script = document.querySelector("script[src$='/tablet.js']").src;
    const { enqueue } = await import(script.replace(/tablet\.js$/, "outbox.js"));
    for (const delivery of deliveries) await enqueue(delivery, null);
}"""


@pytest.fixture
def server(sealing_server: Server) -> Server:
    return sealing_server


@pytest.fixture
def study(sealing_study: Study) -> Study:
    return sealing_study


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def invited(study: Study) -> str:
    """The path of a new invitation for one young person."""
    return invitation(study, invite(study, "single", date.today() + timedelta(days=1), "young_person"))


def answered(context: BrowserContext, how: Callable[[Route], None], address: str = "**/deliveries") -> list[str]:
    """Let deliveries be answered like this; the bodies that were sent."""
    sent: list[str] = []

    def answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        how(route)

    context.route(address, answer)
    return sent


def send_round(page: Page, sent: list[str], number: int = 1) -> None:
    """One more round of deliveries, until so many have been sent and the round is over."""
    round_is_over(page)
    before = len(sent)
    come_online(page)
    wait_until(lambda: len(sent) >= before + number, page=page)
    round_is_over(page)


def round_is_over(page: Page) -> None:
    """Wait for the lock that a round holds: while one goes on, another is not begun."""
    page.evaluate("navigator.locks.request('amanah delivery', () => undefined)")


def needs_attention(page: Page, number: int) -> None:
    expect(page.locator("[data-outbox-words]")).to_have_text("need attention")
    expect(page.locator("[data-outbox-count]")).to_have_text(str(number))


def all_sent(page: Page) -> None:
    expect(page.locator("[data-outbox-words]")).to_have_text("all sent")
    # The server has a visit a moment before the device lets go of it.
    wait_until(lambda: kept(page, "outbox") == [], page=page)


# ---- the network


def test_a_visit_whose_answer_was_lost_is_sent_again_and_kept_once(tablet: Page, study: Study) -> None:
    def lose(route: Route) -> None:
        assert route.fetch().status == 201
        route.abort()

    hold_the_clock(tablet)
    sent = answered(tablet.context, lose)
    queue_visits(tablet, 1)
    send_round(tablet, sent)
    assert stored(study) == (1, 1)
    assert [one["state"] for one in kept(tablet, "outbox")] == ["waiting"]
    tablet.context.unroute("**/deliveries")
    again = answered(tablet.context, lambda route: route.continue_())
    send_round(tablet, again)
    assert again == sent
    all_sent(tablet)
    assert stored(study) == (1, 1)


@pytest.mark.torture
def test_a_network_that_goes_before_the_server_is_reached_costs_nothing(tablet: Page, study: Study) -> None:
    sent = answered(tablet.context, lambda route: route.abort())
    begin_visit(tablet)
    finish(tablet)
    wait_until(lambda: sent, page=tablet)
    expect(tablet.locator("[data-slip=waiting]")).to_be_visible()
    tablet.context.unroute("**/deliveries")
    come_online(tablet)
    expect(tablet.locator("[data-slip=waiting]")).to_be_hidden()
    assert stored(study) == (1, 1)
    assert kept(tablet, "outbox") == []


# ---- what the server says


def test_a_server_that_is_busy_is_asked_again_after_a_while(tablet: Page, server: Server, study: Study) -> None:
    hold_the_clock(tablet)
    tablet.goto(f"{server.url}/tablet")
    # The page delivers once by itself when it opens; that round must not meet what is queued here.
    expect(tablet.locator("[data-screen=home]")).to_be_visible()
    round_is_over(tablet)
    busy = answered(tablet.context, lambda route: route.fulfill(status=503, json={"sentence": "Later."}))
    queue_visits(tablet, 2)
    send_round(tablet, busy)
    assert [one["state"] for one in kept(tablet, "outbox")] == ["waiting", "waiting"]
    assert len(busy) == 1, "a busy server is not asked for each"
    tablet.clock.run_for(4_000)
    tablet.wait_for_timeout(200)
    assert len(busy) == 1
    tablet.context.unroute("**/deliveries")
    tablet.clock.run_for(2_000)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)


@pytest.mark.torture
def test_a_server_that_stumbles_over_one_visit_still_gets_the_others(tablet: Page, study: Study) -> None:
    queued = queue_visits(tablet, 3)
    bad = min(one["research"]["id"] for one in queued)

    def stumble(route: Route) -> None:
        if route.request.post_data_json["research"]["id"] == bad:
            route.fulfill(status=500, json={"sentence": "Something went wrong."})
        else:
            route.continue_()

    sent = answered(tablet.context, stumble)
    send_round(tablet, sent, 3)
    assert stored(study) == (2, 2)
    assert [(one["id"], one["state"]) for one in kept(tablet, "outbox")] == [(bad, "waiting")]


def test_only_the_studys_own_words_let_go_of_a_visit(tablet: Page, study: Study) -> None:
    queue_visits(tablet, 1)
    for status in (200, 201, 404, 410):
        page = {"status": status, "content_type": "text/html", "body": "<h1>Sign in to this network</h1>"}
        sent = answered(tablet.context, partial(Route.fulfill, **page))
        send_round(tablet, sent)
        assert [one["state"] for one in kept(tablet, "outbox")] == ["waiting"], status
        round_is_over(tablet)
        tablet.context.unroute("**/deliveries")
    come_online(tablet)
    wait_until(lambda: stored(study) == (1, 1), page=tablet)
    all_sent(tablet)


def test_a_refused_visit_waits_for_a_person_with_the_servers_sentence(tablet: Page, study: Study) -> None:
    queue_visits(tablet, 2)
    for status in (401, 409, 413, 422):
        sentence = f"The study says {status}."
        answer = {"status": status, "json": {"sentence": sentence}}
        sent = answered(tablet.context, partial(Route.fulfill, **answer))
        for _ in range(2):
            send_round(tablet, sent, 2)
            needs_attention(tablet, 2)
        tablet.locator("[data-do=deliver]").click()
        wait_until(lambda sent=sent: len(sent) == 6, page=tablet)
        needs_attention(tablet, 2)
        expect(tablet.locator("[data-reasons] li")).to_have_text([sentence])
        tablet.reload()
        wait_until(lambda sent=sent: len(sent) == 8, page=tablet)
        round_is_over(tablet)
        needs_attention(tablet, 2)
        assert {one["reason"] for one in kept(tablet, "outbox")} == {sentence}
        tablet.context.unroute("**/deliveries")
    come_online(tablet)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)
    all_sent(tablet)


def test_a_revoked_tablet_keeps_its_visits_and_delivers_them_when_it_is_enrolled_again(
    tablet: Page, server: Server, study: Study
) -> None:
    # A tablet asks on its own page whether it is known, and begins no visit once it heard that it is not.
    begin_visit(tablet)
    assert revoke_tablet(study.stores.office, "T1")
    finish(tablet)
    let_go(tablet)
    unlock(tablet)
    needs_attention(tablet, 1)
    expect(tablet.get_by_text("The study no longer knows this tablet")).to_be_visible()
    expect(tablet.locator("[data-reasons]")).to_have_text(
        "This tablet or invitation is not, or no longer, known to the study."
    )
    assert stored(study) == (0, 0)
    # No other visit begins on it, and no button takes the notice away.
    for deed in ("deliver", "visit"):
        tablet.locator(f"[data-do={deed}]").click()
        expect(tablet.locator(f"[data-do={deed}]")).to_be_enabled()
        expect(tablet.get_by_text("The study no longer knows this tablet")).to_be_visible()
    assert tablet.url.endswith("/tablet")
    tablet.context.set_offline(True)
    tablet.reload()
    expect(tablet.get_by_text("The study no longer knows this tablet")).to_be_visible()
    tablet.context.set_offline(False)
    enrol(tablet, server.url, study)
    expect(tablet.get_by_text("The study no longer knows this tablet")).to_be_hidden()
    all_sent(tablet)
    assert stored(study) == (1, 1)


def test_a_tablet_of_a_study_that_is_over_begins_no_visit_and_lets_go_of_what_nobody_takes(
    tablet: Page, study: Study
) -> None:
    # What the server answers then, and when, tests/fieldwork/test_ending.py shows.
    begin_visit(tablet)
    for path in ("admission", "deliveries"):
        tablet.context.route(f"**/{path}", lambda route: route.fulfill(status=410, json={"sentence": OVER}))
    finish(tablet)
    let_go(tablet)
    unlock(tablet)
    told = tablet.get_by_text("The study is over: no visit can be begun any more")
    expect(told).to_be_visible()
    all_sent(tablet)
    assert (kept(tablet, "outbox"), stored(study)) == ([], (0, 0))
    tablet.locator("[data-do=visit]").click()
    expect(tablet.locator("[data-do=visit]")).to_be_enabled()
    expect(told).to_be_visible()
    assert tablet.url.endswith("/tablet")


def test_a_visit_that_was_withdrawn_before_it_came_is_dropped(tablet: Page, server: Server, study: Study) -> None:
    server.stop()
    begin_visit(tablet)
    code = finish(tablet)
    let_go(tablet)
    unlock(tablet)
    expect(tablet.locator("[data-outbox-words]")).to_have_text("waiting")
    withdraw(study, code, date.today())
    server.start()
    sent = answered(tablet.context, lambda route: route.continue_())
    send_round(tablet, sent)
    all_sent(tablet)
    assert stored(study) == (0, 0)


def test_what_the_server_cannot_take_stays_here_and_holds_up_nothing(
    tablet: Page, server: Server, study: Study
) -> None:
    first, second = queue_visits(tablet, 2)
    come_online(tablet)
    wait_until(lambda: stored(study) == (2, 2), page=tablet)
    taken, stranger, huge = copy.deepcopy(first), fresh(second), fresh(second)
    taken["research"]["envelope"] = second["research"]["envelope"]
    stranger["group"] = "nobody"
    huge["group"] = "g" * 2_000_000
    server.stop()
    tablet.evaluate(ENQUEUE, [taken, stranger, huge])
    queue_visits(tablet, 1)
    server.start()
    come_online(tablet)
    wait_until(lambda: stored(study) == (3, 3), page=tablet)
    needs_attention(tablet, 3)
    reasons = {one["id"]: one["reason"] for one in kept(tablet, "outbox")}
    assert "id already" in reasons[taken["research"]["id"]]
    assert "no such group" in reasons[stranger["research"]["id"]]
    assert "large" in reasons[huge["research"]["id"]] or "413" in reasons[huge["research"]["id"]]


def fresh(delivery: dict[str, Any]) -> dict[str, Any]:
    """The same under ids that nobody has yet."""
    made = copy.deepcopy(delivery)
    for half in ("research", "identity", "contact", "link"):
        made[half]["id"] = secrets.token_hex(16)
    return made


# ---- many at once


def test_of_a_lot_each_visit_is_kept_dropped_or_set_aside_for_itself(
    tablet: Page, server: Server, study: Study
) -> None:
    server.stop()
    queued = queue_visits(tablet, 8)
    stranger = fresh(queued[0]) | {"group": "nobody"}
    tablet.evaluate(ENQUEUE, [stranger])
    server.start()
    sent = answered(tablet.context, Route.continue_, LOTS)
    come_online(tablet)
    wait_until(lambda: stored(study) == (8, 8), page=tablet)
    needs_attention(tablet, 1)
    # One may be set aside before the device has let go of all the others.
    wait_until(lambda: len(kept(tablet, "outbox")) == 1, page=tablet)
    assert ["no such group" in one["reason"] for one in kept(tablet, "outbox")] == [True]
    assert [body.count('"research"') for body in sent] == [9]


def test_a_lot_that_a_server_does_not_take_is_sent_one_by_one(tablet: Page, study: Study) -> None:
    lots = answered(tablet.context, partial(Route.fulfill, status=404, json={"sentence": "No such page."}), LOTS)
    queue_visits(tablet, 6)
    come_online(tablet)
    wait_until(lambda: stored(study) == (6, 6), page=tablet)
    all_sent(tablet)
    assert len(lots) == 1


# ---- two tabs, and a server that is killed


def assert_exactly(study: Study, queued: list[dict[str, Any]]) -> None:
    """The study holds these visits, each once, and nothing else."""
    parcels = {study.stores.research: ("research",), study.stores.identity: ("identity", "contact", "link")}
    for vault, names in parcels.items():
        wanted = sorted(one[name]["id"] for one in queued for name in names)
        assert sorted(record_id.hex() for record_id, _ in rows(vault)) == wanted
    assert stored(study) == (len(queued), len(queued))


@pytest.fixture
def tabs(tablet: Page, server: Server) -> list[Page]:
    """Two tabs of one tablet."""
    other = tablet.context.new_page()
    other.goto(f"{server.url}/tablet")
    expect(other.locator("[data-screen=home]")).to_be_visible()
    return [tablet, other]


def test_two_tabs_deliver_twenty_visits_exactly_once(tabs: list[Page], study: Study) -> None:
    sent, alone = (answered(tabs[0].context, Route.continue_, address) for address in (LOTS, "**/deliveries"))
    queued = queue_visits(tabs[0], 20)
    for tab in tabs * 2:
        tab.evaluate("void dispatchEvent(new Event('online'))")
    wait_until(lambda: not kept(tabs[1], "outbox"), page=tabs[1])
    assert_exactly(study, queued)
    assert (len(sent), len(alone)) == (1, 0), "while one tab delivers, the other leaves it alone"


def test_without_the_lock_between_tabs_the_server_still_keeps_each_once(
    tablet: Page, server: Server, study: Study
) -> None:
    tablet.context.add_init_script("LockManager.prototype.request = (name, how, deed) => (deed ?? how)({});")
    pages = [tablet, tablet.context.new_page()]
    for page in pages:
        page.goto(f"{server.url}/tablet")
        expect(page.locator("[data-screen=home]")).to_be_visible()
    queued = queue_visits(tablet, 20)
    for page in pages * 2:
        page.evaluate("void dispatchEvent(new Event('online'))")
    wait_until(lambda: not any(kept(page, "outbox") for page in pages), page=tablet)
    assert_exactly(study, queued)
    server.stop()  # what the other tab has on its way must not come into the next test


def trouble(tabs: list[Page], server: Server, study: Study, kills: int, seed: int) -> None:
    """Kill the server again and again while two tabs deliver."""
    chance = random.Random(seed)
    queued = queue_visits(tabs[0], 50)
    hit = 0
    for number in range(kills):
        if len(kept(tabs[0], "outbox")) < 30:  # fewer would be gone with one request
            queued += queue_visits(tabs[0], 40)
        before = stored(study)
        for tab in tabs:
            tab.evaluate("void dispatchEvent(new Event('online'))")
        if number % 2 == 0:  # at least these come after the first delivery of a round, however slow the machine is
            wait_until(lambda before=before: stored(study) != before, page=tabs[0])
        tabs[0].wait_for_timeout(chance.uniform(0, 200))
        server.kill()
        hit += stored(study) != before and bool(kept(tabs[0], "outbox"))
        server.start()
    assert hit, "no kill came in the middle of a round"
    come_online(tabs[0])
    come_online(tabs[1])
    wait_until(lambda: not kept(tabs[0], "outbox"), page=tabs[0])
    assert_exactly(study, queued)


def test_a_server_that_is_killed_while_two_tabs_deliver_gets_each_visit_once(
    tabs: list[Page], server: Server, study: Study
) -> None:
    trouble(tabs, server, study, kills=3, seed=1)


@pytest.mark.torture
def test_a_hundred_kills_of_the_server_lose_and_double_nothing(tabs: list[Page], server: Server, study: Study) -> None:
    trouble(tabs, server, study, kills=100, seed=2)


# ---- where the page seals or nothing is sent


def test_without_an_invitation_the_page_asks_for_one(phone: Page, server: Server) -> None:
    answer = phone.goto(f"{server.url}/visit/young_person")
    assert answer
    assert "form-action 'none'" in answer.headers["content-security-policy"]
    expect(phone.get_by_role("heading", name="You need an invitation")).to_be_visible()
    expect(phone.locator("form[data-plan]")).to_have_count(0)


def test_an_invitation_carries_one_visit(phone: Page, server: Server, study: Study) -> None:
    path = invited(study)
    phone.goto(server.url + path)
    expect(phone).to_have_url(f"{server.url}/visit/young_person")
    finish(phone)
    expect(phone.get_by_text("They have arrived at the study")).to_be_visible()
    assert stored(study) == (1, 1)
    let_go(phone)
    expect(phone.get_by_text("Your visit has ended")).to_be_visible()
    phone.goto(f"{server.url}/visit/young_person")
    expect(phone.get_by_role("heading", name="You need an invitation")).to_be_visible()
    phone.goto("about:blank")
    phone.goto(server.url + path)
    expect(phone.get_by_role("heading", name="This invitation is over")).to_be_visible()


def test_an_invitation_for_any_group_goes_with_whoever_chooses_one(phone: Page, server: Server, study: Study) -> None:
    assert study.keyring
    token = invite(study, "single", date.today() + timedelta(days=1))
    phone.goto(f"{server.url}/?lang=en#{token}.{study.keyring.pin}.1")
    expect(phone).to_have_url(f"{server.url}/?lang=en")
    phone.get_by_role("link", name="Young person, 16 to 25", exact=True).click()
    expect(phone).to_have_url(f"{server.url}/visit/young_person?lang=en")
    finish(phone)
    expect(phone.get_by_text("They have arrived at the study")).to_be_visible()
    assert stored(study) == (1, 1)


def test_an_invitation_with_another_keyrings_pin_is_stopped(phone: Page, server: Server, study: Study) -> None:
    assert study.keyring
    phone.goto(server.url + invited(study).replace(study.keyring.pin, "A" * 22))
    expect(phone.get_by_role("heading", name="This link no longer works")).to_be_visible()


BROKEN = {
    "rejects": "SubtleCrypto.prototype.encrypt = () => Promise.reject(new DOMException('no'));",
    "hangs": "SubtleCrypto.prototype.encrypt = () => new Promise(() => {});",
}


# The page's own script is the same on both, so each way is tried on one of them.
@pytest.mark.parametrize(
    ("is_tablet", "how"),
    [
        pytest.param(False, "rejects", id="phone-rejects"),
        pytest.param(True, "hangs", id="tablet-hangs"),
        pytest.param(True, "rejects", id="tablet-rejects", marks=pytest.mark.torture),
        pytest.param(False, "hangs", id="phone-hangs", marks=pytest.mark.torture),
    ],
)
def test_where_sealing_is_broken_the_page_says_so_and_nothing_leaves_it(
    request: pytest.FixtureRequest, server: Server, study: Study, how: str, is_tablet: bool
) -> None:
    page: Page = request.getfixturevalue("tablet" if is_tablet else "phone")
    page.context.add_init_script(BROKEN[how])
    page.clock.install()
    bodies: list[str] = []
    if is_tablet:
        page.goto(f"{server.url}/tablet")
        begin_visit(page)
    else:
        page.goto(server.url + invited(study))
    page.context.on("request", lambda one: bodies.append(one.url) if one.post_data or one.method != "GET" else None)
    ready(page)
    assert walk(page, {"sex": "1", "yp_text_1": SAID}) == "send"
    send(page)
    wait_until(lambda: page.clock.fast_forward(21_000) or page.locator("[data-tell=unsealed]").is_visible(), page=page)
    expect(page.get_by_text("everything that you typed is still here")).to_be_visible()
    assert page.locator("#yp_text_1").input_value() == SAID
    assert page.locator("input[name=sex]:checked").input_value() == "1"
    assert kept(page, "outbox") == []
    # Not even by force: the browser itself refuses to post the form.
    page.evaluate("form => { form.method = 'post'; form.action = ''; form.submit(); }", form_of(page))
    page.wait_for_timeout(300)
    assert plan_on(page)["walk_in"] is False
    assert bodies == []
    assert stored(study) == (0, 0)


def form_of(page: Page) -> Any:
    return page.locator("form[data-plan]").element_handle()
