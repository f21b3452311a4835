"""The ceremony at the desk: nothing is made before paper has proven every key, and nothing secret is left behind."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_desk
from privacy.envelope import Suite
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from release.custody import unlock_identity, unlock_research
from release.journal import desk_journal
from storage.journal import read_journal
from tests.desk.ceremonies import NAMES, PHRASES, Room, opened
from tests.house.scanner import files_with
from views.desk.state import Desk

NEW = (
    "harbour velcro spatula nimbus tundra",
    "clarinet ferret gravy mosaic plinth",
    "badger origami sulphur tapioca yoghurt",
)


@pytest.fixture(scope="module")
def app() -> Flask:
    """One app for every desk of this file: its templates are read once."""
    return create_desk()


def kept(room: Room) -> Desk:
    found = room.desk.application.extensions["amanah_desk"]
    assert isinstance(found, Desk)
    return found


@pytest.fixture
def room(app: Flask, tmp_path: Path) -> Room:
    """A desk without keys."""
    return Room(opened(tmp_path, app))


@dataclass(frozen=True)
class Made:
    """A ceremony that was held: the desk on whose record it stands, its sheets, and a copy of its folder as it was."""

    room: Room
    sheets: list[list[str]]
    home: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Held once for all tests of this file: each passphrase costs a quarter of a second."""
    home, stash = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("stash") / "home"
    room = Room(opened(home))
    sheets = room.make_keys()
    shutil.copytree(home, stash)
    return Made(room, sheets, stash)


@pytest.fixture
def sheets(made: Made) -> list[list[str]]:
    return made.sheets


@pytest.fixture
def with_keys(app: Flask, made: Made, tmp_path: Path) -> Room:
    """A desk whose folder holds the keys of a ceremony."""
    shutil.copytree(made.home, tmp_path, dirs_exist_ok=True)
    return Room(opened(tmp_path, app))


def ring_in(folder: Path) -> Keyring:
    return Keyring.from_json((folder / "keyring.json").read_bytes())


def research_opens(folder: Path, phrase: str) -> str:
    return unlock_research((folder / "research.key").read_bytes(), phrase).public().short


def custodians_open(folder: Path, *pairs: tuple[int, str]) -> str:
    brought = [((folder / f"identity-{number}.key").read_bytes(), phrase) for number, phrase in pairs]
    return unlock_identity(brought).key.public().short


def acts(home: Path) -> list[tuple[str, str]]:
    with desk_journal(home / "releases") as office:
        return [(entry.act, entry.actor) for entry in read_journal(office)]


def to_the_sheets(room: Room) -> list[list[str]]:
    room.begin()
    room.choose(PHRASES[:3])
    return room.sheets()


def to_the_proof(room: Room) -> list[list[str]]:
    sheets = to_the_sheets(room)
    room.send("/keys/sheets")
    return sheets


# ---- the ceremony


def test_three_people_make_keys_that_open_and_leave_nothing_else(made: Made) -> None:
    home, sheets = made.home, made.sheets
    keys = home / "keys"
    assert "It counts at once, so two people compare" in made.room.page("/keys/done")
    assert {path.name for path in keys.iterdir()} == {
        "research.key", "identity-1.key", "identity-2.key", "keyring.json", "ceremony.txt",
    }  # fmt: skip
    ring = ring_in(keys)
    assert research_opens(keys, PHRASES[0]) == ring.active("research").short
    assert custodians_open(keys, (1, PHRASES[1]), (2, PHRASES[2])) == ring.active("identity").short
    lines = [" ".join(words[4:7]) for words in sheets]
    assert files_with(home, [*PHRASES[:3], *lines]) == {}
    assert files_with(home, [ring.fingerprint]) == {"keys/ceremony.txt": {ring.fingerprint}}
    assert acts(home) == [("keys_made", "Mara, Nadia, Owen")]


