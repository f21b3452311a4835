"""Lost slips from the identity desk to the field app: custodians find people, an administrator erases them unseen."""

from __future__ import annotations

import html
import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_desk
from commands import opened_study
from config import Settings, read_settings
from errors import OrderRefused
from fieldwork.bundles import make_bundle
from fieldwork.orders import carry_out, read
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.consent import gate
from privacy.key_files import HeldShare, lock_share
from privacy.receipts import labels_of
from privacy.shares import split
from release.journal import desk_journal
from storage.journal import read_journal
from storage.vaults import until_of
from tests.conftest import Keys
from tests.ordering import both
from tests.staff import csrf_in
from tests.visits import amina

PHRASE = "five quiet words in a row"
REASON = "Asked by telephone, called back"
TODAY = date.today()


@dataclass(frozen=True)
class House:
    """A field instance, and the identity desk of another machine that two custodians have unlocked."""

    study: Study
    settings: Settings
    desk: FlaskClient
    tags: dict[str, bytes]

    def page(self, path: str) -> str:
        return said(self.desk.get(path))

    def handle(self, name: str) -> str:
        person = self.page("/identities").split(f"<bdi>{name}</bdi>")[1]
        return person.split('name="handle" value="')[1].split('"')[0]

    def ask(self, path: str, **typed: object) -> TestResponse:
        token = csrf_in(self.desk.get(path).text)
        return self.desk.post(path, data={"csrf_token": token, "reason": REASON, **typed}, follow_redirects=True)

    def save(self, made: TestResponse) -> bytes:
        answer = self.desk.post("/identities/order/file", data={"csrf_token": csrf_in(made.text)})
        assert answer.headers["Cache-Control"] == "no-store", "nothing of an order stays in a browser"
        return answer.data

    def journal(self) -> list[tuple[str, str, str]]:
        with desk_journal(self.settings.home / "releases") as office:
            return [(one.actor, one.act, one.reason) for one in read_journal(office)]


def said(answer: TestResponse) -> str:
    return html.unescape(" ".join(answer.text.split()))


def visit(study: Study, name: str, day: date = TODAY, **more: str) -> bytes:
    wishes = {one: more.pop(one) for one in tuple(more) if one.startswith("o_")}
    answers = {one: values[0] for one, values in amina(study.instrument, **wishes).items()}
    consent = gate(study.instrument, "young_person", 19, answers)
    contact = {"v_name": name, "v_email": f"{name.lower()}@example.org"} if wishes else {}
    done = FinishedVisit("young_person", "en", "self", {"site": 1, "age": "18-21"}, consent, contact)
    return labels_of(finish_visit(study, done, day), study.name).research_tag


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, unused: Path, keys: Keys) -> House:
    home, elsewhere = tmp_path_factory.mktemp("field") / "instance", tmp_path_factory.mktemp("desk")
    shutil.copytree(unused, home)
    study = opened_study(read_settings(home, {}))
    tags = {name: visit(study, name, o_results="yes") for name in ("Amina", "Bilal", "Chandra")}
    tags |= {name: visit(study, name, o_recontact="yes") for name in ("Dilshad", "Esra")}
    tags["Farid"] = visit(study, "Farid", TODAY - timedelta(days=60), o_recontact="yes")
    visit(study, "")
    maintain(study, TODAY)
    settings = replace(read_settings(home, {}), home=elsewhere)
    make_bundle(study, elsewhere / "identities.amanah", "Mara", TODAY, "identity")
    write_keys(elsewhere / "keys", keys)
    return House(study, settings, unlocked(settings), tags)


def write_keys(folder: Path, keys: Keys) -> None:
    """The two custodians' files and nothing else: no research key is ever at this desk."""
    folder.mkdir()
    shares = split(bytes(keys.identity.seed), "identity", 2)
    for number, (name, share) in enumerate(zip(("Nadia", "Owen"), shares, strict=True), 1):
        held = HeldShare("working_together", keys.identity.public().short, name, share)
        (folder / f"identity-{number}.key").write_bytes(lock_share(held, f"{PHRASE} {name}", os.urandom))


def unlocked(settings: Settings) -> FlaskClient:
    app = create_desk(settings)
    desk = app.test_client()
    desk.get(f"/open/{app.extensions['amanah_desk'].token}")

    def step(path: str, **typed: str) -> None:
        data = {"csrf_token": csrf_in(desk.get(path).text), **typed}
        assert desk.post(path, data=data, content_type="multipart/form-data").status_code == 303

    step("/identities/source", place=str(settings.home / "identities.amanah"))
    files = {f"place_{number}": str(settings.home / "keys" / f"identity-{number}.key") for number in (1, 2)}
    phrases = {"passphrase_1": f"{PHRASE} Nadia", "passphrase_2": f"{PHRASE} Owen"}
    step("/identities/unlock", reason="Two lost slips", **files, **phrases)
    for _ in range(600):
        if desk.get("/identities/opening").status_code == 303:
            return desk
        time.sleep(0.02)
    raise AssertionError("the identities were never opened")


