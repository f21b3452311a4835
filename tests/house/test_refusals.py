"""The six refusals of the README, each with a test that fails when the rule is broken."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from commands import DEFAULT_STUDY
from config import Settings
from errors import InstrumentError
from fieldwork.documents import FinishedVisit, identity_documents, research_document
from fieldwork.study import Study
from instruments.catalogue import load_study
from instruments.consent import gate
from instruments.model import Instrument
from privacy.receipts import labels_of, new_receipt
from storage.vaults import count
from tests.conftest import TODAY, counted_bytes
from tests.house.test_imports import files, imports_of, room_of
from tests.visits import amina, leader, officer

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")


@pytest.mark.parametrize(
    ("group", "typed"), [("young_person", amina), ("police_officer", officer), ("community_leader", leader)]
)
def test_1_nobody_needs_a_name_to_take_part(field: FlaskClient, study: Study, group: str, typed) -> None:
    answer = field.post(f"/visit/{group}", data=typed(study.instrument))
    assert RECEIPT.search(answer.text)
    assert (count(study.stores.research), count(study.stores.identity)) == (1, 3)


def test_2_no_release_holds_a_score_of_one_person(released: Path, instrument: Instrument) -> None:
    with (released / "data.csv").open(encoding="utf-8", newline="") as file:
        columns = set(next(csv.reader(file)))
    assert "yp_trust_1" in columns
    assert not columns & {scale.name for scale in instrument.scales}
    recorded = {
        item.name
        for part in instrument.parts
        if part.name == "recorded"
        for block in part.blocks
        for item in block.items
    }
    asked = {item.name for group in instrument.groups for item in instrument.research_items(group.name)}
    assert columns <= {"research_id"} | recorded | asked


@pytest.mark.parametrize("referent", ["own view of violence", "own offence", "own reporting of a crime"])
def test_3_a_study_with_an_item_about_the_persons_own_risk_is_refused(tmp_path: Path, referent: str) -> None:
    folder = tmp_path / "study"
    shutil.copytree(DEFAULT_STUDY, folder)
    sheet = next(path for path in folder.rglob("survey.csv") if "yp_fair_1" in path.read_text("utf-8"))
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    place = rows[0].index("bind::amanah:referent")
    next(row for row in rows if "yp_fair_1" in row)[place] = referent
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(InstrumentError, match=referent):
        load_study(folder)


def test_4_a_record_holds_nothing_about_the_device_the_place_or_the_hour(study: Study) -> None:
    said = {name: values[0] for name, values in amina(study.instrument).items()}
    visit = FinishedVisit("young_person", "en", "self", {"site": 1}, gate(study.instrument, "young_person", 19, said))
    labels = labels_of(new_receipt(counted_bytes("4")), study.name)
    assert set(research_document(study, visit, labels, TODAY)) == {
        "format", "kind", "study", "instrument", "participant", "group", "answers", "choices", "mode", "language",
        "version", "month", "interviewer",
    }  # fmt: skip
    consent, contact, link = identity_documents(study, visit, labels, TODAY)
    head = {"format", "kind", "study", "instrument", "person"}
    assert [set(one) - head for one in (consent, contact, link)] == [
        {"record"}, {"date", "contact"}, {"research_tag", "identity_tag", "capsule"},
    ]  # fmt: skip
    assert set(consent["record"]) == {
        "schema_version", "record_id", "pii_controllers", "privacy_notice", "purposes", "language", "route", "event",
        "interviewer", "attested", "statements",
    }  # fmt: skip
    assert research_document(study, visit, labels, date(2026, 11, 30))["month"] == "2026-11"


def test_5_no_page_shows_what_one_participant_said(signed_in: FlaskClient, study: Study) -> None:
    said = "blessed-marker-of-amina"
    signed_in.post("/visit/young_person", data=amina(study.instrument, yp_text_1=said, o_recontact="yes", v_name=said))
    pages = [rule.rule for rule in signed_in.application.url_map.iter_rules() if "GET" in rule.methods]
    plain = [rule for rule in pages if "<" not in rule]
    assert "/office" in plain
    assert [rule for rule in plain if said.encode() in signed_in.get(rule).data] == []
    # A page about one record would need the record's id, and no address takes one.
    taking = {re.sub(r"^/static/[0-9a-f]{16}/", "/static/", rule) for rule in pages if "<" in rule}
    of_groups = {f"/{kind}/<group>" for kind in ("visit", "sheet", "easy-read", "cards")}
    assert taking <= of_groups | {"/recordings/<name>", "/static/<path:filename>"}


def test_6_nothing_that_runs_in_the_field_reaches_what_opens() -> None:
    field = [path for path in files() if room_of(path) not in ("release", "views/desk") and path.name != "key_files.py"]
    opens = ("privacy.opening", "privacy.key_files", "privacy.shares", "release")
    assert [path for path in field if any(name.startswith(opens) for name in imports_of(path))] == []


def test_6_the_field_apps_instance_opens_nothing_without_the_desk(settings: Settings) -> None:
    kept = [path for path in settings.home.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"amanah-key" in path.read_bytes() and path.suffix == ".key"] == []
