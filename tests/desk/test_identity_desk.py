"""The identity desk: two custodians and never one; what they do stands in the journal first; left alone, it locks."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_desk
from instruments.model import Instrument
from privacy.opening import PrivateKey, new_private_key
from release.custody import Custodians
from release.journal import desk_journal
from storage.journal import read_journal
from tests.conftest import Keys, counted_bytes
from tests.identities import AMINA, PHRASES, YUSUF, Vaults, custodians_files, taken_in
from views.desk.identity_room import IDLE, UNHEARD, Room

REASON = "The results are printed"
ACTS = ["contact_list_made", "letters_made", "consent_counted", "consent_shown"]


@pytest.fixture(scope="module")
def vaults(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Vaults:
    """Three visits, of which two asked to be contacted, as the field app took them in."""
    return taken_in(tmp_path_factory.mktemp("identities"), keys, (AMINA, YUSUF, {}))


@pytest.fixture
def desk(vaults: Vaults, tmp_path: Path) -> FlaskClient:
    """A desk on a machine of its own, opened by its link."""
    app = create_desk(replace(vaults.settings, home=tmp_path))
    client = app.test_client()
    client.get(f"/open/{app.extensions['amanah_desk'].token}")
    return client


@pytest.fixture
def opened(desk: FlaskClient, vaults: Vaults, keys: Keys) -> FlaskClient:
    """That desk, after two custodians opened it: their key, and no passphrase stretched again for each test."""
    take(desk, vaults.identity)
    room = room_of(desk)
    room.open(Custodians(again(keys.identity), ("Nadia", "Owen")), date.today())
    wait(room)
    return desk


def again(key: PrivateKey) -> PrivateKey:
    """The same key in memory of its own, since a desk overwrites what it forgets."""
    return PrivateKey(key.purpose, key.study, bytearray(key.seed))


def room_of(desk: FlaskClient) -> Room:
    found = desk.application.extensions["amanah_desk"].held["identities"]
    assert isinstance(found, Room)
    return found


def wait(room: Room) -> None:
    assert room.work.thread
    room.work.thread.join(30)


def send(desk: FlaskClient, path: str, on: str = "", **typed: object) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get(on or path).text)
    assert token, path
    return desk.post(path, data={"csrf_token": token[1], **typed}, content_type="multipart/form-data")


def take(desk: FlaskClient, bundle: bytes) -> TestResponse:
    return send(desk, "/identities/source", bundle=(io.BytesIO(bundle), "b.amanah"))


def two(files: tuple[bytes, bytes], phrases: tuple[str, str] = PHRASES) -> dict[str, object]:
    """What two custodians bring and type."""
    typed: dict[str, object] = {"reason": REASON}
    for number, (file, phrase) in enumerate(zip(files, phrases, strict=True), 1):
        typed |= {f"key_{number}": (io.BytesIO(file), "a.key"), f"passphrase_{number}": phrase}
    return typed


def text(answer: TestResponse) -> str:
    return html.unescape(" ".join(answer.text.split()))


def journal(desk: FlaskClient) -> list[tuple[str, str, str]]:
    releases = desk.application.extensions["amanah_desk"].home / "releases"
    with desk_journal(releases) as office:
        return [(entry.actor, entry.act, entry.reason) for entry in read_journal(office)]


def handles(desk: FlaskClient) -> list[str]:
    opened = room_of(desk).opened
    assert opened
    return [one.handle for one in opened.people]


def test_two_custodians_open_it_in_either_order_and_that_is_written_down(desk: FlaskClient, vaults: Vaults) -> None:
    assert take(desk, vaults.identity).location == "/identities/unlock"
    one, other = vaults.files
    answer = send(desk, "/identities/unlock", **two((other, one), PHRASES[::-1]))
    assert answer.location == "/identities/opening"
    wait(room_of(desk))
    assert journal(desk) == [("Owen and Nadia", "identities_opened", REASON)]
    page = text(desk.get("/identities/opening", follow_redirects=True))
    assert page.index("Amina Khan") < page.index("Yusuf Ali")
    assert "Text first" in page
    assert not any(phrase in page or phrase in repr(vars(room_of(desk))) for phrase in PHRASES)


def refusals(vaults: Vaults) -> dict[str, tuple[dict[str, object], str]]:
    one, other = vaults.files
    apart = other.replace(b'"split":', b'"split":1')
    alone = {name: said for name, said in two((one, other)).items() if name != "key_2"}
    closed = "This does not open"
    return {
        "one alone": (alone, "Please choose two key files"),
        "the same twice": (two((one, one), (PHRASES[0], PHRASES[0])), "one custodian's file twice"),
        "two divisions": (two((one, apart)), "two different divisions"),
        "no key": (two((one, b"no key")), "not a key file"),
        "the first is wrong": (two((one, other), ("not it", PHRASES[1])), closed),
        "the second is wrong": (two((one, other), (PHRASES[0], "not it")), closed),
        "no reason": (two((one, other)) | {"reason": " "}, "Please say in a few words why."),
    }


def test_anything_but_two_custodians_of_one_division_is_refused_with_a_sentence(
    desk: FlaskClient, vaults: Vaults
) -> None:
    take(desk, vaults.identity)
    shown = {}
    for name, (typed, sentence) in refusals(vaults).items():
        answer = send(desk, "/identities/unlock", **typed)
        shown[name] = re.sub(r'value="[^"]+"', "", text(answer))
        assert sentence in shown[name], name
        assert not any(phrase in answer.text for phrase in (*PHRASES, "not it"))
        assert (room_of(desk).custodians, room_of(desk).opened) == ((), None)
    assert shown["the first is wrong"] == shown["the second is wrong"], "which of the two it was is not told"
    room_of(desk).source = replace(room_of(desk).source, study="another_study")  # type: ignore[type-var]
    assert "another study's key" in text(send(desk, "/identities/unlock", **two((vaults.files[0], vaults.files[1]))))
    assert (room_of(desk).custodians, journal(desk)) == ((), [])


def test_a_bundle_of_answers_is_not_taken_and_an_instance_on_this_machine_is(desk: FlaskClient, vaults: Vaults) -> None:
    answer = take(desk, vaults.research)
    assert "This bundle holds answers." in answer.text
    assert "identities" not in desk.application.extensions["amanah_desk"].held
    here = create_desk(vaults.settings)
    client = here.test_client()
    client.get(f"/open/{here.extensions['amanah_desk'].token}")
    answer = send(client, "/identities/source", place=str(vaults.settings.home))
    assert answer.location == "/identities/unlock"
    assert room_of(client).source.retention["contact_recontact_months"] == 24


def test_the_list_is_searched_by_post_and_shows_no_answer_label_or_day(opened: FlaskClient, keys: Keys) -> None:
    page = text(opened.get("/identities"))
    assert "2 people" in page
    assert Vaults.marker not in page
    room = room_of(opened)
    assert room.opened
    labels = [*room.opened.places, str(date.today()), "2026"]
    assert not any(label in page for label in labels)
    found = text(send(opened, "/identities", sought="YUSUF example.org"))
    assert "Yusuf Ali" in found
    assert "Amina Khan" not in found
    assert "1 person" in found
    assert "Amina Khan" in opened.get("/identities?sought=yusuf").text, "an address says nothing"


def deeds(desk: FlaskClient, **changes: object) -> dict[str, Callable[[], TestResponse]]:
    """Each act, as custodians do it."""
    everybody = {"people": handles(desk), "reason": REASON} | changes
    return {
        "contact_list_made": lambda: send(desk, "/identities/contacts/other", words="x", columns="v_name", **everybody),
        "letters_made": lambda: send(desk, "/identities/letters/other", words="x", text_en="Dear {name}", **everybody),
        "consent_counted": lambda: send(desk, "/identities/counts", reason=everybody["reason"]),
        "consent_shown": lambda: send(desk, "/identities/record", name="Yusuf", reason=everybody["reason"]),
    }


def did(answer: TestResponse) -> bool:
    """Whether an act came to its end: a file, letters, counts, a record."""
    told = text(answer)
    signs = ("Dear \u2068Yusuf", "Counted on", "What was agreed, word for word")
    return answer.mimetype == "text/csv" or any(sign in told for sign in signs)


def test_every_act_is_written_down_first_with_its_reason_and_by_whom(opened: FlaskClient) -> None:
    for act, deed in deeds(opened).items():
        assert did(deed()), act
        assert journal(opened)[-1] == ("Nadia and Owen", act, REASON)
    assert [act for _, act, _ in journal(opened)] == ACTS


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "Please say in a few words why."), ("Asked by Amina Khan", "names somebody"), ("x" * 301, "")],
)
def test_no_act_happens_without_a_reason_nor_with_one_that_names_somebody(
    opened: FlaskClient, reason: str, sentence: str
) -> None:
    for act, deed in deeds(opened, reason=reason).items():
        answer = deed()
        assert not did(answer), act
        assert sentence in answer.text
    assert journal(opened) == []


def test_no_act_happens_that_cannot_be_written_down(opened: FlaskClient, vaults: Vaults) -> None:
    home = opened.application.extensions["amanah_desk"].home
    (home / "releases").mkdir()
    (home / "releases" / "release-journal").write_text("a file stands in the way", "utf-8")
    for act, deed in deeds(opened).items():
        answer = deed()
        assert not did(answer), act
        assert "cannot be written" in text(answer)
    take(opened, vaults.identity)
    answer = send(opened, "/identities/unlock", **two((vaults.files[0], vaults.files[1])))
    assert "cannot be written" in text(answer)
    assert (room_of(opened).custodians, room_of(opened).opened) == ((), None)


def test_the_file_holds_whom_the_purpose_reaches_and_the_columns_chosen(opened: FlaskClient) -> None:
    form = text(opened.get("/identities/contacts/recontact"))
    assert "Amina Khan" not in form
    assert "From then on these names lie in a file on this machine" in form
    chosen = handles(opened)
    answer = send(opened, "/identities/contacts/results", columns=["v_name", "v_phone"], people=chosen, reason=REASON)
    assert (answer.headers["Cache-Control"], answer.headers.get("Expires")) == ("no-store", None)
    assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [
        ["name", "phone", "language"], ["Amina Khan", "'+44 7700 900123", "en"], ["Yusuf Ali", "", "en"],
    ]  # fmt: skip
    # Somebody whom the purpose does not reach is not to be had by asking for them.
    answer = send(opened, "/identities/contacts/recontact", columns="v_name", people=chosen[:1], reason=REASON)
    assert not did(answer)
    assert opened.get("/identities/contacts/anything").status_code == 404
    answer = send(opened, "/identities/contacts/other", columns="v_name", people=chosen, reason=REASON)
    assert "what it is for" in text(answer)


def test_a_letter_stands_on_a_sheet_of_its_own_without_the_study_or_a_safe_way(opened: FlaskClient) -> None:
    typed = {"people": handles(opened), "reason": REASON, "text_en": "Dear {name},\n\nhere they are."}
    page = send(opened, "/identities/letters/results", **typed).text
    sheets = re.findall(r'<div class="letter card" lang="en" dir="ltr">(.*?)</div>', page, re.DOTALL)
    assert [re.sub(r"(\s*<[^>]+>\s*)+", "|", sheet).strip("|") for sheet in sheets] == [
        "Amina Khan|Dear \u2068Amina Khan\u2069,|here they are.",
        "Yusuf Ali|Dear \u2068Yusuf Ali\u2069,|here they are.",
    ]  # fmt: skip
    assert "<title>Letters</title>" in page
    refused = send(opened, "/identities/letters/results", **(typed | {"text_en": "{contact_how}"}))
    assert "There is no {contact_how}" in text(refused)
    assert "{contact_how}" in refused.text, "what was typed is not lost"


def test_a_letter_is_written_and_read_in_its_own_direction(opened: FlaskClient) -> None:
    room = room_of(opened)
    assert room.opened
    amina_, yusuf = room.opened.people
    room.opened = replace(room.opened, people=(amina_, replace(yusuf, language="ur")))
    form = opened.get("/identities/letters/results").text
    assert re.search(r'<textarea[^>]*dir="rtl"[^>]*lang="ur"', form)
    typed = {"people": handles(opened), "reason": REASON, "text_en": "Dear {name}", "text_ur": "محترم {name}"}
    page = send(opened, "/identities/letters/results", **typed).text
    sheets = re.findall(r'<div class="letter card" lang="(\w+)" dir="(\w+)">(.*?)</div>', page, re.DOTALL)
    assert [(language, way) for language, way, _ in sheets] == [("en", "ltr"), ("ur", "rtl")]
    assert "محترم \u2068Yusuf Ali\u2069" in sheets[1][2]


def test_few_consents_are_counted_as_fewer_than_ten(opened: FlaskClient) -> None:
    page = text(send(opened, "/identities/counts", reason=REASON))
    cells = re.findall(r'<td class="number"[^>]*>([^<]+)</td>', page)
    assert set(cells) == {"fewer than 10, or not told"}
    assert "People: fewer than 10." in page


def test_one_persons_record_is_shown_printed_and_taken_along_then_forgotten(
    opened: FlaskClient, instrument: Instrument
) -> None:
    page = text(send(opened, "/identities/record", phone="07700 900123", reason=REASON))
    assert instrument.items["c_part"].label.in_language("en") in page
    answer = send(
        opened,
        "/identities/record.json",
        on="/",
    )
    assert answer.mimetype == "application/json"
    told = json.loads(answer.data)
    assert {one["id"]: one["answer"] for one in told["record"]["statements"]}["o_results"] == "yes"
    opened.get("/identities")
    assert room_of(opened).shown is None
    assert send(opened, "/identities/record.json", on="/").location == "/identities/record"
    many = text(send(opened, "/identities/record", name="Nobody", reason=REASON))
    assert "Nobody was found. Who left no contact details" in many


def test_a_page_without_our_token_does_nothing(opened: FlaskClient) -> None:
    for path in (
        "/identities/contacts/results",
        "/identities/letters/results",
        "/identities/counts",
        "/identities/record",
    ):
        assert not did(opened.post(path, data={"people": handles(opened), "reason": REASON, "name": "Yusuf"}))
    assert journal(opened) == []


class Hands:
    """A clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def leave(desk: FlaskClient, seconds: float) -> Room:
    """The room, after so many seconds on its own clock in which the desk looked once."""
    kept, room = desk.application.extensions["amanah_desk"], room_of(desk)
    room.clock.now += seconds  # type: ignore[attr-defined]
    kept.forget_idle(kept.touched)
    return room


