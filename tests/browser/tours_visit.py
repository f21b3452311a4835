"""The catalogue's tours of what a participant sees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flask import Flask
from playwright.sync_api import Route, expect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tests.browser.devices import last_draft_kept, ready
from tests.browser.touring import Walker, tour
from tests.changes import STRANGER

CODE = STRANGER.grouped
LEAST = {"elig_muslim": ["1"], "age": ["17"], "site": ["1"], "o_recontact": ["yes"]}
# Goes on from step to step, answering as told, until something like `stop` is seen.
ADVANCE = """async ([said, stop]) => {
  const seen = (selector) => [...document.querySelectorAll(selector)].some((one) => one.checkVisibility());
  for (let step = 0; step < 200 && !seen(stop); step += 1) {
    for (const piece of document.querySelectorAll(".question[id^=q-]")) {
      if (!piece.checkVisibility()) continue;
      const values = said[piece.id.slice(2)] ?? (piece.matches(".must") ? ["yes"] : []);
      for (const input of piece.querySelectorAll("input, textarea")) {
        if (input.matches("[type=radio], [type=checkbox]")) { if (values.includes(input.value)) input.click(); }
        else if (values.length) { input.value = values[0]; input.dispatchEvent(new Event("input", { bubbles: true })); }
      }
    }
    document.querySelector("[data-walk=next]").click();
    await new Promise((done) => setTimeout(done, 0));
  }
  return seen(stop);
}"""
# The steps of a visit that are worth a look, by what is seen on each.
STOPS = {
    "visit-number": "#q-age",
    "visit-information": "[data-part=information] .note",
    "visit-understanding": "#q-und_stop",
    "visit-consent": "#q-c_info",
    "visit-choice-of-consent": "#q-o_audio",
    "visit-demographics": "#q-site",
    "visit-long-list": "#q-ethnic_group",
    "visit-multiple": "#q-yp_contact",
    "visit-agree5": "#q-yp_fair_1",
    "visit-open-text": "#q-yp_text_1",
    "visit-contact": "#q-v_name",
}
ENDED = "main h1[tabindex]"
SHOW = """(name) => document.querySelector("main").replaceChildren(
  document.querySelector(`template[data-page=${name}]`).content.cloneNode(true))"""
ERRORS = (400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429, 431, 500, 503)


def advance(walker: Walker, stop: str, **said: str) -> None:
    """Go on to the step on which this is seen."""
    expect(walker.page.locator("[data-walk=next]")).to_be_visible()
    told = LEAST | {name: [value] for name, value in said.items()}
    assert walker.page.evaluate(ADVANCE, [told, stop]), f"the visit never came to {stop}"


def begin(walker: Walker, group: str = "young_person", field_app: str = "busy") -> None:
    """Open a visit; its draft of before is forgotten."""
    walker.page.goto("about:blank")
    walker.goto(f"/visit/{group}", field_app)
    walker.page.wait_for_load_state("load")
    anew = walker.page.locator("[data-resume=anew]")
    expect(anew.or_(walker.page.locator("[data-walk=next]")).first).to_be_visible()
    if anew.count():
        anew.click()
    expect(walker.page.locator("[data-walk=next]")).to_be_visible()


@tour("participant", start="start.html", support="support.html", support_of_group="support.html",
      withdraw="withdraw.html", away="away.html", done="done.html", agreed_words="agreed.html",
      sheet="sheet.html", easy_read="easy_read.html", cards="cards.html", cards_in_two_languages="cards.html",
      not_found="error.html", not_open="error.html")  # fmt: skip
def public(walker: Walker) -> Iterator[str]:
    """Pages with an address of their own."""
    addresses = {
        "start": "/", "support": "/support", "support-of-group": "/support?group=police_officer",
        "withdraw": "/withdraw", "away": "/away", "done": "/visit/done", "agreed-words": "/visit/agreed",
        "sheet": "/sheet/young_person", "easy-read": "/easy-read/young_person", "cards": "/cards/young_person",
        "cards-in-two-languages": "/cards/community_leader?beside=so", "not-found": "/nothing",
    }  # fmt: skip
    for name, path in addresses.items():
        walker.goto(path)
        yield name
    walker.goto("/visit/young_person", "bare")
    yield "not-open"


@tour("participant", visit_eligibility="visit.html", visit_refusal="visit.html", visit_number="visit.html",
      visit_number_refused="visit.html", visit_information="visit.html", visit_understanding="visit.html",
      visit_consent="visit.html", visit_consent_refused="visit.html", visit_choice_of_consent="visit.html",
      visit_demographics="visit.html", visit_long_list="visit.html", visit_multiple="visit.html",
      visit_agree5="visit.html", visit_agree5_answered="visit.html", visit_open_text="visit.html",
      visit_contact="visit.html", visit_last="visit.html", visit_last_with_a_researcher="visit.html",
      visit_receipt="visit.html", visit_agreed="agreed.html")  # fmt: skip
def visit(walker: Walker) -> Iterator[str]:
    """A visit, step by step, to its receipt and the copy of what was agreed to."""
    begin(walker)
    ready(walker.page)
    yield "visit-eligibility"
    walker.press("[data-walk=next]")
    walker.sees(".refusal")
    yield "visit-refusal"
    for name, stop in STOPS.items():
        advance(walker, stop)
        yield name
        if name == "visit-number":
            walker.page.locator("#age").fill("seventeen")
            walker.press("[data-walk=next]")
            walker.sees(".refusal")
            yield "visit-number-refused"
        if name == "visit-consent":
            walker.press("[data-walk=next]")
            walker.sees(".refusal")
            yield "visit-consent-refused"
        if name == "visit-agree5":
            walker.page.locator("#q-yp_fair_1 input[type=radio]").nth(3).check()
            yield "visit-agree5-answered"
    advance(walker, "#send")
    yield "visit-last"
    walker.press("#send summary")
    yield "visit-last-with-a-researcher"
    walker.press("[data-walk=next]")
    walker.sees("[data-code]")
    walker.sees("[data-slip=arrived]")
    yield "visit-receipt"
    walker.press("button[data-agreed]")
    walker.sees("[data-agreed=copy] h1")
    yield "visit-agreed"


def tick(walker: Walker, boxes: str) -> None:
    """Tick all of these."""
    walker.page.evaluate("(boxes) => document.querySelectorAll(boxes).forEach((one) => one.click())", boxes)


@tour("participant", visit_officer="visit.html", visit_said_no="visit.html", visit_not_eligible="visit.html",
      visit_interrupted="visit.html", visit_no_invitation="visit.html", visit_invitation_over="visit.html",
      visit_keys_changed="visit.html", visit_cannot_seal="visit.html", visit_not_sent="visit.html")  # fmt: skip
def visit_ends(walker: Walker) -> Iterator[str]:
    """Visits that end early, that go on later, that cannot begin."""
    begin(walker, "police_officer")
    advance(walker, "#q-po_years")
    yield "visit-officer"
    begin(walker)
    advance(walker, ENDED, c_part="no")
    yield "visit-said-no"
    begin(walker)
    advance(walker, ENDED, elig_muslim="2")
    yield "visit-not-eligible"
    begin(walker)
    ready(walker.page)
    advance(walker, "#q-site")
    last_draft_kept(walker.page)
    walker.page.reload()
    walker.sees("[data-resume=page]")
    yield "visit-interrupted"
    walker.press("[data-resume=anew]")
    walker.goto("/visit/young_person", "held")
    walker.sees(ENDED)
    yield "visit-no-invitation"
    for name in ("invitation-over", "keys-changed", "cannot-seal"):
        begin(walker)
        walker.page.evaluate(SHOW, name)
        yield f"visit-{name}"
    begin(walker)
    advance(walker, "#send")
    walker.page.evaluate("document.querySelector('[data-tell=unsealed]').hidden = false")
    yield "visit-not-sent"


@tour("participant", plain_visit="visit.html", plain_visit_refused="visit.html", plain_visit_reminder="visit.html")
def plain_visit(walker: Walker) -> Iterator[str]:
    """A visit in a browser that does not run the page's scripts: one long page, answered by other pages."""
    walker.without("visit.js")
    walker.goto("/visit/young_person")
    # Five seconds after a script that never came.
    walker.page.evaluate("document.getAnimations().forEach((waiting) => waiting.finish())")
    yield "plain-visit"
    tick(walker, ".must .yes")
    walker.page.locator("#age").fill("seventeen")
    walker.press("#send > button.primary")
    walker.sees("#summary")
    yield "plain-visit-refused"
    walker.page.locator("input[name=elig_muslim][value='1']").check()
    walker.page.locator("#age").fill("19")
    walker.press("#send > button.primary")
    walker.sees("#summary.reminder")
    yield "plain-visit-reminder"
    walker.with_scripts()


