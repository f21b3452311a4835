"""Withdrawing and changing one's mind on the device: no code leaves it, and what is changed is sealed or not sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from errors import ReceiptError
from fieldwork.changes import changed_documents, plan_of_changes
from fieldwork.study import Study
from privacy.receipts import labels_of, read_receipt
from storage.vaults import count
from tests.browser.devices import PHONE, kept, wait_until
from tests.browser.laboratory import Laboratory
from tests.browser.test_visit import mendable
from tests.changes import CONTACT, STRANGER, opened, visited, withdrawal_of
from tests.conftest import TODAY, Keys
from tests.house.served import Served

CODE = STRANGER.grouped
# Whether the worker keeps this page with all that it needs.
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) found.push(url);
  const wanted = ["changing.js", "changes.js", "codes.js", "seal.js", "keyring.json", "/withdraw?lang=en"];
  return wanted.every((name) => found.some((url) => url.endsWith(name)));
}"""
WIDTHS = [(320, "rtl"), (360, "ltr"), (820, "rtl"), (1440, "ltr")]


@dataclass
class Opened:
    """The page for withdrawing and changing, with everything that was sent from it."""

    page: Page
    sent: list[tuple[str, str]] = field(default_factory=list)

    def fill(self, code: str, **said: str) -> None:
        self.page.locator("summary").click()
        self.page.locator("#choices-code").fill(code)
        for name, value in said.items():
            self.page.locator(f"input[name={name}][value={value}]").check()

    def send(self) -> None:
        self.page.get_by_role("button", name="Send my changes").click()

    def done(self) -> None:
        expect(self.page.get_by_role("heading", name="Done")).to_be_focused()


@pytest.fixture
def changing(browser: Browser, standing: Served) -> Iterator[Opened]:
    context = browser.new_context(viewport=PHONE, service_workers="block")
    page = Opened(context.new_page())
    page.page.on(
        "request", lambda asked: page.sent.append((asked.url.removeprefix(standing.url), asked.post_data or ""))
    )
    page.page.goto(f"{standing.url}/withdraw?lang=en")
    expect(page.page.locator("details form")).to_be_attached()
    yield page
    context.close()


def posted(opened: Opened) -> list[tuple[str, Any]]:
    return [(path, json.loads(body)) for path, body in opened.sent if body]


def test_choices_and_contact_details_are_sealed_here_and_the_code_never_leaves(
    changing: Opened, standing_study: Study, keys: Keys
) -> None:
    study = standing_study
    receipt = visited(study, CONTACT, o_results="yes", o_quote="yes")
    page = changing.page
    changing.fill(f" {receipt.grouped.lower().replace('-', ' ').replace('0', 'o')}", o_quote="no")
    expect(page.locator("#v_phone")).to_be_hidden()
    page.get_by_label("Replace my contact details").check()
    page.locator("#v_phone").fill("0123")
    changing.send()
    # The boxes left empty may be how somebody is reached safely, so it is asked once, and again after another word.
    expect(page.get_by_text("also how we can reach you safely")).to_be_visible()
    page.locator("#v_phone").fill("0123 marker")
    changing.send()
    expect(page.get_by_text("also how we can reach you safely")).to_be_visible()
    assert posted(changing) == []
    changing.send()
    changing.done()
    ((path, told),) = posted(changing)
    assert (path, told["replaces_contact"]) == ("/changes", 1)
    everything = "".join(path + body for path, body in changing.sent)
    assert not [word for word in (receipt.code, receipt.grouped, "marker", "o_quote", '"no"') if word in everything]
    labels = labels_of(receipt, study.name)
    mine = [one for kind in ("choices", "contact") for one in opened(study, keys, "identity", kind)]
    (choices, contact) = [one for one in mine if one["person"] == labels.person.hex()]
    (research,) = [
        one for one in opened(study, keys, "research", "choices") if one["participant"] == labels.participant.hex()
    ]
    assert (choices["statements"], research["choices"], contact["contact"]) == (
        [["o_quote", "no"]], {"o_quote": "no"}, {"v_phone": "0123 marker"},
    )  # fmt: skip


