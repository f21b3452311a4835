"""What people do at the desk's pages in a real browser, beside the ceremony: rotate, recover, release, reach people,
order an erasure. Each goes from button to button as people do; no page is called around."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_ceremony import hand_over, paste_back, sheets_on

REASON = "A rehearsal of the whole way"


@dataclass
class Custodian:
    """One of the two: where their files lie, away from the desk, and the passphrase of each."""

    name: str
    folder: Path
    phrases: dict[Path, str] = field(default_factory=dict)

    def file(self, generation: int) -> Path:
        return list(self.phrases)[generation]


@dataclass(frozen=True)
class AtTheDesk:
    """A browser at the desk, and the desk's own folder."""

    page: Page
    url: str
    home: Path

    def goto(self, task: str) -> None:
        self.page.goto(f"{self.url}{task}")

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).click()

    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())


# ---- keys


def carry_away(desk: AtTheDesk, custodian: Custodian, name: str, phrase: str) -> None:
    """A custodian takes their file away; the desk compares the copy and removes its own."""
    custodian.folder.mkdir(exist_ok=True)
    copy = custodian.folder / f"{len(custodian.phrases) + 1}-{name}"
    with desk.page.expect_download() as saved:
        desk.page.get_by_role("link", name=name).click()
    saved.value.save_as(copy)
    desk.page.get_by_label("The copy that you carried away").set_input_files(copy)
    desk.press("Compare, and remove the file here")
    expect(desk.page.get_by_role("status")).to_contain_text(f"{name} is no longer here")
    custodian.phrases[copy] = phrase


def rotate(desk: AtTheDesk, which: str, holders: Mapping[str, str], phrases: Sequence[str]) -> Path:
    """A new key of this kind for these holders, by the labels of their boxes; the folder in which it stands."""
    desk.goto("keys/rotate")
    desk.page.get_by_label(which).check()
    desk.press("Go on")
    name_holders(desk, holders, phrases)
    sheets = sheets_on(desk.page)
    desk.press("The sheets are printed")
    paste_back(desk.page, sheets[1])
    paste_back(desk.page, sheets[2])
    return write_keys(desk)


def recover(desk: AtTheDesk, sheets: Sequence[list[str]], holders: Mapping[str, str], phrases: Sequence[str]) -> Path:
    """A key whose passphrase is lost, made again from two sheets; the folder in which it stands now."""
    desk.goto("keys/recover")
    desk.press("Go on to the sheets")
    for words in sheets:
        paste_back(desk.page, words)
    name_holders(desk, holders, phrases)
    return write_keys(desk)


def name_holders(desk: AtTheDesk, holders: Mapping[str, str], phrases: Sequence[str]) -> None:
    """Who holds the key; then each types a passphrase."""
    for label, name in holders.items():
        desk.page.get_by_label(label).fill(name)
    desk.press("Go on to the passphrases")
    for name, phrase in zip(holders.values(), phrases, strict=True):
        hand_over(desk.page, name, phrase)


def write_keys(desk: AtTheDesk) -> Path:
    """The end of a task about keys: its files are written; the folder that the page names."""
    desk.press("Write the keys")
    expect(desk.page.get_by_role("heading", name="The record")).to_be_visible()
    return Path(desk.page.locator("p.lead code").inner_text())


# ---- a release


def release(desk: AtTheDesk, bundle: Path, keys: Mapping[Path, str], purpose: str) -> list[dict[str, str]]:
    """A release of a bundle with these key files and passphrases, at k = 1; the rows of its table."""
    desk.goto("source")
    desk.page.get_by_label("Or a sealed bundle").set_input_files(bundle)
    desk.press("Take these records")
    for path, phrase in keys.items():
        desk.page.get_by_label("Or a key file from elsewhere").set_input_files(path)
        desk.page.get_by_label("Passphrase").fill(phrase)
        desk.press("Unlock and open")
    desk.page.get_by_label("Purpose").fill(purpose)
    desk.page.get_by_label("Young person").check()
    desk.page.get_by_text("How careful it is").click()
    desk.page.get_by_label("Smallest class").fill("1")
    desk.press("Preview")
    desk.press("Write the release")
    expect(desk.page.get_by_role("heading", name="The release is written")).to_be_visible()
    desk.press("Lock and forget")
    with (desk.home / "releases" / f"{purpose}-1" / "data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- identities


def open_identities(desk: AtTheDesk, bundle: Path, first: Custodian, second: Custodian) -> list[str]:
    """Two custodians open an identity bundle with both generations of their files; the names on the list."""
    desk.goto("identities/source")
    desk.page.get_by_label("Or a sealed bundle").set_input_files(bundle)
    desk.press("Take these identities")
    unlock(desk, first, second, 0)
    desk.page.get_by_role("link", name="Unlock that one as well").click()
    unlock(desk, second, first, 1)
    expect(desk.page.get_by_role("link", name="Unlock that one as well")).to_have_count(0)
    return sorted(desk.page.locator(".people .who").all_inner_texts())


def unlock(desk: AtTheDesk, one: Custodian, other: Custodian, generation: int) -> None:
    """Each brings a file and types a passphrase; who comes first makes no difference."""
    for number, custodian in enumerate((one, other), 1):
        file = custodian.file(generation)
        desk.page.locator(f"#key_{number}").set_input_files(file)
        desk.page.locator(f"#passphrase_{number}").fill(custodian.phrases[file])
    say_why(desk, "Unlock and open")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("People who asked to be contacted")


def say_why(desk: AtTheDesk, button: str) -> None:
    desk.page.get_by_label("Reason").fill(REASON)
    desk.press(button)


def write_letters(desk: AtTheDesk) -> list[str]:
    """A letter to everybody who may be asked again; each as it is printed."""
    desk.goto("identities/letters/recontact")
    desk.page.get_by_label("What the letter says, in English").fill("Dear {name},\n\nwould you answer once more?")
    # Whoever told a safe way is ticked by hand, once it was looked at.
    for box in desk.page.get_by_role("checkbox").all():
        box.check()
    say_why(desk, "Write it down and make the letters")
    expect(desk.page.get_by_role("heading", name="Letters to print")).to_be_visible()
    return desk.page.locator(".letter").all_inner_texts()


def order_withdrawal(desk: AtTheDesk, names: Sequence[str], save: Path) -> str:
    """An order for people who lost their slips; its mark. The file is where an administrator takes it from."""
    desk.goto("identities/withdraw")
    for name in names:
        desk.page.get_by_label(name).check()
    say_why(desk, "Write it down and make the order")
    with desk.page.expect_download() as saved:
        desk.press("Save the order as a file")
    saved.value.save_as(save)
    mark = desk.page.locator(".facts code").inner_text()
    desk.press("Lock and forget")
    return mark
