"""A real Chromium and a field app on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import brotli
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from sqlalchemy import delete

from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from fieldwork.instance import open_study
from fieldwork.study import Study
from storage.admissions import revoke_tablet
from storage.stores import close_stores
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.devices import PATIENCE, TABLET, Server, close_plain_path, new_tablet, restartable
from tests.browser.houses import Houses, houses_in
from tests.browser.laboratory import Laboratory, laboratory
from tests.conftest import Keys, new_instance
from tests.fewer_languages import study_in_two_languages
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
    with serving(settings.home, around, packs_quickly=True) as running:
        yield running


@pytest.fixture(scope="session")
def standing_study(standing: Served) -> Study:
    """The study of that app."""
    settings = read_settings(standing.output.parent / "instance", {})
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


def empty(study: Study) -> None:
    """Take every record out of both vaults, so that a test can count what comes."""
    for vault in (study.stores.research, study.stores.identity):
        with vault.engine.begin() as connection:
            for table in reversed(vault.tables):
                connection.execute(delete(table))


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory, keys: Keys, unused: Path) -> Iterator[Houses]:
    """Everything that the catalogue of pages walks through."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(brotli, "compress", partial(brotli.compress, quality=4))  # they are served by this process
        with houses_in(tmp_path_factory.mktemp("houses"), keys, unused) as found:
            yield found


@pytest.fixture(scope="module")
def lab(browser: Browser, standing: Served) -> Iterator[Laboratory]:
    """The page's modules, to be called one by one on one page: none keeps anything of what it was handed."""
    with laboratory(browser, standing.url) as ready:
        yield ready


@contextmanager
def sealing_in(around: Path, keys: Keys, source: Path = DEFAULT_STUDY) -> Iterator[tuple[Server, Study]]:
    """A field app without the plain path, and its study."""
    settings = new_instance(around / "instance", keys, source)
    close_plain_path(settings)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    with restartable(settings, around) as server:
        yield server, study
    close_stores(study.stores)


@pytest.fixture(scope="session")
def sealing(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[tuple[Server, Study]]:
    """One such app for the tests of tablets and invitations. A tablet keeps every page: here in two languages."""
    around = tmp_path_factory.mktemp("sealing")
    with sealing_in(around, keys, study_in_two_languages(around / "study")) as running:
        yield running


@pytest.fixture
def sealing_study(sealing: tuple[Server, Study]) -> Study:
    """The study of that app, in which nobody took part yet and no tablet is enrolled."""
    study = sealing[1]
    empty(study)
    revoke_tablet(study.stores.office, "T1")
    return study


@pytest.fixture
def sealing_server(sealing: tuple[Server, Study], sealing_study: Study) -> Server:
    """That app at work, whatever the test before did to it."""
    server = sealing[0]
    if not server.process:
        server.start()
    return server


@pytest.fixture
def tablet(browser: Browser, sealing_server: Server, sealing_study: Study) -> Iterator[Page]:
    """An enrolled tablet of that study with a shift begun."""
    context = browser.new_context(viewport=TABLET)
    page = context.new_page()
    new_tablet(page, sealing_server.url, sealing_study)
    yield page
    context.close()
