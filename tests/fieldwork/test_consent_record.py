"""The consent record holds what the study asks for in every route, lasts, and leads to no answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

from app import create_app
from commands import DEFAULT_STUDY
from config import Settings
from errors import AnswersRefused
from fieldwork.documents import FinishedVisit, contact_document, identity_documents
from fieldwork.keeping import length_of
from fieldwork.study import Study
from forms.visit import VisitForm
from instruments.catalogue import load_study
from instruments.consent import Consent, gate, statements_asked
from instruments.model import Instrument, Item
from privacy.documents import canonical
from privacy.receipts import labels_of, new_receipt
from tests.conftest import TODAY, counted_bytes
from tests.visits import amina

# A route: what study.toml says then, the age of who takes part, and which fields last with the consent record.
ROUTES = {
    "self": ({}, 19, []),
    "signed": ({"consent_route": "signed"}, 19, ["v_name", "v_signature"]),
    "verbal_witnessed": ({"consent_route": "verbal_witnessed"}, 19, ["w_code", "w_role"]),
    "parent_and_assent": ({"minor_consent": "parent_and_assent"}, 17, ["v_parent_name"]),
}
FRAME_HEAD = 5


@pytest.fixture(scope="session")
def instrument_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Instrument]:
    """The default study in a route."""
    made: dict[str, Instrument] = {}

    def compiled(route: str) -> Instrument:
        if route not in made:
            folder = tmp_path_factory.mktemp("routes") / "study"
            shutil.copytree(DEFAULT_STUDY, folder)
            lines = (folder / "study.toml").read_text("utf-8").splitlines()
            for name, value in ROUTES[route][0].items():
                place = next(at for at, line in enumerate(lines) if line.startswith(f"{name} = "))
                lines[place] = f'{name} = "{value}"'
            (folder / "study.toml").write_text("\n".join(lines) + "\n", "utf-8")
            made[route] = load_study(folder).instrument
        return made[route]

    return compiled


def identity_items(instrument: Instrument, group: str) -> list[Item]:
    """Every box whose words go into the identity vault."""
    items = [item for part in instrument.visit(group) for block in part.blocks for item in block.items]
    return [item for item in items if item.is_asked and item.kept == "identity" and item.kind != "statement"]


def agreed(instrument: Instrument, group: str, age: int | None) -> Consent:
    return gate(instrument, group, age, {item.name: "yes" for item in statements_asked(instrument, group, age)})


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_keeps_what_the_study_asks_for(
    study: Study, instrument_of: Callable[[str], Instrument], route: str
) -> None:
    instrument, (_, age, attested) = instrument_of(route), ROUTES[route]
    study = replace(study, instrument=instrument)
    consent = agreed(instrument, "young_person", age)
    typed = {item.name: f"typed in {item.name}" for item in identity_items(instrument, "young_person")}
    visit = FinishedVisit("young_person", "ur", "interviewer", {"site": 1}, consent, typed, "K7")
    labels = labels_of(new_receipt(counted_bytes("record")), study.name)
    record_of, contact, link = identity_documents(study, visit, labels, TODAY)
    version = f"{instrument.version}-ur"
    assert record_of["record"] == {
        "schema_version": "ISO/IEC TS 27560:2023; amanah 1",
        "record_id": labels.person.hex(),
        "pii_controllers": ["Working Together Study"],
        "privacy_notice": "info-1.0-ur",
        "purposes": ["research"],
        "language": "ur",
        "route": route,
        "event": {"event_time": "2026-11-23", "event_type": "explicit", "event_state": "given"},
        "interviewer": "K7",
        "attested": {name: f"typed in {name}" for name in attested},
        "statements": [{"id": name, "text_version": version, "answer": said} for name, said in consent.statements],
    }
    # A name is needed for letters as well; everything else that bears consent out stands in its record only.
    assert contact["contact"] == {n: said for n, said in typed.items() if n == "v_name" or n not in attested}
    assert {one["person"] for one in (record_of, contact, link)} == {labels.person.hex()}
    for document in (record_of, contact):
        assert not any(label.hex().encode() in canonical(document) for label in (labels.participant, *tags(labels)))


def tags(labels) -> tuple[bytes, bytes]:
    return labels.research_tag, labels.identity_tag


@pytest.mark.parametrize("route", ROUTES)
def test_the_longest_words_of_every_route_and_group_fit(
    study: Study, instrument_of: Callable[[str], Instrument], route: str
) -> None:
    instrument, age = instrument_of(route), ROUTES[route][1]
    study = replace(study, instrument=instrument)
    labels = labels_of(new_receipt(counted_bytes("longest")), study.name)
    for group in instrument.groups:
        for character in ("😀", '"'):
            words = {item.name: character * item.max_length for item in identity_items(instrument, group.name)}
            consent = agreed(instrument, group.name, age if group.minimum_age else None)
            visit = FinishedVisit(group.name, "zh-Hant-TW-x-a-private-use-code", "self", {}, consent, words, "K" * 8)
            for document in identity_documents(study, visit, labels, TODAY):
                whole = length_of(instrument, "identity", str(document["kind"]))
                assert len(canonical(document)) + FRAME_HEAD <= whole


def test_without_contact_details_the_document_is_there_and_empty(study: Study) -> None:
    consent = agreed(study.instrument, "young_person", 19)
    labels = labels_of(new_receipt(counted_bytes("empty")), study.name)
    visit = FinishedVisit("young_person", "en", "self", {}, consent)
    assert contact_document(study, visit, labels, TODAY)["contact"] == {}


def test_a_witness_gives_a_code_and_a_role_before_the_visit_is_taken(
    settings: Settings, instrument_of: Callable[[str], Instrument]
) -> None:
    instrument = instrument_of("verbal_witnessed")
    typed = amina(instrument) | {"w_code": [""], "w_role": ["Interpreter"]}
    with create_app(settings).test_request_context():
        form = VisitForm(instrument, "young_person", "en", MultiDict(typed))
        with pytest.raises(AnswersRefused):
            form.check()
        assert [field.item.name for field in form.refused] == ["w_code"]
        said = VisitForm(instrument, "young_person", "en", MultiDict(typed | {"w_code": ["R. B."]})).check()
    assert said.contact == {"w_code": "R. B.", "w_role": "Interpreter"}
    assert not said.unkept
