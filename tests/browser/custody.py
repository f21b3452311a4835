"""A field app, a desk on another machine and the people around both, for the whole way of custody in real browsers.

The field app is a real instance without keys and with its plain path off, served as `./run` serves it. It holds no
private key, and the desk none of the custodians' files once they were carried away.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser

from commands import DEFAULT_STUDY, addresses_of, opened_study
from config import Settings, read_settings
from fieldwork.instance import add_study, copy_study, found_instance, make_folder
from storage.journal import Act, write_entry
from storage.stores import close_stores
from tests.browser.at_the_desk import AtTheDesk, Custodian
from tests.browser.desks import desk_of
from tests.browser.devices import Server, restartable, stored
from tests.browser.in_the_field import Office
from tests.conftest import STUDY
from tests.desk.ceremonies import NAMES
from tests.staff import employ

MARA, IDRIS = "Mara", "Idris"  # administrators of the field app; Mara is the data manager too


@dataclass
class House:
    """Everything that stands and everybody who is there. `research`: the key files of the desk, with passphrases."""

    browser: Browser
    settings: Settings
    server: Server
    desk: AtTheDesk
    around: Path
    research: dict[Path, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.study = opened_study(self.settings)
        self.office = Office(self.browser, self.server.url)
        self.nadia, self.owen = (Custodian(NAMES[name], self.around / NAMES[name]) for name in ("first", "second"))

    def holds(self, visits: int) -> bool:
        """Whether either vault holds so many visits."""
        return stored(self.study) == (visits, visits)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how long this took."""
        began = time.monotonic()
        yield
        self.seconds[what] = round(time.monotonic() - began, 1)


@contextmanager
def house_in(browser: Browser, around: Path) -> Iterator[House]:
    """Build it in this folder."""
    settings = without_keys(around / "field")
    for folder in ("scratch", "desk"):
        (around / folder).mkdir()
    with restartable(settings, around) as server, desk_of(around / "desk", around / "scratch") as link:
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        found = House(browser, settings, server, AtTheDesk(page, page.url, around / "desk"), around)
        yield found
        found.office.close()
        context.close()


def without_keys(home: Path) -> Settings:
    """An instance as `flask init` makes it, with two administrators. Without TLS, so its cookies cannot ask for it."""
    make_folder(home, STUDY, demo=False)
    with (home / "settings.toml").open("a", encoding="utf-8") as told:
        told.write("secure_cookies = false\n")
    settings = read_settings(home, {})
    copy_study(DEFAULT_STUDY, settings.study_folder, plain_path=False)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, date.today())
    add_study(stores.office, settings.study_folder, date.today())
    for name in (MARA, IDRIS):
        write_entry(stores.office, name, Act.STAFF_JOINED, date.today(), detail="invitation")
        employ(stores.office, name)
    close_stores(stores)
    return settings