@pytest.fixture
def timed(opened: FlaskClient) -> FlaskClient:
    room = room_of(opened)
    room.clock = Hands()
    room.notice()
    return opened


def beat(desk: FlaskClient, active: str = "0") -> TestResponse:
    """What an open page's script sends. The page it stands on was asked for before: here another of this desk."""
    return send(desk, "/identities/alive", on="/source", active=active)


def is_open(room: Room) -> bool:
    return room.opened is not None and all(any(key.seed) for key in room.keys)


def test_left_alone_for_ten_minutes_it_locks_and_nothing_is_shown_any_more(timed: FlaskClient) -> None:
    seeds = [key.seed for key in room_of(timed).keys]
    assert is_open(leave(timed, IDLE))
    timed.get("/identities")
    assert is_open(leave(timed, IDLE)), "a page that was asked for begins the time anew"
    timed.get("/source")
    room = leave(timed, 1)
    assert (room.opened, room.source, room.keys, seeds) == (None, None, (), [bytearray()])
    for path in ("/identities", "/identities/contacts/results", "/identities/counts", "/identities/record"):
        assert timed.get(path).location == "/identities/source"
    assert timed.post("/identities/alive").status_code == 410
    answer = timed.get("/identities/locked")
    assert "The identity desk is locked." in answer.text
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_it_locks_two_minutes_after_its_last_page_was_closed(timed: FlaskClient) -> None:
    assert beat(timed, active="1").status_code == 204
    assert is_open(leave(timed, UNHEARD))
    # Another page of this machine, at another port, cannot keep the desk open.
    assert timed.post("/identities/alive", data={"active": "1"}).status_code == 403
    assert not is_open(leave(timed, 1))


