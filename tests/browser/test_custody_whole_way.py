"""The whole way of custody in real browsers: keys that survive people, identities that need two of them.

Keys are made, visits come in, keys are rotated, visits come in, a passphrase is lost and its key recovered from paper,
everything is released, those who asked are written to, and two people who lost their slips are taken out. It is
`./run torture`'s: with two visits before the rotation and two after, then with fifty and fifty. Every visit is clicked
through on a phone of its own, and every deed of staff, data manager and custodians is done on its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from errors import EnvelopeError
from fieldwork.approvals import bring_keys
from privacy.envelope import Context
from privacy.keys import Keyring
from release.custody import unlock_identity, unlock_research
from release.mailing import isolated
from release.source import open_source
from tests.browser.at_the_desk import (
    carry_away,
    open_identities,
    order_withdrawal,
    recover,
    release,
    rotate,
    write_letters,
)
from tests.browser.custody import IDRIS, MARA, House, house_in
from tests.browser.devices import wait_until
from tests.browser.in_the_field import Participant, carry_bundles, carry_out, confirm, invite, propose, visits
from tests.browser.test_ceremony import hold, paste_back
from tests.browser.test_new_keys import served_keys
from tests.conftest import STUDY
from tests.desk.ceremonies import NAMES, PHRASES
from tests.house.scanner import files_with, found_in

LATER = (
    "glacier trombone nectar hinge sparrow",
    "velvet anchor mosaic turnip cradle",
    "ember lattice pigeon quartz bonfire",
)
CHOSEN_ANEW = "saffron bucket meteor willow granite"
MANAGER = {"Data manager": NAMES["manager"]}
CUSTODIANS = {"First custodian": NAMES["first"], "Second custodian": NAMES["second"]}
NAME, WORD = "Canaryname", "canaryword"


@pytest.fixture
def house(browser: Browser, tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[House]:
    with house_in(browser, tmp_path) as found:
        yield found
    for what, seconds in found.seconds.items():
        record_property(f"seconds: {what}", seconds)


# ---- keys


def make_keys(house: House) -> list[list[str]]:
    """The ceremony; the field app gets the public keys. All six sheets of paper."""
    sheets = hold(house.desk.page, paste_back)
    carry_both_away(house, PHRASES[1:3])
    keys = house.desk.home / "keys"
    house.research[keys / "research.key"] = PHRASES[0]
    ring = (keys / "keyring.json").read_bytes()
    assert bring_keys(house.study, ring, date.today()) is None, "the first keys need no second person"
    wait_until(lambda: served_keys(house.server) == ring)
    return sheets


def carry_both_away(house: House, phrases: tuple[str, ...]) -> None:
    """Each custodian takes their file off the desk."""
    for number, (custodian, phrase) in enumerate(zip((house.nadia, house.owen), phrases, strict=True), 1):
        carry_away(house.desk, custodian, f"identity-{number}.key", phrase)
    assert not list((house.desk.home / "keys").rglob("identity-*.key"))


def rotate_both(house: House) -> None:
    """New research and identity keys, proposed by one administrator and confirmed by another who compared the words."""
    folder = rotate(house.desk, "The research key", MANAGER, LATER[:1])
    house.research[folder / "research.key"] = LATER[0]
    folder = rotate(house.desk, "The identity key", CUSTODIANS, LATER[1:])
    ring = Keyring.from_json((folder / "keyring.json").read_bytes())
    assert " ".join(ring.words) in house.desk.text()
    carry_both_away(house, LATER[1:])
    propose(house.office, MARA, folder / "keyring.json")
    confirm(house.office, IDRIS, " ".join(ring.words))
    wait_until(lambda: served_keys(house.server) == ring.to_json())


def lose_and_recover(house: House, sheets: list[list[str]]) -> None:
    """The first research key's passphrase is forgotten: two sheets make a file with another, and the old file goes."""
    lost = house.desk.home / "keys" / "research.key"
    found = recover(house.desk, (sheets[2], sheets[1]), MANAGER, (CHOSEN_ANEW,))
    lost.unlink()
    del house.research[lost]
    house.research[found / "research.key"] = CHOSEN_ANEW


# ---- people