def test_nothing_is_written_before_two_sheets_of_every_key_were_typed(room: Room) -> None:
    sheets = to_the_proof(room)
    home = kept(room).home
    for words in (sheets[0], sheets[1], sheets[4]):
        assert room.type_back(words).location == "/keys/prove"
        assert room.desk.get("/keys/finish").location == "/keys/prove"
        assert room.send("/keys/finish", on="/keys/prove").location == "/keys/prove"
        assert room.desk.get("/keys/done").location == "/keys/prove"
    assert not (home / "keys").exists()
    assert room.type_back(sheets[5]).location == "/keys/finish"
    assert "The identity key was rebuilt from these two sheets." in room.page("/keys/finish")
    assert not (home / "keys").exists()
    assert not (home / "releases").exists()


@pytest.mark.parametrize("way", ["lock", "idle", "another"])
def test_leaving_forgets_everything_and_says_that_nothing_was_made(room: Room, way: str) -> None:
    to_the_proof(room)
    desk = kept(room)
    task = desk.held["keys"]
    ceremony = task.ceremony  # type: ignore[attr-defined]
    seeds = [key.seed for key in ceremony.keys]
    if way == "lock":
        room.send("/close", on="/keys/prove")
    elif way == "idle":
        desk.forget_idle(desk.touched + 1799)
        assert desk.held
        desk.forget_idle(desk.touched + 1801)
    else:
        room.begin()
    assert [bytes(seed) for seed in seeds] == [b"", b""]
    assert (task.phrases, task.first, ceremony.sheets) == ([], (), ())  # type: ignore[attr-defined]
    if way != "another":
        assert "Nothing was made: sheets that were printed open nothing." in room.page("/")
        assert room.desk.get("/keys/prove").location == "/"
    assert not (desk.home / "keys").exists()


def test_after_the_end_no_page_shows_a_word_again(made: Made) -> None:
    room, sheets = made.room, made.sheets
    for path in ("/keys/holder", "/keys/sheets", "/keys/prove", "/keys/finish"):
        assert room.desk.get(path).location == "/keys/done"
    page = room.page("/keys/done")
    assert not any(phrase in page for phrase in PHRASES)
    assert not any(" ".join(words[4:7]) in page for words in sheets)
    assert ring_in(kept(room).home / "keys").fingerprint in page
    assert " ".join(ring_in(kept(room).home / "keys").words) in page
    assert kept(room).held["keys"].phrases == []  # type: ignore[attr-defined]


def test_pages_are_never_kept_and_no_cookie_holds_a_secret(room: Room) -> None:
    to_the_proof(room)
    for path in ("/", "/keys/new", "/keys/holder", "/keys/sheets", "/keys/prove", "/keys/finish", "/keys/passphrase"):
        told = room.desk.get(path).headers
        assert told["Cache-Control"] == "no-store"
        assert (told.get("Clear-Site-Data") == '"cache"') == (path not in ("/", "/keys/new"))
    with room.desk.session_transaction() as session:
        assert set(session) == {"desk", "csrf_token"}


# ---- who, and passphrases


def test_names_survive_a_refusal_and_nobody_holds_both_kinds_of_key(room: Room) -> None:
    answer = html.unescape(room.begin(first="mara", third="Zoë").text)
    assert "The data manager cannot be a custodian too" in answer
    assert all(f'value="{name}"' in answer for name in ("Mara", "mara", "Owen", "Zoë"))
    assert kept(room).held == {}
    assert "must be different people" in room.begin(second="Nadia").text
    assert "in its folder" in room.begin(study="Not A Name").text


def test_each_holder_has_a_page_of_their_own_in_turn(room: Room) -> None:
    room.begin(third="Zoë")
    for name, phrase in zip([*NAMES.values(), "Zoë"], PHRASES, strict=True):
        assert f"Please hand over to {name}" in room.page("/keys/holder")
        room.choose([phrase])
    assert room.desk.get("/keys/holder").location == "/keys/sheets"


@pytest.mark.parametrize(
    ("phrase", "again", "said"),
    [
        ("short", "short", "needs at least 15 characters"),
        ("password12345678", "password12345678", "would look for this one for less than a day"),
        (PHRASES[0], PHRASES[1], "The two do not match"),
        ("", "", "Please type the passphrase."),
    ],
)
def test_a_passphrase_that_is_not_taken_is_told_why_and_never_shown(
    room: Room, phrase: str, again: str, said: str
) -> None:
    room.begin()
    answer = html.unescape(room.send("/keys/holder", phrase=phrase, again=again).text)
    assert said in answer
    assert not any(one and f'value="{one}"' in answer for one in (phrase, again))
    assert "Please hand over to Mara" in answer


