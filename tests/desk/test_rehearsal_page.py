"""A rehearsal through the desk's pages, and the home page that asks for one."""

from __future__ import annotations

import io

import pytest

from config import Settings
from privacy.keys import Keyring
from release.journal import desk_journal
from release.rehearsal import Rehearsal, Way
from storage.journal import Act, Entry, read_journal
from tests.desk.ceremonies import Room, opened
from tests.rehearsing import PHRASE, Cabinet
from views.desk.rehearsing import NAME


@pytest.fixture
def room(settings: Settings, cabinet: Cabinet) -> Room:
    """A desk with a keyring after a rotation and every key file, and nothing rehearsed yet."""
    folder = settings.home / "keys"
    folder.mkdir()
    for name, data in cabinet.files.items():
        (folder / name).write_bytes(data)
    (folder / "keyring.json").write_bytes(cabinet.ring.to_json())
    return Room(opened(settings.home))


def prove(room: Room, way: str, **typed: object):
    return room.send(f"/rehearsal/{way}", on="/rehearsal", **typed)


def acts(settings: Settings) -> list[Entry]:
    with desk_journal(settings.home / "releases") as office:
        return list(read_journal(office))


def held(room: Room) -> Rehearsal:
    kept = room.desk.application.extensions["amanah_desk"].held[NAME]
    assert isinstance(kept.done, Rehearsal)
    return kept.done


def test_every_key_is_proven_page_by_page_and_the_home_page_reminds_until_then(
    room: Room,
    settings: Settings,
    cabinet: Cabinet,
) -> None:
    page = room.page("/")
    assert "It was never rehearsed that all of these keys open." in page
    assert ">Rehearse now</a>" in page
    assert room.send("/rehearsal", place="keyring.json").location == "/rehearsal"
    page = room.page("/rehearsal")
    assert " ".join(cabinet.ring.words) in page
    assert page.count("not yet") == 3
    refused = prove(room, "file", place="old.key", passphrase="not the passphrase")
    assert (refused.status_code, "does not open" in refused.text) == (200, True)
    assert "not the passphrase" not in refused.text
    assert prove(room, "file", place="old.key", passphrase=PHRASE).location == "/rehearsal"
    brought = (io.BytesIO(cabinet.files["new.key"]), "new.key")
    assert prove(room, "file", key=brought, passphrase=PHRASE).location == "/rehearsal"
    assert f"The key {cabinet.ring.keys[-1].short} opens what is sealed to it" in room.page("/rehearsal")
    both = {"first_place": "identity-1.key", "first_passphrase": PHRASE, "second_passphrase": PHRASE}
    twice = prove(room, "custodians", second_place="identity-1.key", **both)
    assert "one custodian&#39;s file twice" in twice.text
    assert prove(room, "custodians", second_place="identity-3.key", **both).location == "/rehearsal"
    assert prove(room, "sheets", first=cabinet.sheets[0], second=cabinet.sheets[2].upper()).location == "/rehearsal"
    assert held(room).ways_of(cabinet.ring.keys[-1]) == (Way.FILE, Way.SHEETS)
    assert not (settings.home / "releases").exists()
    assert room.send("/rehearsal/end", on="/rehearsal").location == "/"
    page = room.page("/")
    assert "Everything opens. The day is written down" in page
    assert "it was rehearsed that all of these keys open." in page
    assert ">Rehearse now</a>" not in page
    (entry,) = acts(settings)
    assert (entry.actor, entry.act, entry.count) == ("Nadia and Tariq", Act.REHEARSED, 3)


def test_what_was_not_proven_is_written_down_as_such_and_asked_for_again(
    room: Room,
    settings: Settings,
    cabinet: Cabinet,
) -> None:
    room.send("/rehearsal", place="keyring.json")
    assert "Nothing was proven" in room.send("/rehearsal/end", on="/rehearsal").text
    wrong = prove(room, "sheets", first=cabinet.sheets[0], second="no words of a sheet")
    assert (wrong.status_code, cabinet.sheets[0] in wrong.text) == (200, False)
    prove(room, "sheets", first=cabinet.sheets[0], second=cabinet.sheets[1])
    room.send("/rehearsal/end", on="/rehearsal")
    page = room.page("/")
    assert "3 keys were not proven: bring their files next time." in page
    assert "never rehearsed" in page
    assert acts(settings)[0].detail.startswith("in part, ")


def test_without_a_keyring_or_a_beginning_nothing_can_be_proven(settings: Settings) -> None:
    room = Room(opened(settings.home))
    assert "rehearsed" not in room.page("/")
    for path in ("/rehearsal/file", "/rehearsal/end", "/rehearsal/elsewhere"):
        assert room.desk.post(path).location == "/rehearsal"
    assert "Please choose a keyring.json." in room.send("/rehearsal").text
    assert "not an Amanah keyring" in room.send("/rehearsal", ring=(io.BytesIO(b"{}"), "keyring.json")).text
    ring = Keyring("another_study", ()).to_json()
    assert room.send("/rehearsal", ring=(io.BytesIO(ring), "keyring.json")).location == "/rehearsal"
