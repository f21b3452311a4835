"""A finished visit is four sealed envelopes, each as long as everybody's, in two vaults, and a count."""

from __future__ import annotations

import sqlite3
from collections import Counter

import pytest
from sqlalchemy.exc import OperationalError

from config import Settings
from errors import SettingsError
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, count_outcome, finish_visit
from instruments.consent import gate
from instruments.model import Instrument, Value
from instruments.sizes import consent_length, contact_length, link_length, research_length
from privacy.envelope import Context, Suite, sealed_length
from storage.office import tallies
from storage.vaults import Vault, count, rows
from tests.conftest import TODAY, Keys
from tests.visits import amina


def visit(instrument: Instrument, answers: dict[str, Value], contact: dict[str, str] | None = None) -> FinishedVisit:
    said = {name: values[0] for name, values in amina(instrument, o_archive="yes").items()}
    consent = gate(instrument, "young_person", 19, said)
    return FinishedVisit("young_person", "ur", "self", {"site": 1} | answers, consent, contact or {})


def vaults_of(study: Study) -> tuple[Vault, Vault]:
    return study.stores.research, study.stores.identity


def identities(study: Study, keys: Keys) -> dict[str, dict]:
    """The documents of the identity vault, by kind."""
    context = ("identity", study.name, study.instrument.digest)
    found = [keys.identity.open(envelope, Context(*context, row)) for row, envelope in rows(study.stores.identity)]
    return {document["kind"]: document for document in found}


def test_both_documents_open_with_their_own_key_only(study: Study, keys: Keys) -> None:
    finish_visit(study, visit(study.instrument, {"yp_text_1": "listen"}, {"v_name": "Amina"}), TODAY)
    ((research_id, research),) = rows(study.stores.research)
    digest = study.instrument.digest
    record = keys.research.open(research, Context("research", study.name, digest, research_id))
    consent, contact, link = (identities(study, keys)[kind] for kind in ("consent", "contact", "link"))
    assert record["answers"] == {"site": 1, "yp_text_1": "listen"}
    assert record["choices"] == {"o_quote": "no", "o_archive": "yes", "o_audio": "no"}
    assert contact["contact"] == {"v_name": "Amina"}
    version = f"{study.instrument.version}-ur"
    assert {"id": "o_archive", "text_version": version, "answer": "yes"} in consent["record"]["statements"]
    assert link["capsule"] == ""
    told = {str(value) for one in (consent, contact, consent["record"]) for value in one.values()}
    assert not set(map(str, record.values())) & told - {digest, study.name, "ur", "", "self"}


def test_every_record_has_the_same_length_whatever_was_said(study: Study) -> None:
    texts = ["", "no", "😀" * 500]
    contacts: list[dict[str, str]] = [
        {},
        {"v_name": "A"},
        {name: "ن" * 200 for name in ("v_name", "v_phone", "v_email")},
    ]
    for text, contact in zip(texts, contacts, strict=True):
        finish_visit(study, visit(study.instrument, {"yp_text_1": text, "yp_text_2": text}, contact), TODAY)
    instrument, people = study.instrument, len(texts)
    kept = {vault.purpose: Counter(len(one.to_bytes()) for _, one in rows(vault)) for vault in vaults_of(study)}
    wanted = {"research": [research_length], "identity": [consent_length, contact_length, link_length]}
    assert kept == {
        purpose: {sealed_length(Suite.XWING, length(instrument)): people for length in lengths}
        for purpose, lengths in wanted.items()
    }


def test_progress_is_counted_by_site_group_and_month(study: Study) -> None:
    finish_visit(study, visit(study.instrument, {}), TODAY)
    count_outcome(study, "refused", "young_person")
    count_outcome(study, "not_eligible", "young_person")
    told = {(t.outcome, t.group, t.site, t.month, t.count) for t in tallies(study.stores.office)}
    assert told == {
        ("finished", "young_person", "1", "2026-11", 1),
        ("refused", "young_person", "", "", 1),
        ("not_eligible", "young_person", "", "", 1),
    }


def test_when_one_vault_fails_neither_keeps_anything(study: Study, settings: Settings) -> None:
    with sqlite3.connect(settings.home / "stores" / "research.db") as research:
        research.execute("drop table records")
    research.close()
    with pytest.raises(OperationalError):
        finish_visit(study, visit(study.instrument, {}), TODAY)
    assert count(study.stores.identity) == 0
    assert tallies(study.stores.office) == ()


def test_without_public_keys_no_visit_is_taken(study: Study) -> None:
    closed = Study(study.instrument, study.settings, None, study.stores, study.tombstone_files)
    assert not closed.is_open
    with pytest.raises(SettingsError, match="no public keys"):
        finish_visit(closed, visit(study.instrument, {}), TODAY)
    assert count(study.stores.research) == 0


def test_an_instance_opens_the_study_it_was_given(settings: Settings, instrument: Instrument, study: Study) -> None:
    assert study.instrument == instrument
