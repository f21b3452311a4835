"""Invitations to the next wave: only where the study comes back, each link its own, and no label is seen."""

from __future__ import annotations

import csv
import html
import io
import re
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_desk
from config import Settings
from errors import ReleaseError
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.consent import gate, statements_asked
from instruments.model import Instrument
from privacy.capsules import read_capsule
from privacy.opening import PrivateKey
from release.custody import Custodians
from release.invitations import LINK, invite
from release.journal import desk_journal
from release.people import Contactable, Opened, open_identities
from release.source import Source
from storage.journal import read_journal
from storage.vaults import expire_limits, expire_tags, rows
from tests.conftest import TODAY, Keys
from views.desk.identity_room import Room

GROUP = "young_person"
OPEN = "https://study.example/visit/young_person?lang=en#" + "t" * 24 + "." + "p" * 22
AMINA = {"v_name": "Amina Khan", "v_contact_how": "Text first"}
YUSUF = {"v_name": "Yusuf Ali"}


@pytest.fixture
def coming_back(study: Study, instrument: Instrument) -> Study:
    """A study in its first wave of two, with Amina and Yusuf, who may be contacted, and somebody who may not."""
    served = replace(study, instrument=replace(instrument, waves=2))
    for contact in (AMINA, YUSUF, {}):
        _answer(served, contact)
    return served


def _answer(study: Study, contact: dict[str, str]) -> None:
    said = {item.name: "yes" for item in statements_asked(study.instrument, GROUP, 19) if item.required}
    said["o_recontact"] = "yes" if contact else "no"
    settled = settle(study.instrument, GROUP, {"age": 19, "site": 1, "sex": 1})
    consent = gate(study.instrument, GROUP, 19, said)
    finish_visit(study, FinishedVisit(GROUP, "en", "self", settled, consent, contact), TODAY)


def opened_by(study: Study, keys: Keys) -> tuple[Source, Opened]:
    known = {study.instrument.digest: study.instrument}
    source = Source("test", study.name, known, tuple(rows(study.stores.identity)))
    return source, open_identities(source, [keys.identity], TODAY, secrets.token_bytes)


def links_of(study: Study, keys: Keys, link: str = OPEN) -> tuple[Contactable, ...]:
    source, opened = opened_by(study, keys)
    return invite(opened.people, link, opened, source, [keys.identity])


def participants(study: Study, keys: Keys) -> set[str]:
    found = open_rows(study, keys)
    return {str(document["participant"]) for document in found}


def open_rows(study: Study, keys: Keys) -> list[dict[str, object]]:
    from privacy.envelope import Context

    digest = study.instrument.digest
    return [
        keys.research.open(envelope, Context("research", study.name, digest, record_id))
        for record_id, envelope in rows(study.stores.research)
    ]


def test_each_has_a_link_of_their_own_that_leads_to_their_answers_and_to_nobody_elses(
    coming_back: Study, keys: Keys
) -> None:
    made = {one.name: one.contact[LINK] for one in links_of(coming_back, keys)}
    assert set(made) == {"Amina Khan", "Yusuf Ali"}
    capsules = {link.rpartition(".")[2] for link in made.values()}
    assert all(link.startswith(f"{OPEN}..") for link in made.values())
    labels = {keys.research.open_capsule(*read_capsule(capsule)).hex() for capsule in capsules}
    assert len(labels) == 2
    assert labels < participants(coming_back, keys)


def test_a_site_stays_in_the_link(coming_back: Study, keys: Keys) -> None:
    link = links_of(coming_back, keys, f"{OPEN}.2")[0].contact[LINK]
    assert re.fullmatch(re.escape(OPEN) + r"\.2\.[\w-]{98}", link)


