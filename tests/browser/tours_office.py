"""The catalogue's tours of the staff's pages of the field app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from fieldwork.drafts import TAKING
from fieldwork.staff.links import invite_staff, withdraw_staff_link
from fieldwork.staff.sessions import FRESH_FOR
from fieldwork.staff.totp import code_at, from_base32
from storage.sign_ins import mark_proved, sign_ins_of
from tests.browser.houses import KINDS
from tests.browser.touring import Walker, tour
from tests.house.served import ROOT
from tests.ordering import an_order
from tests.staff import PASSWORD

FORM = ROOT / "tests" / "instruments" / "data" / "forms" / "likert_grid.md"
KINDS_FORM = "questionnaire"  # what a study calls the form that it was made around
BARE = {
    "office-bare": "", "tablets-bare": "/tablets", "invitations-bare": "/invitations", "keys-bare": "/keys",
    "approvals-bare": "/approvals", "staff-bare": "/staff", "study-bare": "/study", "health-bare": "/health",
    "journal-bare": "/journal", "instruments-bare": "/instruments", "orders-bare": "/orders", "notices-bare": "/own",
    "passkeys-bare": "/own/passkeys",
}  # fmt: skip
FULL = {
    "office": "", "study": "/study", "keys": "/keys", "health": "/health", "tablets": "/tablets",
    "invitations": "/invitations", "instruments": "/instruments", "visit-preview": "/instruments/preview?width=phone",
    "classes": "/instruments/classes?form=police_officer", "journal": "/journal?check=1",
    "approvals": "/approvals", "orders": "/orders", "own": "/own", "sessions": "/own/sessions", "app": "/own/app",
    "password": "/own/password", "passkeys": "/own/passkeys", "staff": "/staff",
}  # fmt: skip
TEMPLATES = {
    "visit-preview": "preview",
    "office": "home",
    "own": "own_sign_in",
    "app": "set_up",
    "notices": "own_sign_in",
}


def template_of(name: str) -> str:
    """The template of a page of these lists."""
    word = name.removesuffix("-bare")
    return f"office/{TEMPLATES.get(word, word)}.html"


@tour("office", **{name.replace("-", "_"): template_of(name) for name in BARE})
def office_bare(walker: Walker) -> Iterator[str]:
    """The pages of an instance in which nothing has happened yet."""
    walker.sign_in("Mara", "bare")
    for name, path in BARE.items():
        walker.goto(f"/office{path}", "bare")
        yield name


@tour("office", **{name.replace("-", "_"): template_of(name) for name in FULL}, menu="office/home.html",
      staying="office/home.html", staying_no_more="office/home.html",
      staff_opened="office/staff.html", approvals_for_another="office/approvals.html",
      coordinator="office/home.html", not_open_to_you="error.html")  # fmt: skip
def office(walker: Walker) -> Iterator[str]:
    """The pages of an instance in which much has happened."""
    walker.sign_in()
    for name, path in FULL.items():
        walker.goto(f"/office{path}")
        yield name
    walker.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield "staff-opened"
    walker.goto("/office")
    walker.page.evaluate("document.querySelector('details.menu').open = true")
    yield "menu"
    walker.say("rest")
    yield "staying"
    walker.say("over")
    yield "staying-no-more"
    walker.sign_in("Idris")
    walker.goto("/office/approvals")
    yield "approvals-for-another"
    walker.sign_in("Salma")
    walker.goto("/office")
    yield "coordinator"
    walker.goto("/office/staff")
    yield "not-open-to-you"


@tour("office", enrolment="office/enrolment.html", enrolment_refused="office/tablets.html",
      tablets_some="office/tablets.html", invitation_sheet="office/invitation_sheet.html",
      invitations_refused="office/invitations.html", invitations_some="office/invitations.html",
      checkpoint="office/checkpoint.html", staff_link="office/staff_link.html", staff_refused="office/staff.html",
      again="office/again.html", again_refused="office/again.html", recovery_codes="office/recovery_codes.html",
      not_done_after_all="office/not_done.html", bundle_made="office/bundle_made.html",
      bundle_gone="office/bundle_made.html",
      order_shown="office/orders.html", order_refused="office/orders.html",
      hold_refused="office/approvals.html")  # fmt: skip
def office_deeds(walker: Walker) -> Iterator[str]:
    """What pages become once their buttons were pressed."""
    page, office = walker.page, walker.busy.study.stores.office
    walker.sign_in()
    walker.goto("/office/tablets")
    walker.press("main form.card button.primary")
    walker.sees(".error")
    yield "enrolment-refused"
    page.locator("#name").fill("Tablet 3")
    page.locator("#site").select_option("1")
    walker.send()
    walker.sees(".qr-frame")
    yield "enrolment"
    walker.goto("/office/tablets")
    yield "tablets-some"
    walker.goto("/office/invitations")
    page.locator("#number").fill("1000")
    walker.send()
    walker.sees(".error")
    yield "invitations-refused"
    page.locator("#number").fill("2")
    walker.send()
    walker.sees(".copyable")
    yield "invitation-sheet"
    walker.goto("/office/invitations")
    yield "invitations-some"
    walker.goto("/office/journal")
    walker.press("button[value=print]")
    walker.sees(".checkpoint")
    yield "checkpoint"
    walker.goto("/office/staff")
    walker.press("main form.card button.primary")
    walker.sees(".error")
    yield "staff-refused"
    withdraw_staff_link(office, "Mara", "Hanan", datetime.now(UTC))
    page.locator("#name").fill("Hanan")
    page.locator("input[name=role]").last.check()
    walker.send()
    walker.sees(".copyable")
    yield "staff-link"
    walker.goto("/office")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("views.office.long_work.PATIENCE", 0.0)
        walker.press("form[action*='/office/bundle'] button")
        walker.sees("form[action*='/bundle/save'] button")
    yield "bundle-made"
    page.evaluate("document.querySelector('main [name=name]').value = 'another'")
    walker.press("form[action*='/bundle/save'] button")
    walker.sees("main h1 + p")
    yield "bundle-gone"
    walker.goto("/office/orders")
    order = an_order(walker.houses.keys.identity, walker.busy.study.name, forget=[bytes(16)])
    for name, data in (("order-shown", order), ("order-refused", b"no order")):
        page.set_input_files("#file", {"name": "order", "mimeType": "application/octet-stream", "buffer": data})
        walker.press("form[action*='/orders/look'] button")
        walker.sees("section.card .facts" if name == "order-shown" else ".message.stop")
        yield name
    walker.goto("/office/approvals")
    walker.press("form[action*='/approvals/hold'] button, form[action*='/approvals/keys'] button")
    walker.sees(".error, .message.stop")
    yield "hold-refused"
    yield from _again(walker)


def _again(walker: Walker) -> Iterator[str]:
    """Recovery codes, made at once and made after showing once more who one is."""
    page, office = walker.page, walker.busy.study.stores.office
    _ask_for_codes(walker)
    walker.sees(".codes code")
    yield "recovery-codes"
    code = page.locator(".codes code").first.inner_text()
    for one in sign_ins_of(office, "Mara"):
        mark_proved(office, one.token_hash, one.proved - 2 * FRESH_FOR)
    _ask_for_codes(walker)
    walker.sees("#code_again")
    yield "again"
    page.locator("#code_again").fill("000000")
    walker.press("form:has(#code_again) button")
    walker.sees("[role=alert]")
    yield "again-refused"
    page.evaluate("document.querySelector('input[name=carried]').value = 'of another page'")
    page.locator("#code_again").fill(code)
    walker.press("form:has(#code_again) button")
    walker.sees("a[href='/office']")
    yield "not-done-after-all"


def _ask_for_codes(walker: Walker) -> None:
    walker.goto("/office/own")
    walker.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    walker.press("form[action*='/own/recovery'] button")


@tour("office", checked="office/checked.html", draft="office/draft.html", draft_classes="office/classes.html",
      draft_refused="office/draft.html", checked_well="office/checked.html", checking="office/working.html",
      instruments_with_a_draft="office/instruments.html")  # fmt: skip
def questionnaires(walker: Walker) -> Iterator[str]:
    """A form that is brought: while it is checked, its problems, a draft of it."""
    form, ours = FORM.read_text("utf-8"), KINDS.read_text("utf-8")
    walker.sign_in("Mara", "kinds")
    _bring(walker, form.replace("| text |", "| geopoint |").replace("select_one", "select_onne", 1))
    walker.sees(".message.stop")
    yield "checked"
    _bring(walker, ours)
    walker.sees(".message:not(.stop, .attention)")
    yield "checked-well"
    with work_held_up():
        _bring(walker, ours.replace("How far is it", "How far was it"), KINDS_FORM)
        walker.sees(".how-far progress")
        yield "checking"
    walker.page.wait_for_url("**/draft")
    walker.sees("form[action*='/draft/adopt']")
    yield "draft"
    walker.press("form[action*='/draft/adopt'] button")
    walker.sees("[role=alert]")
    yield "draft-refused"
    walker.goto(f"/office/instruments/classes?form={KINDS_FORM}", "kinds")
    walker.sees("fieldset.decision")
    yield "draft-classes"
    walker.goto("/office/instruments", "kinds")
    yield "instruments-with-a-draft"


def _bring(walker: Walker, words: str, place: str = "") -> None:
    walker.goto("/office/instruments", "kinds")
    buffer = {"name": "ours.md", "mimeType": "text/markdown", "buffer": words.encode()}
    walker.page.set_input_files("#file", buffer)
    walker.page.locator("#place").select_option(place)
    walker.press_and_go_on("form[action*='/instruments/check'] button")


@contextmanager
def work_held_up() -> Iterator[None]:
    """A draft is made for as long as this lasts, and its page says so at once."""
    with TAKING, pytest.MonkeyPatch.context() as patched:
        patched.setattr("views.office.long_work.PATIENCE", 0.5)
        yield


@tour("office", sign_in="office/sign_in.html", sign_in_refused="office/sign_in.html", join="office/join.html",
      join_refused="office/join.html", joining="office/joining.html", joining_refused="office/joining.html",
      set_up="office/set_up.html", set_up_refused="office/set_up.html", first_codes="office/recovery_codes.html",
      code="office/code.html", code_refused="office/code.html",
      first_password="office/first_password.html", still_signed_in="office/still_signed_in.html")  # fmt: skip
def signing_in(walker: Walker) -> Iterator[str]:
    """From an invitation to a session, page by page."""
    page, office, now = walker.page, walker.busy.study.stores.office, datetime.now(UTC)
    walker.goto("/office/sign-in")
    yield "sign-in"
    page.locator("#name").fill("Nobody")
    page.locator("#password").fill(PASSWORD)
    walker.press("form:has(#password) button")
    walker.sees(".error, [role=alert]")
    yield "sign-in-refused"
    walker.goto("/office/join")
    yield "join"
    page.locator("#token").fill("no such token")
    walker.send()
    walker.sees("[role=alert]")
    yield "join-refused"
    name = f"Newcomer {len(sign_ins_of(office, 'Mara'))} {now:%H%M%S%f}"
    page.locator("#token").fill(invite_staff(office, "Mara", name, "coordinator", now))
    walker.send()
    walker.sees("#new_password")
    yield "joining"
    walker.press("form:has(#new_password) button")
    walker.sees(".error")
    yield "joining-refused"
    page.locator("#new_password").fill(PASSWORD)
    walker.press("form:has(#new_password) button")
    walker.sees(".set-up code")
    yield "set-up"
    page.locator("#code").fill("000000")
    walker.send()
    walker.sees("[role=alert]")
    yield "set-up-refused"
    secret = from_base32(page.locator(".set-up code").inner_text().replace(" ", ""))
    page.locator("#code").fill(code_at(secret, datetime.now(UTC)))
    walker.send()
    walker.sees(".codes code")
    codes = page.locator(".codes code").all_inner_texts()
    yield "first-codes"
    page.context.clear_cookies()
    walker.goto("/office/sign-in")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    walker.press("form:has(#password) button")
    walker.sees("#code")
    yield "code"
    page.locator("#code").fill("000000")
    walker.send()
    walker.sees("[role=alert]")
    yield "code-refused"
    page.locator("#code").fill(codes[0])
    walker.send()
    walker.sees("form[action*='sign-out']")
    page.evaluate("document.querySelector('form[action*=sign-out] [name=csrf_token]').value = 'of another sign-in'")
    walker.press("form[action*='sign-out'] button")
    walker.sees("main form[action*='sign-out']")
    yield "still-signed-in"
    walker.sign_in("Rana")
    walker.goto("/office/own/password/first")
    yield "first-password"
