"""Finish a visit: seal what was said into two envelopes, keep them apart, hand out the receipt, forget the rest.

Writes no plaintext anywhere. What links the two envelopes is the receipt alone, and it is not kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from errors import SettingsError
from fieldwork.study import Study
from instruments.consent import Consent
from instruments.model import Value
from instruments.sizes import identity_length, research_length
from privacy.envelope import Context, Envelope
from privacy.keys import Keyring
from privacy.receipts import Labels, cut_off, labels_of, new_receipt
from privacy.receipts import Receipt as Receipt
from privacy.sealing import seal
from storage.office import count_visit
from storage.vaults import Vault, deposit, take_back

Mode = Literal["self", "interviewer", "interpreter"]
RandomBytes = Callable[[int], bytes]
# What the choices steer at the desk is copied into the research record; the rest stays with the consent record.
CHOICES_THAT_STEER_RELEASES = ("o_quote", "o_archive", "o_audio")


@dataclass(frozen=True)
class FinishedVisit:
    """What one participant said, checked and settled. `repr` shows none of it."""

    group: str
    language: str
    mode: Mode
    answers: Mapping[str, Value] = field(repr=False)
    consent: Consent = field(repr=False)
    contact: Mapping[str, str] = field(repr=False, default_factory=dict)
    interviewer: str = ""


def finish_visit(
    study: Study, visit: FinishedVisit, today: date, random_bytes: RandomBytes = secrets.token_bytes
) -> Receipt:
    """Seal and store one visit; return its receipt. Raises SettingsError, StorageError; then nothing is kept."""
    receipt = new_receipt(random_bytes)
    labels = labels_of(receipt, study.name)
    until = last_day(study, today)
    research = research_document(study, visit, labels, today)
    identity = identity_document(study, visit, today)
    keep_both(study, labels, until, research, identity, random_bytes)
    said, known = str(visit.answers.get("site", "")), {choice.code for choice in study.instrument.sites}
    # A tally is not sealed: words that somebody typed never get into it.
    site = said if said in known else ""
    # The visit is safe by now, and its receipt matters more than a count.
    with suppress(SQLAlchemyError):
        count_visit(study.stores.office, "finished", visit.group, site, f"{today:%Y-%m}")
    return receipt


def last_day(study: Study, today: date) -> date:
    """The last day on which a receipt handed out today works."""
    return cut_off(today, study.instrument.cut_off_days)


def count_outcome(study: Study, outcome: Literal["refused", "not_eligible"], group: str) -> None:
    """Count a visit that ended without answers. The count has no time and no place (study consent, section 2)."""
    count_visit(study.stores.office, outcome, group)


def research_document(study: Study, visit: FinishedVisit, labels: Labels, today: date) -> dict[str, object]:
    """The research record, as it is sealed. Carries no name, no day and no consent record."""
    return {
        **_heading(study, "record"),
        "participant": labels.participant.hex(),
        "group": visit.group,
        "answers": {name: _plain(value) for name, value in visit.answers.items()},
        "choices": {name: visit.consent.choices.get(name, "no") for name in CHOICES_THAT_STEER_RELEASES},
        "mode": visit.mode,
        "language": visit.language,
        "version": study.instrument.version,
        "month": f"{today:%Y-%m}",
        "interviewer": visit.interviewer,
    }


def identity_document(study: Study, visit: FinishedVisit, today: date) -> dict[str, object]:
    """The consent record, with contact details only where they were given. Carries no answer and no label."""
    return {
        **_heading(study, "consent"),
        "route": visit.consent.route,
        "sheet": study.instrument.sheet_version,
        "language": visit.language,
        "date": today.isoformat(),
        "interviewer": visit.interviewer,
        "statements": [[name, said] for name, said in visit.consent.statements],
        "contact": dict(visit.contact),
    }


def keep_both(
    study: Study,
    labels: Labels,
    until: date,
    research: Mapping[str, object],
    identity: Mapping[str, object],
    random_bytes: RandomBytes,
) -> None:
    """Seal and deposit one document in each vault; if the second cannot be kept, the first is taken out again."""
    # Everything is sealed before anything is kept, so a failure to seal leaves nothing behind.
    vaults = study.stores.identity, study.stores.research
    first_id, second_id = random_bytes(16), random_bytes(16)
    first = _sealed(study, vaults[0], first_id, identity)
    second = _sealed(study, vaults[1], second_id, research)
    deposit(vaults[0], first_id, labels.identity_tag, first, until)
    try:
        deposit(vaults[1], second_id, labels.research_tag, second, until)
    except BaseException:
        take_back(vaults[0], first_id)
        raise


def _sealed(study: Study, vault: Vault, record_id: bytes, document: Mapping[str, object]) -> Envelope:
    length = research_length if vault.purpose == "research" else identity_length
    context = Context(vault.purpose, study.name, study.instrument.digest, record_id)
    return seal(document, _keyring(study).active(vault.purpose), context, length(study.instrument))


def _keyring(study: Study) -> Keyring:
    if study.keyring is None:
        raise SettingsError("This study has no public keys yet. Make them at the desk, then run `flask keys add`.")
    return study.keyring


def _heading(study: Study, kind: str) -> dict[str, object]:
    return {"format": 1, "kind": kind, "study": study.name, "instrument": study.instrument.digest}


def _plain(value: Value) -> int | str | list[int | str]:
    return list(value) if isinstance(value, tuple) else value