@tour("participant", plain_receipt="receipt.html", plain_receipt_agreed="receipt.html", plain_said_no="thanks.html")
def plain_ends(walker: Walker) -> Iterator[str]:
    """The pages by which a visit without script is answered."""
    walker.without("visit.js")
    walker.goto("/visit/young_person")
    walker.page.evaluate("document.getAnimations().forEach((waiting) => waiting.finish())")
    tick(walker, ".must .yes")
    walker.page.locator("input[name=elig_muslim][value='1']").check()
    walker.page.locator("#age").fill("19")
    walker.press("#send > button.primary")
    walker.sees("#summary.reminder")
    walker.press("#send > button.primary")
    walker.sees("[data-code]")
    yield "plain-receipt"
    walker.press("details.card summary")
    yield "plain-receipt-agreed"
    walker.goto("/visit/young_person")
    walker.page.locator("input[name=elig_muslim][value='1']").check()
    walker.page.locator("#age").fill("19")
    tick(walker, ".must .no")
    walker.press(".gate-end button")
    walker.page.wait_for_load_state("load")
    yield "plain-said-no"
    walker.with_scripts()


@tour("participant", withdraw_refused="withdraw.html", withdraw_changes="withdraw.html",
      withdraw_changes_refused="withdraw.html", withdraw_changes_done="withdraw.html", withdraw_done="withdraw.html",
      withdraw_held="withdraw.html", plain_withdraw_refused="withdraw.html", plain_withdrawn="withdrawn.html",
      kept_for_now="kept_for_now.html")  # fmt: skip
