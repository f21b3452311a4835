"""Amina's visit as her device sends it: its four documents sealed here as the page's script seals them there."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fieldwork.documents import FinishedVisit, identity_documents, research_document
from fieldwork.keeping import length_of
from fieldwork.parcels import Purpose
from fieldwork.study import Study
from instruments.answers import settle
from instruments.consent import gate
from privacy.envelope import Context, Envelope, Suite
from privacy.keys import Keyring
from privacy.receipts import Receipt, labels_of, new_receipt
from privacy.sealing import seal
from tests.conftest import TODAY, counted_bytes
from tests.visits import amina


@dataclass(frozen=True)
class Sent:
    """One delivery: what is sent, and what only the device and the participant know."""

    told: Mapping[str, object]
    receipt: Receipt
    said: Mapping[str, object]

    @property
    def data(self) -> bytes:
        return json.dumps(self.told).encode()

    def with_half(self, half: str, **changes: object) -> Sent:
        """The same delivery with something changed in one of its parcels."""
        return self.changed(**{half: {**self.parcel(half), **changes}})

    def changed(self, **changes: object) -> Sent:
        """The same delivery with something changed in its head."""
        return replace(self, told={**self.told, **changes})

    def parcel(self, half: str) -> dict[str, str]:
        found = self.told[half]
        assert isinstance(found, dict)
        return found

    def envelope(self, half: str) -> Envelope:
        return Envelope.parse(base64.b64decode(self.parcel(half)["envelope"]))


def a_visit(study: Study, seed: str = "", contact_given: Mapping[str, str] | None = None) -> FinishedVisit:
    """What a young person in London said and agreed to."""
    said = {name: values[0] for name, values in amina(study.instrument).items()}
    consent = gate(study.instrument, "young_person", 19, said)
    answered = {"elig_muslim": 1, "age": 19, "site": 1, "sex": 1, "yp_text_1": f"said {seed}"}
    answers = settle(study.instrument, "young_person", answered)
    return FinishedVisit("young_person", "en", "self", answers, consent, contact_given or {})


def sealed_visit(
    study: Study,
    seed: str,
    suite: Suite = Suite.XWING,
    keyring: Keyring | None = None,
    contact_given: Mapping[str, str] | None = None,
) -> Sent:
    """A visit of a young person in London; another seed, another visit. `keyring` where the device has an older one."""
    random_bytes = counted_bytes(f"delivery {seed}")
    receipt = new_receipt(random_bytes)
    labels = labels_of(receipt, study.name)
    visit = a_visit(study, seed, contact_given)
    research = research_document(study, visit, labels, TODAY)
    ring = keyring or study.keyring
    assert ring

    def parcel(document: Mapping[str, object], **tag: str) -> dict[str, str]:
        purpose: Purpose = "research" if document["kind"] == "record" else "identity"
        record_id, length = random_bytes(16), length_of(study.instrument, purpose, str(document["kind"]))
        context = Context(purpose, study.name, study.instrument.digest, record_id)
        envelope = seal(document, ring.active(purpose), context, length, suite)
        return {"id": record_id.hex(), "envelope": base64.b64encode(envelope.to_bytes()).decode(), **tag}

    consent_record, contact, link = identity_documents(study, visit, labels, TODAY)

    told = {
        "format": "amanah-delivery",
        "version": 2,
        "instrument": study.instrument.digest,
        "group": "young_person",
        "research": parcel(research, tag=labels.research_tag.hex()),
        "identity": parcel(consent_record, tag=labels.identity_tag.hex()),
        "contact": parcel(contact),
        "link": parcel(link),
    }
    return Sent(told, receipt, research)


def several(*told: Mapping[str, object]) -> dict[str, object]:
    """One message with these deliveries."""
    return {"format": "amanah-deliveries", "version": 1, "deliveries": list(told)}