def test_nobody_takes_the_passphrase_of_another_and_its_worth_is_told(room: Room) -> None:
    room.begin()
    room.choose(PHRASES[:1])
    page = room.page("/keys/holder")
    assert re.search(r"The passphrase of Mara is taken\. .* for (about [\d,]+|more than a million) years", page)
    answer = html.unescape(room.send("/keys/holder", phrase=PHRASES[0], again=PHRASES[0]).text)
    assert "Every passphrase must differ" in answer
    assert "would look for this one" not in answer


def test_words_that_were_drawn_are_shown_once_and_are_good_enough(room: Room) -> None:
    room.begin()
    assert room.send("/keys/holder", draw="1").location == "/keys/holder"
    found = re.search(r'class="phrase"[^>]*>([a-z ]+)<', room.page("/keys/holder"))
    assert found
    assert len(found.group(1).split()) == 6
    assert found.group(1) not in room.page("/keys/holder")
    room.choose([found.group(1)])


# ---- sheets


def test_each_sheet_holds_one_share_and_no_name_of_the_study(room: Room) -> None:
    room.begin()
    room.choose(PHRASES[:3])
    shown = room.desk.get("/keys/sheets").text
    assert "The passphrase of Owen is taken." in shown, "the last holder too learns what their passphrase is worth"
    sheets = room.sheets()
    assert [len(words) for words in sheets] == [33] * 6
    assert len({tuple(words) for words in sheets}) == 6
    assert "working_together" not in shown
    assert shown.count("<article") == 6


def test_words_are_shown_again_only_when_asked_and_of_unproven_keys_only(room: Room) -> None:
    sheets = to_the_proof(room)
    assert room.desk.get("/keys/sheets").location == "/keys/prove"
    assert room.send("/keys/print-again", on="/keys/prove").location == "/keys/sheets"
    assert room.sheets() == sheets
    room.send("/keys/sheets")
    for words in sheets[:2]:
        room.type_back(words)
    room.type_back(sheets[3])
    assert room.send("/keys/print-again", on="/keys/prove").location == "/keys/sheets"
    assert room.sheets() == sheets[3:]
    room.send("/keys/sheets")
    assert "Type a sheet of the identity key" in room.page("/keys/prove")


def kept_in(page: str) -> list[str]:
    return re.findall(r'<span class="kept" id="w(\d+)-kept">', page)


def wrong(page: str) -> list[str]:
    return re.findall(r'<input id="w(\d+)"[^>]*aria-invalid', page)


def test_wrong_words_are_named_by_their_place_and_never_put_right(room: Room) -> None:
    words = list(to_the_proof(room)[1])
    typed = [*words]
    typed[6], typed[8], typed[11] = "zzzz", words[9] if words[9] != words[8] else words[10], ""
    page = html.unescape(room.type_back(typed).text)
    assert "Words 7, 9 and 12 are not right." in page
    assert wrong(page) == ["7", "9", "12"]


def test_of_a_sheet_that_is_wholly_wrong_the_number_and_the_first_few_words_are_said(room: Room) -> None:
    to_the_proof(room)
    page = html.unescape(room.type_back(["zzzz"] * 33).text)
    assert "33 words are not right, the first of them 1, 2 and 3. Please look at the sheet again." in page
    assert len(wrong(page)) == 33


def test_typed_words_are_never_put_back_and_only_the_wrong_ones_are_asked_for_again(room: Room) -> None:
    words = list(to_the_proof(room)[1])
    page = room.type_back([*words[:6], "zzzz", *words[7:11], "", *words[12:]]).text
    assert set(re.findall(r'<input id="w\d+"[^>]*value=', page)) == set()
    assert kept_in(page) == [str(place) for place in range(1, 34) if place != 12]
    mended = [words[place] if place in (6, 11) else "" for place in range(33)]
    assert room.type_back(mended).location == "/keys/prove"
    shown = room.page("/keys/prove")
    assert "is right." in shown
    assert kept_in(shown) == []


