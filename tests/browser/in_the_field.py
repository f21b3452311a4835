"""What staff and participants do at the field app in real browsers: invite, take part, bring keys, bundles and orders.

Staff sign in as the sign-in pages ask, again once what they showed is old. Each participant has a browser of their own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.devices import PHONE, ready
from tests.browser.filling import take_part
from tests.browser.signing_in import sign_in_on_page

SHOWN_FOR = 240.0  # seconds, well within those for which a factor that was shown opens what is dangerous


@dataclass(frozen=True)
class Participant:
    """One young person. `number` stands in what they write, and in the name of whoever asks to be contacted."""

    number: int
    asks: bool

    @property
    def name(self) -> str:
        return f"Canaryname Person-{self.number:03}"

    @property
    def words(self) -> str:
        return f"canaryword said by {self.number:03}"

    @property
    def said(self) -> dict[str, str]:
        said = {"site": str(1 + self.number % 2), "age": str(18 + self.number % 6), "yp_text_1": self.words}
        if not self.asks:
            return said
        way = {"v_phone": f"07700 900{self.number:03}", "v_contact_how": "Canaryname way: text only, after six"}
        return said | {"o_recontact": "yes", "v_name": self.name} | way


@dataclass
class Office:
    """The staff pages, with a browser for each member."""

    browser: Browser
    url: str
    pages: dict[str, tuple[float, Page]] = field(default_factory=dict)

    def page(self, name: str, path: str = "") -> Page:
        """A staff page before this member, who has shown who they are a moment ago."""
        since, page = self.pages.get(name) or (0.0, self.browser.new_context().new_page())
        if not since or time.monotonic() - since > SHOWN_FOR:
            page.context.clear_cookies()
            sign_in_on_page(page, self.url, name)
            self.pages[name] = (time.monotonic(), page)
        page.goto(f"{self.url}/office{path}")
        return page

    def close(self) -> None:
        for _, page in self.pages.values():
            page.context.close()


def invite(office: Office, name: str) -> str:
    """An open invitation for young people of any site; its link, as it is printed on a slip."""
    page = office.page(name, "/invitations")
    page.get_by_label("For many people").check()
    page.get_by_label("Group").select_option("young_person")
    page.get_by_label("Language").select_option("en")
    page.get_by_role("button", name="Make the sheet").click()
    return page.locator(".copyable").inner_text()


def visits(browser: Browser, link: str, people: list[Participant]) -> Iterator[str]:
    """Each of these people takes part by the open invitation, on a phone of their own; their codes."""
    for person in people:
        context = browser.new_context(viewport=PHONE)
        page = context.new_page()
        page.goto(link)
        ready(page)
        code = take_part(page, **person.said)
        expect(page.get_by_text("They have arrived at the study")).to_be_visible()
        context.close()
        yield code


def propose(office: Office, name: str, keyring: Path) -> None:
    """An administrator brings the public keys that were made at the desk."""
    page = office.page(name, "/approvals")
    page.get_by_label("The file keyring.json").set_input_files(keyring)
    page.get_by_role("button", name="Propose these keys").click()
    expect(page.get_by_text("Proposed. Another administrator must confirm it")).to_be_visible()


def confirm(office: Office, name: str, words: str) -> None:
    """Another one confirms them, once the page shows the words that the desk shows."""
    page = office.page(name, "/approvals")
    expect(page.locator("section.change")).to_contain_text(words)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("You have confirmed it.")).to_be_visible()


def carry_bundles(office: Office, name: str, folder: Path) -> tuple[Path, Path]:
    """Both vaults' sealed bundles, downloaded one after the other."""
    folder.mkdir()
    return _bundle(office, name, "bundle", folder), _bundle(office, name, "bundle/identities", folder)


def _bundle(office: Office, name: str, action: str, folder: Path) -> Path:
    page = office.page(name)
    with page.expect_download() as saved:
        page.locator(f"form[action$='/office/{action}'] button").click()
    out = folder / saved.value.suggested_filename
    saved.value.save_as(out)
    return out


def carry_out(office: Office, name: str, order: Path, mark: str) -> None:
    """An administrator brings an order, compares its mark and has it carried out."""
    page = office.page(name, "/orders")
    page.get_by_label("The order's file").set_input_files(order)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator(".facts code")).to_have_text(mark)
    page.get_by_role("button", name="Erase it").click()
    expect(page.get_by_role("status")).to_contain_text(f"The order {mark} was carried out")
