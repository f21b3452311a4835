"""A passkey proves one person, on one host, to one browser, once. Everything else is refused, and refused alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from errors import NotPermitted
from fieldwork.instance import write_private
from fieldwork.staff import passkeys as ours
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.passkeys import (
    Challenge,
    Site,
    ask_to_add,
    ask_to_prove,
    challenge_in,
    keep_passkey,
    new_challenge,
    new_passkey,
    recognise,
    remove_own,
    site_of,
)
from storage.engines import open_engine
from storage.journal import Act, read_journal, write_entry
from storage.journal_key import new_key_file
from storage.members import change_member
from storage.office import Office, create_office
from storage.passkeys import all_passkeys, handle_of, passkeys, passkeys_of
from storage.staff import add_staff
from tests.authenticator import PRESENT, Device

REFUSED = "This passkey was not accepted"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEYS = office_keys("the secret of this instance")
HERE = Site("study.example.org", "https://study.example.org")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    write_private(folder / "journal.key", new_key_file())
    made = Office(open_engine(f"sqlite:///{folder / 'office.db'}", new=True), folder / "journal.key")
    create_office(made)
    write_entry(made, "command line", Act.INIT, NOW.date())
    for name in ("Mara", "Noor", "Owen", "Sana", "Tam"):
        add_staff(made, name, "coordinator", None)
    return made


def enrolled(office: Office, member: str, label: str = "Key") -> Device:
    device = Device(HERE.origin, HERE.rp_id)
    challenge = new_challenge("add", member, NOW)
    keep_passkey(
        office,
        new_passkey(KEYS, HERE, challenge, device.make(ask_to_add(office, HERE, challenge)), label),
        challenge,
        NOW,
    )
    return device


@pytest.fixture(scope="module")
def device(office: Office) -> Device:
    """Mara's."""
    return enrolled(office, "Mara")


def sign_in(office: Office, device: Device) -> str:
    challenge = new_challenge("sign in", "", NOW)
    return recognise(office, KEYS, HERE, challenge, device.prove(ask_to_prove(HERE, challenge)), NOW)


def test_a_passkey_tells_who_is_there_and_the_day(office: Office, device: Device) -> None:
    assert sign_in(office, device) == "Mara"
    assert passkeys_of(office, "Mara")[0].last_used == NOW.date()


def test_a_device_is_never_told_a_name_to_keep_as_its_users_id(office: Office, device: Device) -> None:
    asked = json.loads(ask_to_add(office, HERE, new_challenge("add", "Mara", NOW)))
    assert len(device.handle) == 32
    assert b"Mara" not in device.handle
    assert asked["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required"
    }  # fmt: skip
    assert (asked["attestation"], len(asked["excludeCredentials"])) == ("none", 1)


def test_signing_in_asks_for_no_name_and_names_no_passkey() -> None:
    asked = json.loads(ask_to_prove(HERE, new_challenge("sign in", "", NOW)))
    assert (asked.get("allowCredentials", []), asked["userVerification"]) == ([], "required")


