"""The four documents of a visit, as they are sealed: answers, consent record, contact details, link of the vaults.

Every visit has all four, each of a fixed length, so that nobody can tell from what is kept who gave contact details.
The consent record is shaped as ISO/IEC TS 27560:2023 (Consent record information structure) shapes one, with its
names (`schema_version`, `record_id`, `pii_controllers`, `privacy_notice`, `language`, `purposes`, `event`), as the DPV
community group's guide to it (https://w3id.org/dpv/guides/consent-27560, 2024) lays them out; docs/consent-record.md
says what stands in each and what was left out. static/documents.js writes the same documents, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from fieldwork.keeping import keyring_of
from fieldwork.study import Study
from instruments.consent import Consent, attested_fields, is_contact_detail
from instruments.model import Instrument, Value
from privacy.capsules import capsule_of
from privacy.receipts import Labels

Mode = Literal["self", "interviewer", "interpreter"]
Document = dict[str, object]
# What the choices steer at the desk is copied into the research record; the rest stays with the consent record.
CHOICES_THAT_STEER_RELEASES = ("o_quote", "o_archive", "o_audio")
SHAPE = "ISO/IEC TS 27560:2023; amanah 1"
RESEARCH_FORMAT, IDENTITY_FORMAT = 1, 2


@dataclass(frozen=True)
class FinishedVisit:
    """What one participant said, checked and settled. `repr` shows none of it.

    `contact` holds every field of the identity vault that was typed: contact details, and what bears the consent out.
    `earlier`: the capsule of an invitation to a later wave (privacy/capsules.py); "" where nobody brought one.
    """

    group: str
    language: str
    mode: Mode
    answers: Mapping[str, Value] = field(repr=False)
    consent: Consent = field(repr=False)
    contact: Mapping[str, str] = field(repr=False, default_factory=dict)
    interviewer: str = ""
    earlier: str = field(repr=False, default="")


def research_document(study: Study, visit: FinishedVisit, labels: Labels, today: date) -> Document:
    """The research record. Carries no name, no day and no consent record."""
    return {
        **heading(study, "record"),
        "participant": labels.participant.hex(),
        "group": visit.group,
        "answers": {name: _plain(value) for name, value in visit.answers.items()},
        "choices": {name: visit.consent.choices.get(name, "no") for name in CHOICES_THAT_STEER_RELEASES},
        "mode": visit.mode,
        "language": visit.language,
        "version": study.instrument.version,
        "month": f"{today:%Y-%m}",
        "interviewer": visit.interviewer,
        **_of_wave(study.instrument, visit),
    }


def identity_documents(study: Study, visit: FinishedVisit, labels: Labels, today: date) -> tuple[Document, ...]:
    """The three documents of the identity vault; the consent record, which stays longest, first."""
    given = (study, visit, labels, today)
    return consent_document(*given), contact_document(*given), link_document(study, labels, visit.earlier)


def consent_document(study: Study, visit: FinishedVisit, labels: Labels, today: date) -> Document:
    """The consent record: who agreed to which words, when and how. Carries no answer and nothing that leads to one."""
    version = text_version(study, visit.language)
    attested = attested_fields(study.instrument)
    record = {
        **standing_record(study, visit.language),
        "record_id": labels.person.hex(),
        "language": visit.language,
        "route": visit.consent.route,
        "event": {"event_time": today.isoformat(), "event_type": "explicit", "event_state": "given"},
        "interviewer": visit.interviewer,
        "attested": {name: said for name, said in visit.contact.items() if name in attested},
        "statements": [{"id": id_, "text_version": version, "answer": said} for id_, said in visit.consent.statements],
    }
    return {**heading(study, "consent", labels), "record": record}


def contact_document(study: Study, visit: FinishedVisit, labels: Labels, today: date) -> Document:
    """The contact details; empty where none were given, which nobody sees from outside."""
    attested = attested_fields(study.instrument)
    details = {name: said for name, said in visit.contact.items() if is_contact_detail(name, attested)}
    return {**heading(study, "contact", labels), "date": today.isoformat(), "contact": details}


def link_document(study: Study, labels: Labels, earlier: str = "") -> Document:
    """The one thing that leads from an identity to its answers; destroyed at the cut-off.

    Where the study comes back, it holds the capsule for the next wave: the one that was brought along from an earlier
    wave, so that all waves of a person have one label, else one of this visit's own label.
    """
    tags = {"research_tag": labels.research_tag.hex(), "identity_tag": labels.identity_tag.hex()}
    capsule = ""
    if study.instrument.waves > 1:
        capsule = earlier or capsule_of(labels.participant, keyring_of(study).active("research"))
    return {**heading(study, "link", labels), **tags, "capsule": capsule}


def heading(study: Study, kind: str, labels: Labels | None = None) -> Document:
    """How a document begins: of the identity vault where `labels` are given, whose `person` joins its rows."""
    told: Document = {"kind": kind, "study": study.name, "instrument": study.instrument.digest}
    if labels is None:
        return {"format": RESEARCH_FORMAT, **told}
    return {"format": IDENTITY_FORMAT, **told, "person": labels.person.hex()}


def standing_record(study: Study, language: str) -> dict[str, Any]:
    """What is the same in every consent record of this version in this language."""
    return {
        "schema_version": SHAPE,
        "pii_controllers": [study.instrument.title.translations[0][1]],
        "privacy_notice": study.instrument.sheet_in(language),
        "purposes": ["research"],
    }


def text_version(study: Study, language: str) -> str:
    """The version of the words that were read; the instrument's digest beside it fixes them to the letter."""
    return f"{study.instrument.version}-{language}"


def _of_wave(instrument: Instrument, visit: FinishedVisit) -> Document:
    return {"wave": instrument.wave, "earlier": visit.earlier} if instrument.waves > 1 else {}


def _plain(value: Value) -> int | str | list[int | str]:
    return list(value) if isinstance(value, tuple) else value
