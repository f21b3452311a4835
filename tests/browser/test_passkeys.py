"""Passkeys in a real browser whose device keeps them: invited, signed out and in, asked again, and a copy refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import update

from fieldwork.staff.links import invite_staff, link_at
from fieldwork.study import Study
from storage.sign_ins import sign_ins
from tests.house.served import Served

INSIDE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Phone:
    """A browser whose device keeps passkeys, and a hand on that device."""

    page: Page
    hand: CDPSession
    device: str
    url: str

    def passkeys(self) -> list[dict[str, Any]]:
        told = self.hand.send("WebAuthn.getCredentials", {"authenticatorId": self.device})
        return list(told["credentials"])

    def sign_in(self) -> None:
        self.page.goto(f"{self.url}/office/sign-in")
        self.page.get_by_role("button", name="Sign in with a passkey").click()


@pytest.fixture
def phone(browser: Browser, standing: Served) -> Iterator[Phone]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    hand = context.new_cdp_session(page)
    hand.send("WebAuthn.enable")
    device = hand.send("WebAuthn.addVirtualAuthenticator", {"options": INSIDE})["authenticatorId"]
    # A passkey cannot exist at an address in digits.
    yield Phone(page, hand, device, f"http://localhost:{standing.port}")
    context.close()


def test_the_whole_way_from_an_invitation_to_a_refused_copy(phone: Phone, standing_study: Study) -> None:
    office, page, url = standing_study.stores.office, phone.page, phone.url
    token = invite_staff(office, "administrator", "Samira", "administrator", datetime.now(UTC))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(link_at(url, token))
    expect(page.get_by_role("heading", name="How you will sign in")).to_be_visible()
    assert page.url == f"{url}/office/join"
    assert not Axe().run(page).response["violations"]
    page.get_by_label("What to call this passkey").fill("Telephone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page).to_have_url(f"{url}/office/own")
    assert [one for one in asked if token in one.partition("#")[0]] == []
    [kept] = phone.passkeys()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    phone.sign_in()
    expect(page).to_have_url(f"{url}/office")

    then = (datetime.now(UTC) - timedelta(minutes=15)).replace(tzinfo=None)
    with office.engine.begin() as connection:
        connection.execute(update(sign_ins).where(sign_ins.c.name == "Samira").values(proved=then))
    page.goto(f"{url}/office/staff")
    expect(page).to_have_url(f"{url}/office/again")
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page).to_have_url(f"{url}/office/staff")
    assert not Axe().run(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    # The same key on another device, as it was before the last two times: somebody has copied it.
    phone.hand.send("WebAuthn.clearCredentials", {"authenticatorId": phone.device})
    phone.hand.send("WebAuthn.addCredential", {"authenticatorId": phone.device, "credential": kept})
    page.get_by_role("button", name="Sign out").click()
    phone.sign_in()
    expect(page.get_by_role("alert")).to_contain_text("This passkey was not accepted")
    expect(page).to_have_url(f"{url}/office/sign-in/passkey")


def test_a_device_without_a_passkey_and_one_whose_person_is_not_there_are_told_what_to_do(phone: Phone) -> None:
    phone.sign_in()
    said = phone.page.get_by_text("No passkey was given. Nothing was changed. Please try again.")
    expect(said).to_be_visible()
    expect(phone.page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()
    phone.page.context.clear_cookies()
    phone.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(phone.page.get_by_text("This page was open for too long.")).to_be_visible()


def test_without_script_a_link_is_pasted_and_a_password_chosen(
    browser: Browser, standing: Served, standing_study: Study
) -> None:
    office, url = standing_study.stores.office, f"http://localhost:{standing.port}"
    link = link_at(url, invite_staff(office, "administrator", "Tariq", "coordinator", datetime.now(UTC)))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("The code at the end of your link").fill(link)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Passkeys need script, which is off in this browser.")).to_be_visible()
    page.get_by_label("Password").fill("seven calm herons wait")
    page.get_by_role("button", name="Use this password").click()
    expect(page).to_have_url(f"{url}/office/sign-in/set-up")
    context.close()