LIES: dict[str, Callable[[Device], Device]] = {
    "another origin": lambda one: replace(one, origin="https://study.example.net"),
    "http": lambda one: replace(one, origin="http://study.example.org"),
    "another rp id": lambda one: replace(one, rp_id="example.org"),
    "nobody's finger": lambda one: replace(one, flags=PRESENT),
    "another's handle": lambda one: replace(one, handle=bytes(32)),
    "no handle": lambda one: replace(one, handle=b""),
    "an unknown credential": lambda one: replace(one, credential_id=bytes(16)),
    "another key": lambda one: replace(
        Device(one.origin, one.rp_id), credential_id=one.credential_id, handle=one.handle
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_device_that_lies_is_refused(office: Office, device: Device, lie: Callable[[Device], Device]) -> None:
    lying = lie(device)
    lying.count = device.count + 100
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in(office, lying)


@pytest.mark.parametrize("lie", ["another origin", "another rp id", "nobody's finger"])
def test_a_passkey_is_made_only_here_and_by_a_person(office: Office, lie: str) -> None:
    challenge = new_challenge("add", "Nobody", NOW)
    lying = LIES[lie](Device(HERE.origin, HERE.rp_id))
    with pytest.raises(NotPermitted, match=REFUSED):
        new_passkey(KEYS, HERE, challenge, lying.make(ask_to_add(office, HERE, challenge)), "Key")


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "{}", '{"id": 1}', "x" * 20_000, '{"id":"","rawId":"","type":"public-key"}']
)
def test_an_answer_that_is_none_is_refused_in_the_same_words(office: Office, answer: str) -> None:
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, KEYS, HERE, new_challenge("sign in", "", NOW), answer, NOW)
    with pytest.raises(NotPermitted, match=REFUSED):
        new_passkey(KEYS, HERE, new_challenge("add", "Mara", NOW), answer, "Key")


def test_an_answer_works_once_even_for_a_device_that_does_not_count(office: Office) -> None:
    device = enrolled(office, "Noor")
    device.count = -1  # its counter says 0 for ever, as those of many phones do
    challenge = new_challenge("sign in", "", NOW)
    answer = device.prove(ask_to_prove(HERE, challenge))
    assert recognise(office, KEYS, HERE, challenge, answer, NOW) == "Noor"
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, KEYS, HERE, challenge, answer, NOW)


def test_an_answer_to_anothers_challenge_is_refused(office: Office, device: Device) -> None:
    answer = device.prove(ask_to_prove(HERE, new_challenge("sign in", "", NOW)))
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, KEYS, HERE, new_challenge("sign in", "", NOW), answer, NOW)


def forged(office: Office, device: Device, **other: Any) -> None:
    """Whoever can write to the database alone has this device sign in as Noor, on a row that says so."""
    row = next(one for one in all_passkeys(office) if one.credential_id == device.credential_id)
    with office.engine.begin() as connection:
        connection.execute(update(passkeys).where(passkeys.c.credential_id == row.credential_id).values(**other))


@pytest.mark.parametrize(
    "other", [{"member": "Noor"}, {"rp_id": "evil.example"}, {"seal": bytes(32)}, {"seal": b""}], ids=str
)
def test_a_row_that_this_app_did_not_make_is_no_passkey(office: Office, other: dict[str, Any]) -> None:
    device = enrolled(office, "Tam")
    assert sign_in(office, device) == "Tam"
    forged(office, device, **other)
    handle_of(office, "Noor", b"n" * 32)
    device.handle = handle_of(office, other.get("member", "Tam"))
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in_at(office, device, replace(HERE, rp_id=other.get("rp_id", HERE.rp_id)))


def test_passkeys_do_not_outlive_the_instances_secret(office: Office) -> None:
    device, challenge = enrolled(office, "Tam"), new_challenge("sign in", "", NOW)
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, office_keys("another"), HERE, challenge, device.prove(ask_to_prove(HERE, challenge)), NOW)


def sign_in_at(office: Office, device: Device, site: Site) -> str:
    device, challenge = replace(device, rp_id=site.rp_id), new_challenge("sign in", "", NOW)
    return recognise(office, KEYS, site, challenge, device.prove(ask_to_prove(site, challenge)), NOW)


def test_a_count_that_goes_back_is_refused_and_written_down(office: Office) -> None:
    device = enrolled(office, "Owen")
    copy = replace(device)
    assert sign_in(office, device) == sign_in(office, device) == "Owen"
    before = len(read_journal(office))
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in(office, copy)
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in(office, replace(copy))
    told = read_journal(office)[before:]
    # The same once a day: nobody fills the journal so.
    assert [(entry.act, entry.actor, entry.reason) for entry in told] == [
        ("passkey_refused", "Owen", "its count went back")
    ]