def test_two_lost_slips_go_in_one_order_from_the_desk_to_the_field_and_nobody_sees_an_answer(house: House) -> None:
    before = both(house.study)
    # Coming from a person the page is about them alone: no wrong tick takes somebody else out.
    for path in ("/identities/withdraw", "/identities/forget"):
        alone = house.desk.post(path, data={"handle": house.handle("Amina")}).text
        hidden = dict(re.findall(r'<input type="hidden" name="(only|people)" value="(\w+)"', alone))
        assert hidden == dict.fromkeys(("only", "people"), house.handle("Amina"))
        shown = [word in alone for word in ("Amina", f'href="{path}"', "Bilal", "checkbox")]
        assert shown == [True, True, False, False]
        unsaid = said(house.ask(path, **hidden, reason=" "))
        assert ("Please say in a few words why" in unsaid, "Bilal" in unsaid) == (True, False)
    made = house.ask("/identities/withdraw", people=[house.handle("Amina"), house.handle("Bilal")])
    assert "Nothing is erased yet" in said(made)
    order = house.save(made)
    held = read(house.study, order)
    assert (held.withdrawals, held.lines) == (2, 2)
    assert held.mark in made.text
    assert both(house.study) == before
    assert house.journal()[-1] == ("Nadia and Owen", "order_made", REASON)
    carry_out(house.study, order, TODAY, "Mara")
    assert both(house.study) == (before[0] - 2, before[1] - 6)
    found = {name: until_of(house.study.stores.research, tag) for name, tag in house.tags.items()}
    assert [name for name, until in found.items() if until is None] == ["Amina", "Bilal", "Farid"]
    kept = house.desk.application.extensions["amanah_desk"]
    assert (kept.keys, {key.purpose for key in kept.held["identities"].keys}) == ((), {"identity"})


def test_somebody_who_is_described_is_found_and_nobody_is_guessed(house: House) -> None:
    made = house.ask("/identities/withdraw", name="chandra", email="Chandra@example.org")
    assert read(house.study, house.save(made)).withdrawals == 1
    for typed, told in (
        ({"name": "Nobody"}, "Nobody was found"),
        ({"phone": "12"}, "Please type a name"),
        ({}, "Please choose at least one person"),
    ):
        assert told in said(house.ask("/identities/withdraw", **typed))


def test_after_the_cut_off_the_page_says_so_and_contact_details_can_still_be_forgotten(house: House) -> None:
    entries = len(house.journal())
    refused = said(house.ask("/identities/withdraw", people=[house.handle("Farid"), house.handle("Esra")]))
    assert "The cut-off has passed for Farid." in refused
    assert "nobody can find their answers any more, and group results that were published stay" in refused
    assert len(house.journal()) == entries
    before = both(house.study)
    order = house.save(house.ask("/identities/forget", people=[house.handle("Farid")]))
    carry_out(house.study, order, TODAY, "Mara")
    assert both(house.study) == (before[0], before[1] - 1)


def test_once_the_summary_was_sent_those_who_wanted_only_that_are_forgotten_at_once(house: House) -> None:
    page = house.page("/identities/needless")
    assert "The summary was sent: 3 people who asked for the results and nothing else" in page
    order = house.save(house.ask("/identities/needless", which="results"))
    held = read(house.study, order)
    assert (held.withdrawals, len(held.forget)) == (0, 3)
    assert "There is nothing to erase for them" in said(house.ask("/identities/needless", which="overdue"))


def test_an_order_is_not_made_without_a_reason_nor_with_a_name_in_it(house: House) -> None:
    entries, person = len(house.journal()), [house.handle("Dilshad")]
    assert "Please say in a few words why" in said(house.ask("/identities/forget", people=person, reason=" "))
    assert "The reason names somebody" in said(house.ask("/identities/forget", people=person, reason="Esra called"))
    assert len(house.journal()) == entries


def test_an_order_that_the_journal_does_not_take_is_not_made(house: House) -> None:
    key = house.settings.home / "releases" / "release-journal" / "journal.key"
    kept = key.read_bytes()
    house.desk.application.extensions["amanah_desk"].let_go("order")
    key.write_bytes(b"spoilt")
    try:
        refused = house.ask("/identities/forget", people=[house.handle("Dilshad")])
    finally:
        key.write_bytes(kept)
    assert "journal.key is damaged" in said(refused)
    assert house.desk.get("/identities/order").status_code == 303
    token = csrf_in(house.desk.get("/identities/forget").text)
    assert house.desk.post("/identities/order/file", data={"csrf_token": token}).status_code == 303


def test_an_order_of_another_study_is_refused_in_the_field(house: House, keys: Keys) -> None:
    order = house.save(house.ask("/identities/forget", people=[house.handle("Dilshad")]))
    with pytest.raises(OrderRefused):
        carry_out(house.study, order.replace(b"working_together", b"working_otherwise"), TODAY, "Mara")
