"""Issue 6 as one rehearsal in real browsers: keys that survive people, identities that need two of them.

Keys are made, visits come in, keys are rotated, visits come in, a passphrase is lost and its key recovered from paper,
everything is released, those who asked are written to, and two people who lost their slips are taken out. The ordinary
test does it with three visits before the rotation and three after; `./run torture` with fifty and fifty. Every visit is
clicked through, none is put into a store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from commands import DEFAULT_STUDY, addresses_of, opened_study
from config import Settings, read_settings
from errors import EnvelopeError
from fieldwork.approvals import bring_keys
from fieldwork.instance import add_study, copy_study, found_instance, make_folder
from fieldwork.study import Study
from privacy.envelope import Context
from privacy.keys import Keyring
from privacy.opening import PrivateKey
from release.custody import unlock_identity, unlock_research
from release.source import open_source
from storage.journal import Act, write_entry
from storage.stores import close_stores
from tests.browser.at_the_desk import (
    AtTheDesk,
    Custodian,
    carry_away,
    open_identities,
    order_withdrawal,
    recover,
    release,
    rotate,
    write_letters,
)
from tests.browser.desks import desk_of
from tests.browser.devices import Server, restartable, stored, wait_until
from tests.browser.in_the_field import (
    Office,
    Participant,
    carry_bundles,
    carry_out,
    confirm,
    invite,
    propose,
    visits,
)
from tests.browser.test_ceremony import hold, paste_back
from tests.browser.test_new_keys import served_keys
from tests.conftest import STUDY
from tests.desk.ceremonies import NAMES, PHRASES
from tests.house.scanner import files_with, found_in
from tests.staff import employ

ADMINISTRATORS = ("Mara", "Idris")
LATER = ("glacier trombone nectar hinge sparrow", "velvet anchor mosaic turnip cradle", "ember lattice pigeon quartz bonfire")
FOUND_AGAIN = "saffron bucket meteor willow granite"
CUSTODIANS = {"First custodian": NAMES["first"], "Second custodian": NAMES["second"]}
MANAGER = {"Data manager": NAMES["manager"]}
CANARIES = ("Canaryname", "canaryword")


@dataclass
class House:
    """A field app that is served, a desk on another machine, and the people around both."""

    browser: Browser
    settings: Settings
    server: Server
    desk: AtTheDesk
    around: Path
    seconds: dict[str, float] = field(default_factory=dict)
    research: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office = Office(self.browser, self.server.url)
        self.nadia, self.owen = (Custodian(name, self.around / name) for name in CUSTODIANS.values())

    @property
    def study(self) -> Study:
        return opened_study(self.settings)

    def did(self, what: str, since: float) -> None:
        self.seconds[what] = round(time.monotonic() - since, 1)


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[House]:
    settings = without_keys(tmp_path / "field")
    for folder in ("scratch", "desk"):
        (tmp_path / folder).mkdir()
    with (
        restartable(settings, tmp_path) as server,
        desk_of(tmp_path / "desk", tmp_path / "scratch") as link,
    ):
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        found = House(browser, settings, server, AtTheDesk(page, page.url, tmp_path / "desk"), tmp_path)
        yield found
        found.office.close()
        context.close()


def without_keys(home: Path) -> Settings:
    """A real instance as `flask init` makes it, with two administrators and no keys; it is served without TLS here."""
    make_folder(home, STUDY, demo=False)
    with (home / "settings.toml").open("a") as told:
        told.write("secure_cookies = false\n")
    settings = read_settings(home, {})
    copy_study(DEFAULT_STUDY, settings.study_folder, plain_path=False)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, date.today())
    add_study(stores.office, settings.study_folder, date.today())
    for name in ADMINISTRATORS:
        write_entry(stores.office, name, Act.STAFF_JOINED, date.today(), detail="invitation")
        employ(stores.office, name)
    close_stores(stores)
    return settings


# ---- the steps, in the order of the issue


def make_keys(house: House) -> list[list[str]]:
    """The ceremony. The custodians carry their files away, and the field app gets the public keys. All six sheets."""
    sheets = hold(house.desk.page, paste_back)
    for custodian, name, phrase in zip((house.nadia, house.owen), ("identity-1", "identity-2"), PHRASES[1:], strict=False):
        carry_away(house.desk, custodian, f"{name}.key", phrase)
    keys = house.desk.home / "keys"
    assert bring_keys(house.study, (keys / "keyring.json").read_bytes(), date.today()) is None
    house.research[keys / "research.key"] = PHRASES[0]
    wait_until(lambda: served_keys(house.server) == (keys / "keyring.json").read_bytes())
    return sheets


def collect(house: House, people: list[Participant]) -> set[str]:
    """Visits by an invitation of now; the codes that people go home with."""
    link = invite(house.office, ADMINISTRATORS[0])
    before = stored(house.study)[0]
    codes = set(visits(house.browser, link, people))
    assert stored(house.study) == (before + len(people), before + len(people))
    return codes


def rotate_both(house: House) -> None:
    """New research and identity keys at the desk, brought to the field app by one person and confirmed by another."""
    rotate(house.desk, "The research key", MANAGER, LATER[:1])
    rotate(house.desk, "The identity key", CUSTODIANS, LATER[1:])
    shown, folder = house.desk.text(), Path(house.desk.page.locator("p.lead code").inner_text())
    for custodian, name, phrase in zip((house.nadia, house.owen), ("identity-1", "identity-2"), LATER[1:], strict=True):
        carry_away(house.desk, custodian, f"{name}.key", phrase)
    ring = Keyring.from_json((folder / "keyring.json").read_bytes())
    assert " ".join(ring.words) in " ".join(shown.split())
    research = next(path for path in (house.desk.home / "keys").rglob("research.key") if path not in house.research)
    house.research[research] = LATER[0]
    propose(house.office, ADMINISTRATORS[0], folder / "keyring.json")
    confirm(house.office, ADMINISTRATORS[1], " ".join(ring.words))
    wait_until(lambda: served_keys(house.server) == ring.to_json())


def lose_and_recover(house: House, sheets: list[list[str]]) -> None:
    """The first research key's passphrase is forgotten: two sheets of paper make a file with a new one."""
    lost = house.desk.home / "keys" / "research.key"
    del house.research[lost]
    again = recover(house.desk, (sheets[2], sheets[1]), MANAGER, (FOUND_AGAIN,)) / "research.key"
    lost.unlink()
    house.research = {again: FOUND_AGAIN} | house.research


