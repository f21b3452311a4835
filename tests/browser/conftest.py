"""A real Chromium and a field app on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from commands import addresses_of
from config import Settings, read_settings
from fieldwork.instance import open_study
from fieldwork.study import Study
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.devices import PATIENCE
from tests.browser.laboratory import Laboratory, laboratory
from tests.conftest import Keys, new_instance
from tests.house.served import Served, serving

expect.set_options(timeout=1_000 * PATIENCE)


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(play: Playwright) -> Iterator[Browser]:
    started = play.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[Served]:
    with serving(settings.home, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Served]:
    """One field app for every test that does not ask what is in its stores."""
    around = tmp_path_factory.mktemp("standing")
    settings = new_instance(around / "instance", keys)
    with serving(settings.home, around) as running:
        yield running


@pytest.fixture(scope="session")
def standing_study(standing: Served) -> Study:
    """The study of that app."""
    settings = read_settings(standing.output.parent / "instance", {})
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


@pytest.fixture
def lab(browser: Browser, standing: Served) -> Iterator[Laboratory]:
    """The page's modules, to be called one by one."""
    with laboratory(browser, standing.url) as ready:
        yield ready