def collect(house: House, people: list[Participant], so_far: int) -> set[str]:
    """Visits by an invitation of now; the codes that people go home with."""
    link = invite(house.office, MARA)
    codes = set(visits(house.browser, link, people))
    assert house.holds(so_far + len(people))
    return codes


def released(house: House, people: list[Participant], when: str) -> Path:
    """Both bundles are carried to the desk; the release has a row for each of these people, and no other opens. The
    identity bundle."""
    records, identities = carry_bundles(house.office, MARA, house.around / when)
    assert len(release(house.desk, records, house.research, when)) == len(people)
    assert words_in(house, records) == {one.words for one in people}
    return identities


def words_in(house: House, bundle: Path) -> set[str]:
    """What people wrote, of every record that the desk's research keys open. No name stands in any of them."""
    opened = [unlock_research(path.read_bytes(), phrase) for path, phrase in house.research.items()]
    keys, source, said = {key.public().short: key for key in opened}, open_source(bundle), set()
    for record_id, envelope in source.rows():
        context = Context("research", STUDY, next(iter(source.instruments)), record_id)
        document = keys[envelope.key_id.hex()].open(envelope, context)
        assert found_in(repr(document).encode(), [NAME]) == set()
        said.add(document["answers"]["yp_text_1"])
    return said


def write_to(house: House, identities: Path, asked: list[Participant]) -> None:
    """Two custodians open the list: exactly those who asked stand there, and each gets a letter."""
    assert open_identities(house.desk, identities, house.nadia, house.owen) == [one.name for one in asked]
    letters = write_letters(house.desk)
    assert len(letters) == len(asked)
    assert all(any(f"Dear {isolated(one.name)}," in letter for letter in letters) for one in asked)


def take_out(house: House, gone: list[Participant]) -> None:
    """Two custodians order it at the desk, where the list is open; an administrator carries it out in the field."""
    order = house.around / "order.amanah-order"
    mark = order_withdrawal(house.desk, [one.name for one in gone], order)
    assert found_in(order.read_bytes(), [NAME, WORD]) == set()
    carry_out(house.office, MARA, order, mark)


def steal(house: House, carried: Path) -> None:
    """A thief with databases, bundles, the desk and all that one custodian has: no name, no answer, no identity key."""
    for folder in (house.settings.home, carried, house.desk.home, house.nadia.folder):
        assert files_with(folder, [NAME, WORD]) == {}
    for file, phrase in house.nadia.phrases.items():
        for files in ([(file.read_bytes(), phrase)], [(file.read_bytes(), phrase)] * 2):
            with pytest.raises(EnvelopeError):
                unlock_identity(files)


# ---- the rehearsal


def rehearse(house: House, number: int, asking: int) -> None:
    """The whole way, with so many visits before the rotation and after it, of which so many ask to be contacted."""
    people = [Participant(one, one % number < asking) for one in range(2 * number)]
    asked = [one for one in people if one.asks]
    gone = [asked[0], asked[-1]]  # one of before the rotation, one of after it
    with house.timed("keys made"):
        sheets = make_keys(house)
    with house.timed("visits before"):
        codes = collect(house, people[:number], 0)
    with house.timed("keys rotated"):
        rotate_both(house)
    with house.timed("visits after"):
        codes |= collect(house, people[number:], number)
    assert len(codes) == len(people)
    with house.timed("key recovered"):
        lose_and_recover(house, sheets)
    with house.timed("all released"):
        identities = released(house, people, "before")
    with house.timed("letters written"):
        write_to(house, identities, asked)
    steal(house, identities.parent)
    with house.timed("two taken out"):
        take_out(house, gone)
    assert house.holds(len(people) - 2)
    with house.timed("the rest released"):
        identities = released(house, [one for one in people if one not in gone], "after")
    left = open_identities(house.desk, identities, house.nadia, house.owen)
    assert left == [one.name for one in asked if one not in gone]


@pytest.mark.torture
@pytest.mark.parametrize(("times", "every"), [(2, 1), (50, 10)], ids=["short", "hundred visits"])
def test_keys_visits_rotation_loss_recovery_release_letters_and_two_lost_slips(
    house: House, times: int, every: int
) -> None:
    rehearse(house, times, every)