def test_typing_is_forgiven_as_far_as_the_list_allows(room: Room) -> None:
    sheets = to_the_proof(room)
    assert room.type_back([word[:4].upper() for word in sheets[2]]).location == "/keys/prove"
    numbered = " ".join(f"{place}. {word}" for place, word in enumerate(sheets[0], 1))
    assert room.type_back([numbered]).location == "/keys/prove"
    assert "The research key was rebuilt from these two sheets." in room.page("/keys/prove")


def test_the_same_sheet_twice_or_one_of_the_other_key_proves_nothing(room: Room) -> None:
    sheets = to_the_proof(room)
    assert "of another sheet than those printed for this key" in room.type_back(sheets[3]).text
    room.type_back(sheets[0])
    again = room.type_back(sheets[0])
    assert "This is the same sheet again." in again.text
    assert kept_in(again.text) == []
    room.type_back(sheets[1])
    assert "Type a sheet of the identity key" in room.page("/keys/prove")


# ---- carrying away


def test_a_custodians_file_goes_only_when_its_copy_was_shown(made: Made) -> None:
    room = made.room
    keys = kept(room).home / "keys"
    carried = room.desk.get("/keys/files/identity-1.key").data
    assert carried == (keys / "identity-1.key").read_bytes()
    answer = room.send("/keys/carried", on="/keys/done", copy=(io.BytesIO(carried[:-1]), "c.key"))
    assert "Nothing was removed." in answer.text
    assert (keys / "identity-1.key").exists()
    room.send("/keys/carried", on="/keys/done", copy=(io.BytesIO(carried), "c.key"))
    assert "identity-1.key is no longer here. Its copy is the file now." in room.page("/keys/done")
    assert not (keys / "identity-1.key").exists()
    assert (keys / "identity-2.key").exists()
    research = room.desk.get("/keys/files/research.key").data
    room.send("/keys/carried", on="/keys/done", copy=(io.BytesIO(research), "c.key"))
    assert (keys / "research.key").exists()
    assert room.desk.get("/keys/files/identity-1.key").status_code == 404
    assert room.desk.get("/keys/files/..%2fsecret").status_code == 404


# ---- afterwards


def test_a_lost_key_comes_back_from_two_sheets(with_keys: Room, sheets: list[list[str]]) -> None:
    home = kept(with_keys).home
    (home / "keys" / "research.key").unlink()
    assert with_keys.send("/keys/recover", place="keyring.json").location == "/keys/prove"
    assert "Word 33 is not right." in with_keys.type_back([*sheets[0][:32], "zzzz"]).text
    with_keys.type_back(sheets[2])
    assert with_keys.type_back(sheets[0]).location == "/keys/holders"
    assert with_keys.send("/keys/holders", manager="Amina").location == "/keys/holder"
    with_keys.choose(NEW[:1])
    assert with_keys.send("/keys/finish").location == "/keys/done"
    folder = next(path for path in (home / "keys").iterdir() if path.is_dir())
    assert research_opens(folder, NEW[0]) == ring_in(home / "keys").active("research").short
    assert acts(home)[-1] == ("key_recovered", "Amina")
    done = with_keys.page("/keys/done")
    assert "one folder above" in done
    assert not [told for told in ("Each custodian takes", "who keeps the sheets") if told in done]
    assert files_with(home, [NEW[0], " ".join(sheets[0][4:7])]) == {}


def test_the_words_of_the_keyring_come_before_anything_secret_is_typed(with_keys: Room) -> None:
    ring = ring_in(kept(with_keys).home / "keys")
    words = " ".join(ring.words)
    for task, stage, chosen in (
        ("recover", "prove", {}),
        ("custodians", "turn", {}),
        ("rotate", "holders", {"purpose": "research"}),
    ):
        with_keys.send(f"/keys/{task}", place="keyring.json", **chosen)
        page = with_keys.page(f"/keys/{stage}")
        assert words in page
        assert "a key that this keyring has not" not in page
    planted = Keyring(
        ring.study, (ring.active("research"), new_private_key("identity", ring.study, os.urandom).public())
    )
    with_keys.send("/keys/rotate", ring=(io.BytesIO(planted.to_json()), "keyring.json"), purpose="research")
    told = "a key that this keyring has not: identity-1.key, identity-2.key and keyring.json."
    assert told in with_keys.page("/keys/holders")


