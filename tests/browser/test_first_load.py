"""What the first load of a visit costs somebody on mobile data, and what the next one costs: nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.counting import Counted, counting
from tests.house.served import Served, serving

# Bytes, with headers, of everything: page, style, script, icons, and what the worker keeps. A script beyond ASCII takes
# two or three bytes a letter, and every page carries its own language only.
MOST = {"en": 60_000, "ur": 62_500, "ar": 62_000, "bn": 62_500, "so": 62_000, "tr": 62_000}
SAMPLE = ("en", "bn")  # the budget, and the largest; the others in the long run


def until_quiet(page: Page, counted: Counted) -> None:
    """Wait until nothing more comes."""
    before = -1
    while before != (before := counted.received):
        page.wait_for_timeout(1500)


@pytest.fixture(scope="module")
def packing(tmp_path_factory: pytest.TempPathFactory, unused: Path) -> Iterator[Served]:
    """A server that packs pages as small as they go, as it does in the field."""
    around = tmp_path_factory.mktemp("packing")
    shutil.copytree(unused, around / "instance")
    with serving(around / "instance", around) as running:
        yield running


@pytest.mark.parametrize(
    "language", [pytest.param(one, marks=() if one in SAMPLE else pytest.mark.torture) for one in MOST]
)
def test_the_first_load_is_small_and_the_next_one_transfers_nothing(
    browser: Browser, packing: Served, language: str
) -> None:
    with counting(packing.port) as counted:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.goto(f"{counted.url}/visit/young_person?lang={language}")
        expect(page.locator("form.stepping")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready")
        until_quiet(page, counted)
        assert len(counted.asked) > 10
        assert counted.received <= MOST[language], f"{counted.received} bytes:\n" + "\n".join(sorted(counted.asked))
        counted.forget()
        page.close()
        page = context.new_page()
        page.goto(f"{counted.url}/visit/young_person?lang={language}")
        expect(page.locator("form.stepping")).to_be_visible()
        until_quiet(page, counted)
        # The browser itself looks whether the worker has changed; nothing else is asked for.
        others = [line for line in counted.asked if not re.match(r"GET /worker\.js ", line)]
        assert others == []
        assert counted.received < 1500
        context.close()