def withdraw(house: House, names: list[str]) -> None:
    """Two custodians order it at the desk where the list is open; an administrator carries it out in the field."""
    order = house.around / "order.amanah-order"
    mark = order_withdrawal(house.desk, names, order)
    assert files_with(order.parent, [order.name]), "the search itself must find"
    assert found_in(order.read_bytes(), CANARIES) == set()
    carry_out(house.office, ADMINISTRATORS[0], order, mark)


# ---- what is looked for behind the pages


def words_in(bundle: Path, keys: list[PrivateKey]) -> set[str]:
    """What people wrote, of every record that these research keys open. No name stands in any of them."""
    source, said = open_source(bundle), set()
    for record_id, envelope in source.rows():
        key = next(key for key in keys if key.public().short == envelope.key_id.hex())
        (digest,) = source.instruments
        document = key.open(envelope, Context("research", STUDY, digest, record_id))
        assert found_in(repr(document).encode(), CANARIES[:1]) == set()
        said.add(document["answers"]["yp_text_1"])
    return said


def steals(house: House) -> None:
    """A thief with both databases, the desk and all that one custodian has finds no name, and opens no identity."""
    for folder in (house.settings.home, house.desk.home, house.nadia.folder):
        assert files_with(folder, CANARIES) == {}
    for file, phrase in house.nadia.phrases.items():
        for files in ([(file.read_bytes(), phrase)], [(file.read_bytes(), phrase)] * 2):
            with pytest.raises(EnvelopeError):
                unlock_identity(files)


# ---- the rehearsal


def rehearse(house: House, number: int, asking: int, record: Callable[[str, object], None]) -> None:
    """The whole way with so many visits before the rotation and after it, of which so many ask to be contacted."""
    people = [Participant(one, one % number < asking) for one in range(2 * number)]
    began = since = time.monotonic()
    sheets = make_keys(house)
    house.did("keys", since)
    since = time.monotonic()
    codes = collect(house, people[:number])
    rotate_both(house)
    codes |= collect(house, people[number:])
    assert len(codes) == 2 * number
    house.did("visits and rotation", since)
    since = time.monotonic()
    lose_and_recover(house, sheets)
    records, identities = carry_bundles(house.office, ADMINISTRATORS[0], house.around / "carried")
    assert len(release(house.desk, records, house.research, "before")) == 2 * number
    keys = [unlock_research(path.read_bytes(), phrase) for path, phrase in house.research.items()]
    assert words_in(records, keys) == {one.words for one in people}
    house.did("recovery and release", since)
    since = time.monotonic()
    asked = [one for one in people if one.asks]
    assert open_identities(house.desk, identities, house.nadia, house.owen) == [one.name for one in asked]
    letters = write_letters(house.desk)
    assert [one.name for one in asked for letter in letters if f"Dear {one.name}," in letter] == [
        one.name for one in asked
    ]
    gone = [asked[0], asked[-1]]  # one of before the rotation, one of after it
    withdraw(house, [one.name for one in gone])
    assert stored(house.study) == (2 * number - 2, 2 * number - 2)
    records, identities = carry_bundles(house.office, ADMINISTRATORS[0], house.around / "carried again")
    assert len(release(house.desk, records, house.research, "after")) == 2 * number - 2
    assert words_in(records, keys) == {one.words for one in people if one not in gone}
    left = open_identities(house.desk, identities, house.nadia, house.owen)
    assert left == [one.name for one in asked if one not in gone]
    house.did("letters, withdrawal, release", since)
    steals(house)
    house.did("all of it", began)
    for what, seconds in house.seconds.items():
        record(f"seconds: {what}", seconds)


def test_keys_visits_rotation_loss_recovery_release_letters_and_two_lost_slips(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    rehearse(house, 3, 2, record_property)


@pytest.mark.torture
def test_the_whole_way_with_a_hundred_visits(house: House, record_property: Callable[[str, object], None]) -> None:
    rehearse(house, 50, 10, record_property)