def test_an_answer_that_is_sent_twice_is_no_copy_of_a_key(office: Office, device: Device) -> None:
    challenge = new_challenge("sign in", "", NOW)
    answer = device.prove(ask_to_prove(HERE, challenge))
    recognise(office, KEYS, HERE, challenge, answer, NOW)
    before = len(read_journal(office))
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, KEYS, HERE, challenge, answer, NOW)
    assert len(read_journal(office)) == before


def test_a_count_that_nobody_signed_is_not_written_down(office: Office, device: Device) -> None:
    forger = replace(Device(HERE.origin, HERE.rp_id), credential_id=device.credential_id, handle=device.handle)
    before = len(read_journal(office))
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in(office, forger)
    assert len(read_journal(office)) == before


def test_a_member_who_was_shut_out_is_refused_in_the_same_words(office: Office) -> None:
    device = enrolled(office, "Sana")
    change_member(office, "Sana", disabled=True)
    with pytest.raises(NotPermitted, match=REFUSED):
        sign_in(office, device)
    remove_own(office, "Sana", device.credential_id, True, NOW)


def test_another_member_cannot_prove_to_be_this_one(office: Office, device: Device) -> None:
    challenge = new_challenge("prove again", "Noor", NOW)
    with pytest.raises(NotPermitted, match=REFUSED):
        recognise(office, KEYS, HERE, challenge, device.prove(ask_to_prove(HERE, challenge)), NOW)


CHALLENGE = Challenge(bytes(32), "add", "Mara", NOW + timedelta(minutes=5))


def test_a_browser_gets_its_own_challenge_back() -> None:
    assert challenge_in(CHALLENGE.written(), "add", "Mara", NOW) == CHALLENGE


@pytest.mark.parametrize(
    ("told", "purpose", "holder", "later"),
    [
        (None, "add", "Mara", 0),
        (CHALLENGE.written(), "sign in", "Mara", 0),
        (CHALLENGE.written(), "add", "Idris", 0),
        (CHALLENGE.written(), "add", "Mara", 5),
    ],
    ids=["none", "another purpose", "another member", "too late"],
)
def test_a_challenge_of_another_browser_purpose_or_time_is_none(
    told: dict[str, str] | None, purpose: ours.Purpose, holder: str, later: int
) -> None:
    with pytest.raises(NotPermitted, match=REFUSED):
        challenge_in(told, purpose, holder, NOW + timedelta(minutes=later))


@pytest.mark.parametrize(
    ("scheme", "host", "site"),
    [
        ("https", "study.example.org", HERE),
        ("http", "study.example.org", HERE),
        ("https", "study.example.org:8443", Site("study.example.org", "https://study.example.org:8443")),
        ("http", "localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http", "127.0.0.1:8000", None),
        ("https", "192.0.2.7:8443", None),
        ("https", "192.0.2.7", None),
        ("http", "[::1]:8000", None),
        ("https", "[2001:db8::7]", None),
    ],
)
def test_passkeys_belong_to_hosts_with_a_name(scheme: str, host: str, site: Site | None) -> None:
    assert site_of(scheme, host) == site


def test_the_last_thing_to_sign_in_with_stays(office: Office) -> None:
    first, second = enrolled(office, "Sana", "Phone"), enrolled(office, "Sana", "Key")
    remove_own(office, "Sana", first.credential_id, False, NOW)
    with pytest.raises(NotPermitted, match="This is all that you can sign in with"):
        remove_own(office, "Sana", second.credential_id, False, NOW)
    assert [one.label for one in passkeys_of(office, "Sana")] == ["Key"]
    remove_own(office, "Sana", second.credential_id, True, NOW)
    assert passkeys_of(office, "Sana") == ()


def test_nobody_removes_anothers_passkey(office: Office, device: Device) -> None:
    remove_own(office, "Noor", device.credential_id, True, NOW)
    assert len(passkeys_of(office, "Mara")) == 1
