"""A tablet that was handed over opens the visit, the support page and the lock: nothing else of all that there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app import create_app
from config import read_settings
from fieldwork.study import Study
from tests.browser.devices import TABLET, begin_visit, enrol, start_shift
from tests.browser.laboratory import Laboratory
from tests.house.served import Served
from tests.routes import address

# What a locked tablet may show. Any other address there is, or may come to be, leads to the lock.
OPEN = {
    "/visit/young_person", "/visit/done", "/visit/agreed", "/easy-read/young_person", "/sheet/young_person",
    "/cards/young_person", "/support", "/away", "/tablet",
}  # fmt: skip


def every_address(standing: Served) -> list[str]:
    """Every address that answers a GET."""
    app = create_app(read_settings(Path(standing.output.parent / "instance"), {}))
    return sorted({address(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())})


def handed_over(context: BrowserContext, url: str, study: Study) -> Page:
    """The tablet's page in the hands of a participant. The interviewer looked at other pages before."""
    page = context.new_page()
    enrol(page, url, study, "Handed over")
    start_shift(page)
    page.goto(f"{url}/office/sign-in")
    page.goto(f"{url}/withdraw")
    page.goto(f"{url}/tablet")
    begin_visit(page)
    return page


def opened(page: Page, url: str, paths: list[str]) -> set[str]:
    """Which of these addresses open on this tablet, by themselves."""
    shown = set()
    for path in paths:
        page.goto(url + path, wait_until="commit")
        shown |= {path} if page.url.split("?")[0].removeprefix(url) == path else set()
    return shown


def one_of_each(paths: list[str]) -> list[str]:
    """What may open, and of all else the first address below each first word."""
    first = {path.split("/")[1]: path for path in reversed(paths)}
    return sorted(OPEN | set(first.values()))


@pytest.mark.parametrize("chosen", [one_of_each, pytest.param(list, id="all", marks=pytest.mark.torture)])
def test_a_tablet_that_was_handed_over_opens_nothing_but_the_visit_its_support_and_the_lock(
    browser: Browser, standing: Served, standing_study: Study, chosen: Callable[[list[str]], list[str]]
) -> None:
    every = every_address(standing)
    assert {"/office", "/office/tablets", "/withdraw", "/"} < set(every)
    assert set(every) > OPEN
    url, paths = standing.url, chosen(every)
    context = browser.new_context(viewport=TABLET)
    page = handed_over(context, url, standing_study)
    page.go_back()
    page.go_back()
    assert page.url.removeprefix(url).split("?")[0] in OPEN
    tab = context.new_page()
    assert opened(tab, url, paths) == OPEN
    context.set_offline(True)
    assert opened(tab, url, ["/", "/withdraw", "/office/sign-in", "/office/approvals"]) == set()
    tab.goto(f"{url}/office")
    expect(tab.locator("[data-screen=locked]")).to_be_visible()
    expect(tab.locator("[data-screen=home]")).to_be_hidden()
    context.close()


def test_a_pin_is_the_same_in_the_digits_of_every_script(lab: Laboratory) -> None:
    body = "return told.map((pin) => m.isPin(pin));"
    assert lab.call("shift", body, ["274913", "٢٧٤٩١٣", "۲۷۴۹۱۳", "২৭৪৯১৩"]) == [True] * 4
    assert lab.call("shift", body, ["١٢٣٤٥٦", "১১১১১১", "٢٧٤٩", "٢٧٤٩١a"]) == [False] * 4
    begun = "await m.startShift(told[0], 'IV1', ''); return Boolean(await m.privateKeyWith(told[1]));"
    assert lab.call("shift", begun, ["٢٧٤٩١٣", "274913"])