def test_a_page_that_is_heard_keeps_it_open(timed: FlaskClient) -> None:
    beat(timed)
    assert is_open(leave(timed, UNHEARD))
    beat(timed)
    assert is_open(leave(timed, UNHEARD))
    assert not is_open(leave(timed, 1))


def test_an_open_page_alone_is_no_sign_that_somebody_is_there(timed: FlaskClient) -> None:
    for _ in range(10):
        beat(timed)
        assert is_open(leave(timed, 60))
    beat(timed)
    assert not is_open(leave(timed, 1))


def test_the_desk_looks_by_itself_when_nobody_asks_for_a_page(timed: FlaskClient) -> None:
    room, locked = room_of(timed), threading.Event()
    forget = room.forget
    room.forget = lambda: (forget(), locked.set())  # type: ignore[method-assign, assignment]
    room.clock.now += IDLE + 1  # type: ignore[attr-defined]
    timed.application.extensions["amanah_desk"].keep_watch(pause=0.01)
    assert locked.wait(10)
    assert not is_open(room)


def test_lock_and_forget_overwrites_the_key(opened: FlaskClient) -> None:
    room = room_of(opened)
    seeds = [key.seed for key in room.keys]
    answer = send(opened, "/close", on="/identities")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert (room.opened, room.keys, seeds) == (None, (), [bytearray()])
    assert "The identity desk is locked." in opened.get("/").text


