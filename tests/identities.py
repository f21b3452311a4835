"""Invented people of the identity vault, sealed as the field seals them, and the two custodians who open them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from app import create_app
from commands import addresses_of
from config import Settings
from fieldwork.bundles import make_bundle
from fieldwork.instance import open_study
from instruments.model import Instrument
from privacy.documents import canonical
from privacy.envelope import Context, Envelope, block_length
from privacy.key_files import HeldShare, lock_share
from privacy.keys import PURPOSES
from privacy.opening import PrivateKey
from privacy.sealing import seal
from privacy.shares import split
from release.source import Source
from storage.vaults import count
from tests.conftest import TODAY, Keys, counted_bytes, new_instance
from tests.visits import amina

PHRASES = ("a lamp kettle orbit violin meadow", "candle harbor mitten saddle turnip")
YES = ("c_info", "c_part")


@dataclass(frozen=True)
class Somebody:
    """One person: what they chose, how to reach them, what they changed later. `tags`: what their link says."""

    number: int
    choices: Mapping[str, str] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    day: date = TODAY
    changes: tuple[tuple[date, Mapping[str, str]], ...] = ()
    contacts_later: tuple[tuple[date, Mapping[str, str]], ...] = ()
    language: str = "en"
    statements: tuple[str, ...] = YES
    attested: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.number:032x}"

    @property
    def tags(self) -> tuple[str, str]:
        return f"{self.number + 10**6:032x}", f"{self.number + 10**7:032x}"

    def documents(self, instrument: Instrument) -> Iterator[dict[str, Any]]:
        yield self._with(instrument, "consent", record=self._record(instrument))
        yield self._with(instrument, "contact", date=self.day.isoformat(), contact=dict(self.contact))
        yield self._with(instrument, "link", research_tag=self.tags[0], identity_tag=self.tags[1], capsule="")
        for day, changed in self.changes:
            statements = [[name, said] for name, said in changed.items()]
            yield self._with(instrument, "choices", date=day.isoformat(), statements=statements)
        for day, contact in self.contacts_later:
            yield self._with(instrument, "contact", date=day.isoformat(), contact=dict(contact))

    def _record(self, instrument: Instrument) -> dict[str, Any]:
        said = dict.fromkeys(self.statements, "yes") | dict(self.choices)
        version = f"{instrument.version}-{self.language}"
        return {
            "schema_version": "ISO/IEC TS 27560:2023; amanah 1",
            "record_id": self.label,
            "pii_controllers": ["Working Together Study"],
            "privacy_notice": instrument.sheet_in(self.language),
            "purposes": ["research"],
            "language": self.language,
            "route": "signed" if self.attested else "self",
            "event": {"event_time": self.day.isoformat(), "event_type": "explicit", "event_state": "given"},
            "interviewer": "",
            "attested": dict(self.attested),
            "statements": [{"id": name, "text_version": version, "answer": answer} for name, answer in said.items()],
        }

    def _with(self, instrument: Instrument, kind: str, **told: Any) -> dict[str, Any]:
        heading = {"format": 2, "kind": kind, "study": instrument.study, "instrument": instrument.digest}
        return {**heading, "person": self.label, **told}


def sealed(people: Sequence[Somebody], instrument: Instrument, key: PrivateKey) -> tuple[tuple[bytes, Envelope], ...]:
    """Every document of these people under an id of its own, in the order of ids."""
    ids = counted_bytes(f"rows of {len(people)}")
    return tuple(
        sorted(
            (
                (record_id, in_an_envelope(document, instrument, key, record_id))
                for person in people
                for document in person.documents(instrument)
                for record_id in (ids(16),)
            ),
            key=lambda row: row[0],
        )
    )


def in_an_envelope(document: Mapping[str, Any], instrument: Instrument, key: PrivateKey, record_id: bytes) -> Envelope:
    context = Context("identity", key.study, instrument.digest, record_id)
    return seal(document, key.public(), context, block_length(len(canonical(document))))


def source_of(people: Sequence[Somebody], instrument: Instrument, key: PrivateKey, **told: Any) -> Source:
    """The identity vault with these people in it."""
    return Source("test", instrument.study, {instrument.digest: instrument}, sealed(people, instrument, key), **told)


def custodians_files(key: PrivateKey, names: Sequence[str] = ("Nadia", "Owen")) -> tuple[bytes, ...]:
    """The key files of this key's custodians, under PHRASES, in one division of the key."""
    short = key.public().short
    shares = split(key.seed, "identity", len(names))
    phrases = (*PHRASES, PHRASES[0])
    return tuple(
        lock_share(HeldShare(key.study, short, name, share), phrase, os.urandom)
        for name, share, phrase in zip(names, shares, phrases, strict=False)
    )


AMINA = {"o_results": "yes", "v_name": "Amina Khan", "v_phone": "+44 7700 900123", "v_contact_how": "Text first"}
YUSUF = {"o_results": "yes", "o_recontact": "yes", "v_name": "Yusuf Ali", "v_email": "yusuf@example.org"}


@dataclass(frozen=True)
class Vaults:
    """What came in from the field: both bundles, and the custodians' files. `marker` stands in each answer."""

    settings: Settings
    identity: bytes
    research: bytes
    files: tuple[bytes, ...]
    marker: str = "marker-of-an-answer"


def taken_in(
    folder: Path, keys: Keys, said: Sequence[Mapping[str, str]], settings: Settings | None = None
) -> Vaults:
    """A visit each, as an instance took it in and gave it out again; a new one in this folder, where none is given."""
    settings = settings or new_instance(folder / "instance", keys)
    study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    with create_app(settings).test_client() as field_app:
        for one in said:
            typed = amina(study.instrument, yp_text_1=Vaults.marker, **one)
            assert field_app.post("/visit/young_person", data=typed).status_code == 200
    for purpose in PURPOSES:
        make_bundle(study, folder / purpose, "Mara", TODAY, purpose)
    assert count(study.stores.identity) == 3 * len(said)
    bundles = {purpose: (folder / purpose).read_bytes() for purpose in PURPOSES}
    return Vaults(settings, bundles["identity"], bundles["research"], custodians_files(keys.identity))