def test_after_the_cut_off_everybody_gets_the_link_as_it_is(coming_back: Study, keys: Keys) -> None:
    later = TODAY.replace(year=TODAY.year + 1)
    for vault in (coming_back.stores.research, coming_back.stores.identity):
        expire_tags(vault, later)
    expire_limits(coming_back.stores.identity, later)
    assert {one.contact[LINK] for one in links_of(coming_back, keys)} == {OPEN}


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://study.example/",
        OPEN.replace("#", "?"),
        OPEN.replace("https", "javascript"),
        OPEN + ".2.more",
        OPEN[:-1],
    ],
)
def test_what_is_no_invitation_is_refused_with_what_to_do(coming_back: Study, keys: Keys, link: str) -> None:
    with pytest.raises(ReleaseError, match="Paste the whole link"):
        links_of(coming_back, keys, link)


def test_a_study_that_asks_once_invites_nobody(study: Study, keys: Keys) -> None:
    _answer(study, AMINA)
    with pytest.raises(ReleaseError, match="asks people once"):
        links_of(study, keys)


@pytest.fixture
def desk(coming_back: Study, keys: Keys, tmp_path: Path, settings: Settings) -> FlaskClient:
    """The identity desk, open over this study."""
    app = create_desk(replace(settings, home=tmp_path / "desk"))
    client = app.test_client()
    desk = app.extensions["amanah_desk"]
    client.get(f"/open/{desk.token}")
    source, _ = opened_by(coming_back, keys)
    room = desk.held["identities"] = Room(source)
    key = PrivateKey("identity", keys.identity.study, bytearray(keys.identity.seed))
    room.open(Custodians(key, ("Nadia", "Owen")), TODAY)
    assert room.work.thread
    room.work.thread.join(30)
    return client


def send(desk: FlaskClient, path: str, **typed: object) -> TestResponse:
    page = desk.get(path).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    people = re.findall(r'name="people"[^>]*value="([^"]+)"', page)
    assert token
    told = {"csrf_token": token[1], "people": people, "reason": "The second wave begins", "link": OPEN}
    return desk.post(path, data=told | typed)


def journal(desk: FlaskClient) -> list[str]:
    with desk_journal(desk.application.extensions["amanah_desk"].home / "releases") as office:
        return [entry.act for entry in read_journal(office)]


def test_a_list_has_everybodys_link_and_is_written_down_first(desk: FlaskClient) -> None:
    made = send(desk, "/identities/contacts/wave", columns=["v_name", LINK])
    table = list(csv.DictReader(io.StringIO(made.text)))
    assert [row["name"] for row in table] == ["Amina Khan", "Yusuf Ali"]
    assert len({row["link"] for row in table}) == 2
    assert "wave_invitations_made" in journal(desk)


def test_letters_carry_a_code_to_scan(desk: FlaskClient) -> None:
    made = send(desk, "/identities/letters/wave", text_en="Hello {name}, we would like to ask you again: {link}")
    assert made.text.count('class="qr"') == 2
    assert OPEN in html.unescape(made.text)


def test_no_other_letter_has_a_code(desk: FlaskClient) -> None:
    room = desk.application.extensions["amanah_desk"].held["identities"]
    people = tuple(replace(one, contact={**one.contact, LINK: "x" * 9000}) for one in room.opened.people)
    room.opened = replace(room.opened, people=people)
    made = send(desk, "/identities/letters/recontact", text_en="Hello {name}")
    assert (made.status_code, made.text.count('class="qr"')) == (200, 0)


def test_a_wrong_link_keeps_what_was_typed(desk: FlaskClient) -> None:
    before = journal(desk)
    made = send(desk, "/identities/letters/wave", text_en="Hello {name}", link="https://study.example/")
    assert "Paste the whole link" in made.text
    assert "Hello {name}" in html.unescape(made.text)
    assert journal(desk) == before


def test_a_study_that_asks_once_offers_no_next_wave(study: Study, keys: Keys, desk: FlaskClient) -> None:
    _answer(study, AMINA)
    room = desk.application.extensions["amanah_desk"].held["identities"]
    assert "next wave" in desk.get("/identities/contacts").text
    room.source = replace(room.source, instruments={study.instrument.digest: study.instrument})
    assert "next wave" not in desk.get("/identities/contacts").text
    assert desk.get("/identities/contacts/wave").status_code == 404