def test_a_false_keyring_recovers_nothing_and_says_so(with_keys: Room, sheets: list[list[str]]) -> None:
    ring = ring_in(kept(with_keys).home / "keys")
    brought = Keyring(ring.study, (replace(ring.active("identity"), purpose="research", orders=b""),))
    with_keys.send("/keys/recover", ring=(io.BytesIO(brought.to_json()), "keyring.json"))
    with_keys.type_back(sheets[3])
    assert "find out who changed it" in with_keys.type_back(sheets[4]).text
    assert "Type a sheet of the lost key" in with_keys.page("/keys/prove")


def test_sheets_of_two_keys_recover_nothing_and_both_are_asked_for_again(
    with_keys: Room, sheets: list[list[str]]
) -> None:
    with_keys.send("/keys/recover", place="keyring.json")
    with_keys.type_back(sheets[0])
    assert "Please begin with the first sheet again." in with_keys.type_back(sheets[4]).text
    assert "Type a sheet of the lost key" in with_keys.page("/keys/prove")


def test_a_new_key_takes_over_and_the_old_one_stays(with_keys: Room) -> None:
    home = kept(with_keys).home
    assert with_keys.send("/keys/rotate", place="keyring.json", purpose="research").location == "/keys/holders"
    with_keys.send("/keys/holders", manager="Mara")
    with_keys.choose(NEW[:1])
    sheets = with_keys.sheets()
    assert len(sheets) == 3
    with_keys.send("/keys/sheets")
    for words in (sheets[1], sheets[2]):
        with_keys.type_back(words)
    assert with_keys.send("/keys/finish").location == "/keys/done"
    folder = next(path for path in (home / "keys").iterdir() if path.is_dir())
    old, new = ring_in(home / "keys"), ring_in(folder)
    assert [(key.purpose, key.status) for key in new.keys] == [
        ("research", "retired"), ("identity", "active"), ("research", "active"),
    ]  # fmt: skip
    assert new.keys[0].short == old.active("research").short
    assert research_opens(folder, NEW[0]) == new.active("research").short
    assert research_opens(home / "keys", PHRASES[0]) == old.active("research").short
    assert "The old key" not in with_keys.page("/keys/done")
    done = with_keys.page("/keys/done")
    assert "Keep the old key file and its sheets" in done
    assert "Two administrators compare the twelve words" in done
    assert new.active("identity").digest(Suite.XWING).groups in done
    assert len(re.findall(r"<td>Research key</td><th scope=\"row\"><code>\d{5}-\d</code>", done)) == 3


def test_two_custodians_hand_the_key_on(with_keys: Room) -> None:
    home = kept(with_keys).home
    assert with_keys.send("/keys/custodians", place="keyring.json").location == "/keys/turn"
    answer = with_keys.send("/keys/turn", place="identity-1.key", passphrase=PHRASES[2])
    assert "does not open" in answer.text
    assert PHRASES[2] not in answer.text
    with_keys.send("/keys/turn", place="identity-1.key", passphrase=PHRASES[1])
    assert "The part of Nadia is unlocked." in with_keys.page("/keys/turn")
    again = with_keys.send("/keys/turn", place="identity-2.key", passphrase=PHRASES[2])
    assert again.location == "/keys/holders"
    with_keys.send("/keys/holders", first="Nadia", second="Zoë", third="Ivo")
    with_keys.choose(NEW)
    assert with_keys.send("/keys/finish").location == "/keys/done"
    folder = next(path for path in (home / "keys").iterdir() if path.is_dir())
    assert custodians_open(folder, (2, NEW[1]), (3, NEW[2])) == ring_in(home / "keys").active("identity").short
    assert acts(home)[-1] == ("custodians_changed", "Nadia, Zoë, Ivo")