def test_withdrawing_sends_two_proofs_and_nothing_else(changing: Opened, standing_study: Study) -> None:
    receipt = visited(standing_study)
    before = count(standing_study.stores.research)
    changing.page.locator("#erase-code").fill(receipt.grouped)
    changing.page.get_by_role("button", name="Take my answers out").click()
    changing.done()
    assert count(standing_study.stores.research) == before - 1
    assert posted(changing) == [("/withdrawals?lang=en", withdrawal_of(standing_study, receipt))]


def test_what_is_sent_has_one_length_whatever_was_changed(changing: Opened, standing: Served) -> None:
    lengths = set()
    for said in (
        {"o_quote": "no"},
        dict.fromkeys(("o_audio", "o_quote", "o_archive", "o_recontact", "o_results"), "no"),
    ):
        changing.page.goto(f"{standing.url}/withdraw?lang=en")
        changing.sent.clear()
        changing.fill(CODE, **said)
        changing.send()
        changing.done()
        ((_path, told),) = posted(changing)
        lengths.add((len(json.dumps(told)), told["replaces_contact"]))
    # No to both reasons: the contact details go by themselves.
    assert len({length for length, _ in lengths}) == 1
    assert {replaced for _, replaced in lengths} == {0, 1}


def test_what_is_wrong_or_missing_is_said_at_its_place(changing: Opened) -> None:
    page = changing.page
    page.locator("#erase-code").fill("7KJX")
    page.get_by_role("button", name="Take my answers out").click()
    expect(page.locator("#erase-code")).to_be_focused()
    expect(page.locator("#erase-code-error")).to_contain_text("six groups of four")
    changing.fill(CODE[:-1] + ("A" if CODE[-1] != "A" else "B"))
    changing.send()
    expect(page.locator("#choices-code-error")).to_contain_text("mistake in the code")
    page.locator("#choices-code").fill(CODE)
    changing.send()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    page.get_by_label("Replace my contact details").check()
    page.locator("#v_phone").fill("1" * 300)
    changing.send()
    expect(page.locator("#q-v_phone")).to_contain_text("Please make this shorter")
    expect(page.locator("#v_phone")).to_be_focused()
    assert posted(changing) == []


NO_SEAL = "() => { crypto.subtle.encrypt = () => Promise.reject(new Error('not here')); }"


def other_keys(route: Route) -> None:
    ring = route.fetch().json()
    route.fulfill(json=ring | {"version": 99})


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda page: page.evaluate(NO_SEAL), "could not be sealed"),
        (lambda page: page.route("**/keyring.json*", other_keys), "not the ones that this device was given"),
        (lambda page: page.evaluate(
            """() => new Promise((done) => { const asked = indexedDB.open("amanah", 1); asked.onsuccess = () => {
              const store = asked.result.transaction("tablet", "readwrite").objectStore("tablet");
              store.put({ name: "invitation", token: "x", pin: "another pin" }).onsuccess = () => done(); }; })"""
        ), "not the ones that this device was given"),
        (lambda page: page.context.set_offline(True), "We could not reach the study"),
    ],
    ids=["cannot seal", "unknown keys", "pinned to others", "no network"],
)  # fmt: skip
def test_it_stops_and_says_so_and_what_was_typed_is_still_there(changing: Opened, break_it: Any, sentence: str) -> None:
    page = changing.page
    changing.fill(CODE, o_quote="no")
    page.get_by_label("Replace my contact details").check()
    page.locator("#v_phone").fill("0123 marker")
    break_it(page)
    changing.send()
    changing.send()
    expect(page.locator("details").get_by_text(sentence)).to_be_visible()
    expect(page.locator("#v_phone")).to_have_value("0123 marker")
    expect(page.locator("input[name=o_quote][value=no]")).to_be_checked()
    assert "marker" not in str(changing.sent)