def withdrawing(walker: Walker) -> Iterator[str]:
    """Take answers out, or change choices."""
    walker.goto("/withdraw")
    walker.page.locator("#erase-code").fill("7KJX")
    walker.press("form[data-changing=erase] button.primary")
    walker.sees("#erase-code-error")
    yield "withdraw-refused"
    walker.press("details.card summary")
    walker.page.locator("[data-replaces]").check()
    yield "withdraw-changes"
    walker.page.locator("#choices-code").fill("7KJX")
    walker.press("form[data-changing=choices] button.primary")
    walker.sees("#choices-code-error")
    yield "withdraw-changes-refused"
    walker.page.locator("[data-replaces]").uncheck()
    walker.page.locator("#choices-code").fill(CODE)
    walker.page.locator("input[name=o_quote][value=no]").check()
    walker.press("form[data-changing=choices] button.primary")
    walker.sees(ENDED)
    yield "withdraw-changes-done"
    for name, house in (("withdraw-done", "busy"), ("withdraw-held", "held")):
        walker.goto("/withdraw", house)
        walker.page.locator("#erase-code").fill(CODE)
        walker.press("form[data-changing=erase] button.primary")
        walker.sees(ENDED)
        yield name
    walker.without("changing.js")
    for name, house, code in (("plain-withdraw-refused", "busy", "7KJX"), ("plain-withdrawn", "busy", CODE),
                              ("kept-for-now", "held", CODE)):  # fmt: skip
        walker.goto("/withdraw", house)
        walker.page.locator("#erase-code").fill(code)
        walker.press("form[action*='/withdraw'] button.primary")
        walker.page.wait_for_load_state("load")
        yield name
    walker.with_scripts()


@tour("participant", kinds_range="visit.html", kinds_many="visit.html", kinds_menu="visit.html",
      kinds_wide="visit.html", kinds_order="visit.html", kinds_day="visit.html")  # fmt: skip
def kinds(walker: Walker) -> Iterator[str]:
    """The kinds of questions that the default study lacks, in a form of a team's own."""
    begin(walker, "participant", "kinds")
    items = {"range": "rate", "many": "who", "menu": "often", "wide": "often_wide", "order": "sequence", "day": "day"}
    for name, item in items.items():
        advance(walker, f"#q-{item}")
        yield f"kinds-{name}"


def error_of(app: Flask, code: int, language: str, path: str) -> Response:
    """The app's own page for this error, made by its own handler."""
    error = HTTPException()
    error.code = code
    with app.test_request_context(f"{path}?lang={language}"):
        app.preprocess_request()
        return app.process_response(app.make_response(app.handle_user_exception(error)))


def _answer(body: str, headers: dict[str, str], route: Route) -> None:
    # With its own number, a browser would show a page of its own for some.
    route.fulfill(status=200, body=body, headers=headers)


@tour("participant", **{f"error_{code}": "error.html" for code in ERRORS})
def errors(walker: Walker) -> Iterator[str]:
    """Every page that says that something is not right. Most cannot be asked for at will: the app makes them here."""
    for code in ERRORS:
        made = error_of(walker.busy.app, code, walker.language, "/")
        body, headers = made.get_data(as_text=True), dict(made.headers)

        walker.page.route("**/an-error*", partial(_answer, body, headers))
        walker.goto("/an-error")
        walker.page.unroute("**/an-error*")
        yield f"error-{code}"