def test_what_opens_after_locking_is_let_go(desk: FlaskClient, vaults: Vaults, keys: Keys) -> None:
    take(desk, vaults.identity)
    room, held = room_of(desk), threading.Event()
    source = room.source
    assert source
    rows = source.records

    class Slow(tuple):  # type: ignore[type-arg]
        def __iter__(self):  # type: ignore[no-untyped-def]
            held.wait(10)
            return iter(rows)

    room.source = replace(source, records=Slow(rows))
    room.open(Custodians(again(keys.identity), ("Nadia", "Owen")), date.today())
    work = room.work
    room.forget()
    held.set()
    assert work.thread
    work.thread.join(10)
    assert (room.opened, room.keys) == (None, ())


def test_an_earlier_key_is_opened_beside_the_present_one(opened: FlaskClient, keys: Keys) -> None:
    room = room_of(opened)
    assert room.actor == "Nadia and Owen"
    room.open(
        Custodians(new_private_key("identity", keys.identity.study, counted_bytes("new")), ("Nadia", "Lina")),
        date.today(),
    )
    wait(room)
    assert (len(handles(opened)), room.actor) == (2, "Nadia and Owen and Lina"), "all who opened it"
    assert len(room.keys) == 2


def test_a_key_that_is_not_this_studys_is_refused_so_nobody_is_named_who_was_not_there(
    opened: FlaskClient, keys: Keys
) -> None:
    made = new_private_key("identity", keys.identity.study, counted_bytes("made a minute ago"))
    files = custodians_files(made, ("Professor Innocent", "Dr Nobody"))
    assert "none of this study's identity keys" in text(send(opened, "/identities/unlock", **two((files[0], files[1]))))
    assert (len(room_of(opened).keys), room_of(opened).actor, journal(opened)) == (1, "Nadia and Owen", [])


def test_a_reason_does_not_name_who_was_described(opened: FlaskClient) -> None:
    for reason in ("Sara Hidden asked", "rang from 07700 900999"):
        typed = {"name": "Sara Hidden", "phone": "+44 7700 900999", "reason": reason}
        for path in ("/identities/record", "/identities/withdraw"):
            answer = text(send(opened, path, **typed))
            assert "The reason names somebody" in answer or "Nobody was found" in answer
    assert journal(opened) == []


def test_no_page_is_there_before_it_was_unlocked(desk: FlaskClient, vaults: Vaults) -> None:
    assert desk.get("/identities/unlock").location == "/identities/source"
    assert desk.get("/identities").location == "/identities/source"
    take(desk, vaults.identity)
    assert desk.get("/identities").location == "/identities/unlock"
    stranger = desk.application.test_client()
    for path in ("/identities", "/identities/source", "/identities/locked"):
        assert stranger.get(path).status_code == 403