def test_the_page_opens_without_a_network_says_so_kindly_and_keeps_nothing_for_later(
    browser: Browser, standing: Served
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{standing.url}/withdraw?lang=en")
        wait_until(lambda: page.evaluate(KEPT), page=page)
        context.set_offline(True)
        page.reload()
        page.locator("#erase-code").fill(CODE)
        page.get_by_role("button", name="Take my answers out").click()
        expect(page.locator(".card").first.get_by_text("We could not reach the study")).to_be_visible()
        expect(page.locator("#erase-code")).to_have_value(CODE)
        page.locator("summary").click()
        page.locator("#choices-code").fill(CODE)
        page.locator("input[name=o_quote][value=no]").check()
        page.get_by_role("button", name="Send my changes").click()
        expect(page.locator("details").get_by_text("We could not reach the study")).to_be_visible()
        assert kept(page, "outbox") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_and_nothing_is_wider_than_the_screen(
    browser: Browser, standing: Served, scheme: str
) -> None:
    with browser.new_context(color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"{standing.url}/withdraw?lang=en")
        page.locator("summary").click()
        page.get_by_label("Replace my contact details").check()
        page.locator("#choices-code").fill(CODE)
        # One form at a time: whoever changes something cannot take everything out by the first button on the page.
        expect(page.locator("#erase-code")).to_be_hidden()
        assert page.get_by_label("The code on your slip").filter(visible=True).count() == 1
        page.set_viewport_size({"width": 360, "height": 740})
        box = "({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth"
        assert page.locator("#choices-code").evaluate(box), "the whole code is seen"
        page.locator("#choices-code").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#choices-code")).to_be_focused()
        for width, direction in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(f"document.documentElement.dir = '{direction}'")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert mendable(page) == []


def test_documents_and_tags_are_those_of_python(lab: Laboratory, standing_study: Study) -> None:
    plan, labels = plan_of_changes(standing_study, "en"), labels_of(STRANGER, standing_study.name)
    choices = {"o_quote": "no", "o_archive": "yes", "o_results": "no"}
    body = """
      const { labelsOf } = await load("receipts"), [year, month, day] = told.day;
      const labels = await labelsOf(told.code, told.plan.study);
      return [m.changedDocuments(told.plan, labels, told.choices, told.contact, new Date(year, month - 1, day)),
        await m.withdrawalOf(told.code, told.plan.study)];"""
    told = {
        "code": STRANGER.code,
        "plan": plan,
        "choices": choices,
        "contact": CONTACT,
        "day": [TODAY.year, TODAY.month, TODAY.day],
    }
    made, withdrawal = lab.call("changes", body, told)
    assert tuple(made.values()) == changed_documents(standing_study, labels, choices, CONTACT, TODAY)
    assert withdrawal == withdrawal_of(standing_study, STRANGER)


DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "০১২৩৪৫৬৭৮৯")
TYPED = (
    CODE, CODE.lower(), CODE.replace("-", " "), f"\t{CODE}\r\n", CODE.replace("-", "\u2013"), CODE.replace("0", "O"),
    CODE.replace("1", "l"), *(CODE.translate(str.maketrans("0123456789", digits)) for digits in DIGITS),
    CODE[:-1], f"{CODE}0", "",
    CODE[::-1], "U" * 24, "😀" * 24, "ı" * 24, "ß" * 12, CODE.replace("-", "/"), "0" * 24, f"\ufeff{CODE}",
)  # fmt: skip


def test_a_typed_code_is_read_as_python_reads_it(lab: Laboratory) -> None:
    def read(typed: str) -> Any:
        try:
            return {"code": read_receipt(typed).code}
        except ReceiptError as refusal:
            return {"refused": "slip" if "mistake" in str(refusal) else "length"}

    made = lab.call("codes", "return told.map(m.readCode);", list(TYPED))
    assert made == [read(typed) for typed in TYPED]
    assert sum("code" in one for one in made) > 8
    assert any(digit in CODE for digit in "123456789")
