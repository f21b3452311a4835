"""A change of mind as a device sends it: sealed here as the page's script seals it there."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from fieldwork.changes import changed_documents
from fieldwork.documents import FinishedVisit
from fieldwork.study import Study
from fieldwork.visits import finish_visit
from instruments.consent import gate
from instruments.sizes import consent_length, contact_length, research_length
from privacy.envelope import Context, Suite
from privacy.receipts import Receipt, labels_of, new_receipt
from privacy.sealing import seal
from storage.vaults import rows
from tests.conftest import TODAY, Keys, counted_bytes
from tests.visits import amina

CONTACT = {"v_name": "Amina", "v_email": "amina@example.org"}
STRANGER = new_receipt(counted_bytes("a stranger to every study"))


def visited(study: Study, contact: Mapping[str, str] | None = None, day: date = TODAY, **said: str) -> Receipt:
    """A visit that has ended: its receipt."""
    typed = {name: values[0] for name, values in amina(study.instrument, **said).items()}
    consent = gate(study.instrument, "young_person", 19, typed)
    visit = FinishedVisit("young_person", "en", "self", {"site": 1, "age": "18-21"}, consent, contact or {})
    return finish_visit(study, visit, day)


def sealed_changes(
    study: Study,
    receipt: Receipt,
    choices: Mapping[str, str],
    contact: Mapping[str, str] | None = None,
    suite: Suite = Suite.XWING,
) -> dict[str, Any]:
    """What a device sends for these changes; every time with ids of its own."""
    labels = labels_of(receipt, study.name)
    documents = changed_documents(study, labels, choices, contact or {}, TODAY)
    lengths = (research_length, consent_length, contact_length)
    proofs = (labels.research_proof, labels.identity_proof, b"")
    assert study.keyring

    def parcel(at: int) -> dict[str, str]:
        purpose, record_id = ("research", "identity", "identity")[at], secrets.token_bytes(16)
        context = Context(purpose, study.name, study.instrument.digest, record_id)
        length = lengths[at](study.instrument)
        envelope = seal(documents[at], study.keyring.active(purpose), context, length, suite).to_bytes()
        told = {"id": record_id.hex(), "envelope": base64.b64encode(envelope).decode()}
        return told | {"proof": proofs[at].hex()} if proofs[at] else told

    head = {"format": "amanah-changes", "version": 1, "instrument": study.instrument.digest}
    parts = dict(zip(("research", "identity", "contact"), (parcel(at) for at in range(3)), strict=True))
    return head | parts | {"replaces_contact": int(contact is not None)}


def withdrawal_of(study: Study, receipt: Receipt) -> dict[str, Any]:
    """What a device sends to withdraw."""
    labels = labels_of(receipt, study.name)
    proofs = {"research": labels.research_proof.hex(), "identity": labels.identity_proof.hex()}
    return {"format": "amanah-withdrawal", "version": 1} | proofs


def opened(study: Study, keys: Keys, purpose: str, kind: str) -> list[dict[str, Any]]:
    """The documents of this kind in a vault, as the desk opens them."""
    vault = study.stores.research if purpose == "research" else study.stores.identity
    key = keys.research if purpose == "research" else keys.identity
    context = (purpose, study.name, study.instrument.digest)
    found = [key.open(envelope, Context(*context, row)) for row, envelope in rows(vault)]
    return [dict(one) for one in found if one["kind"] == kind]


def as_bytes(told: Mapping[str, Any]) -> bytes:
    """As it is sent."""
    return json.dumps(told).encode()