def test_a_key_that_the_keyring_has_not_is_forgotten_at_once(with_keys: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, gone, forget = ring_in(kept(with_keys).home / "keys"), [], PrivateKey.forget
    monkeypatch.setattr(PrivateKey, "forget", lambda key: (gone.append(key.purpose), forget(key)))
    brought = Keyring(ring.study, (ring.active("research"),))
    with_keys.send("/keys/custodians", ring=(io.BytesIO(brought.to_json()), "keyring.json"))
    with_keys.send("/keys/turn", place="identity-1.key", passphrase=PHRASES[1])
    answer = with_keys.send("/keys/turn", place="identity-2.key", passphrase=PHRASES[2])
    assert "This key is not in this keyring." in answer.text
    assert gone == ["identity"]


def test_no_page_lets_the_browser_offer_to_keep_a_passphrase(with_keys: Room) -> None:
    with_keys.send("/keys/custodians", place="keyring.json")
    for path in ("/keys/turn", "/keys/passphrase", "/rehearse", "/identities/unlock", "/unlock"):
        for box in re.findall(r'<input[^>]*type="password"[^>]*>', with_keys.page(path)):
            assert 'autocomplete="one-time-code"' in box, path
    assert "offers to keep a passphrase, say no." in with_keys.page("/keys/turn")


def test_one_custodian_twice_opens_nothing(with_keys: Room) -> None:
    with_keys.send("/keys/custodians", place="keyring.json")
    with_keys.send("/keys/turn", place="identity-1.key", passphrase=PHRASES[1])
    assert with_keys.send("/keys/turn", place="identity-1.key", passphrase=PHRASES[1]).status_code == 200
    assert with_keys.desk.get("/keys/holders").location == "/keys/turn"
    assert "The first custodian, please" in with_keys.page("/keys/turn")


def test_a_passphrase_is_changed_by_whoever_knows_it(with_keys: Room) -> None:
    keys = kept(with_keys).home / "keys"
    typed = {"place": "identity-2.key", "phrase": NEW[0], "again": NEW[0]}
    wrong_one = with_keys.send("/keys/passphrase", passphrase=PHRASES[1], **typed)
    assert "does not open" in wrong_one.text
    assert NEW[0] not in wrong_one.text
    assert with_keys.send("/keys/passphrase", passphrase=PHRASES[2], **typed).location == "/"
    assert "identity-2.key has its new passphrase." in with_keys.page("/")
    custodians_open(keys, (1, PHRASES[1]), (2, NEW[0]))
    assert acts(keys.parent)[-1] == ("passphrase_changed", "Owen")
    weak = with_keys.send("/keys/passphrase", passphrase=NEW[0], **(typed | {"phrase": "a" * 20, "again": "a" * 20}))
    assert "for less than a day" in weak.text


def test_fingerprints_are_those_of_the_field_apps_page(with_keys: Room) -> None:
    page = with_keys.page("/keys/fingerprints")
    ring = ring_in(kept(with_keys).home / "keys")
    assert " ".join(ring.words) in page
    assert ring.fingerprint in page
    other = Keyring(ring.study, ring.keys[::-1])
    shown = with_keys.send("/keys/fingerprints", ring=(io.BytesIO(other.to_json()), "keyring.json")).text
    assert " ".join(other.words) in shown
    assert (
        "private key"
        in with_keys.send(
            "/keys/fingerprints", ring=(io.BytesIO((kept(with_keys).home / "keys" / "research.key").read_bytes()), "k")
        ).text
    )


def test_the_home_page_says_which_keys_are_here_and_what_is_unfinished(with_keys: Room) -> None:
    page = with_keys.page("/")
    assert "In the folder of keys is 1 research key file." in page
    assert "The identity key's parts there: Nadia and Owen." in page
    assert "not finished" not in with_keys.page("/")
    with_keys.begin()
    assert "A task about keys is not finished." in with_keys.page("/")
    assert "There is a keyring in the folder already." in with_keys.page("/keys/new")
