"""Take in what a device sealed: both envelopes of one visit in one delivery, each kept exactly once.

The format is docs/delivery.md's. Nothing of the request is kept beyond the envelopes, their tags and a tally.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy.exc import SQLAlchemyError

from errors import DeliveryRefused, EnvelopeError, NotAdmitted, SettingsError, StorageError, Withdrawn
from fieldwork.admissions import Admission
from fieldwork.study import Study
from instruments.model import Instrument
from instruments.sizes import identity_length, research_length
from privacy.envelope import RECORD_ID, TAG, Context, Envelope, Suite, sealed_length
from privacy.keys import Keyring
from privacy.receipts import cut_off
from privacy.sealing import wrap
from storage.admissions import spending
from storage.office import count_visit
from storage.tombstones import is_buried
from storage.vaults import Vault, deposit, take_back

FORMAT, VERSION = "amanah-delivery", 1
DIGEST = re.compile("[0-9a-f]{64}")
NOT_A_DELIVERY = "This is not a delivery of a version that this study knows. Nothing was kept."


@dataclass(frozen=True)
class Parcel:
    """One sealed record on its way: 16 bytes of id, 16 of tag."""

    record_id: bytes
    tag: bytes
    envelope: Envelope


@dataclass(frozen=True)
class Delivery:
    """One visit, sealed. `instrument` is the digest it was answered under; `group` serves the tally only."""

    instrument: str
    group: str
    research: Parcel
    identity: Parcel


def read_delivery(data: bytes) -> Delivery:
    """The delivery in these bytes. Raises DeliveryRefused for anything else."""
    try:
        told = json.loads(data)
        if (told.pop("format"), told.pop("version")) == (FORMAT, VERSION) and len(told) == 4:
            return Delivery(_digest(told["instrument"]), _text(told["group"]), _parcel(told["research"]),
                            _parcel(told["identity"]))  # fmt: skip
    except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise DeliveryRefused(NOT_A_DELIVERY)


def take_in(study: Study, delivery: Delivery, admission: Admission, today: date) -> bool:
    """Keep a visit. True when it is new, False when it was kept before.

    Raises DeliveryRefused, NotAdmitted for an invitation that was used already, Withdrawn when the visit was withdrawn
    before it came, IdTaken when other bytes stand under its ids. Then nothing of it is kept.
    """
    instrument = _instrument(study, delivery.instrument)
    if delivery.group not in {group.name for group in instrument.groups}:
        raise DeliveryRefused("This study has no such group. Nothing was kept.")
    _check(study, delivery.research, "research", research_length(instrument))
    _check(study, delivery.identity, "identity", identity_length(instrument))
    if _is_withdrawn(study, delivery):
        raise Withdrawn("This visit was withdrawn. It was not kept.")
    # The receipt's slip names the last day by the version that the visit was answered under.
    until = cut_off(today, instrument.cut_off_days)
    is_new = _admit(study, delivery, admission, until)
    if is_new:
        # The visit is safe by now: a count that fails must not make the device send it again.
        with suppress(SQLAlchemyError):
            group, site = admission.group or delivery.group, admission.site
            count_visit(study.stores.office, "finished", group, site, f"{today:%Y-%m}")
    return is_new


def _admit(study: Study, delivery: Delivery, admission: Admission, until: date) -> bool:
    if admission.kind != "single":
        return _keep(study, delivery, until)[1]
    with spending(study.stores.office, admission.token_hash) as is_first:
        new = _keep(study, delivery, until)
        if any(new) and not is_first:
            _take_out(study, delivery, new)
            raise NotAdmitted("This invitation was used already.")
    # The half that is kept last tells: of two that bring one visit at once, each may be the first with one half.
    return new[1]


def _keep(study: Study, delivery: Delivery, until: date) -> tuple[bool, bool]:
    """Deposit both halves; whether the identity half and the research half are new."""
    first = _deposit(study, study.stores.identity, delivery.identity, delivery.instrument, until)
    try:
        second = _deposit(study, study.stores.research, delivery.research, delivery.instrument, until)
    except StorageError:
        _take_out(study, delivery, (first, False))
        raise
    # A withdrawal writes its tombstones before it erases; one that came between the check and here is seen now.
    if _is_withdrawn(study, delivery):
        # Only what this delivery brought: what was here before is the withdrawal's to erase, or a legal hold's to keep.
        _take_out(study, delivery, (first, second))
        raise Withdrawn("This visit was withdrawn. It was not kept.")
    return first, second


def _take_out(study: Study, delivery: Delivery, new: tuple[bool, bool]) -> None:
    """Take out what this delivery put in, and nothing that was there before it."""
    identity_is_new, research_is_new = new
    if identity_is_new:
        take_back(study.stores.identity, delivery.identity.record_id)
    if research_is_new:
        take_back(study.stores.research, delivery.research.record_id)


def _deposit(study: Study, vault: Vault, parcel: Parcel, instrument: str, until: date) -> bool:
    sent = parcel.envelope
    kept = sent
    if sent.suite is Suite.X25519:
        # At rest everything also withstands a quantum computer, whatever the device's browser could do.
        # Wrapped for the key that it was sealed to, also where that was retired since: one key opens both layers.
        context = Context(vault.purpose, study.name, instrument, parcel.record_id)
        key = next(key for key in _keyring(study).keys if key.key_id(sent.suite) == sent.key_id)
        kept = wrap(sent, replace(key, status="active"), context)
    return deposit(vault, parcel.record_id, parcel.tag, kept, until, delivered=sent)


def _check(study: Study, parcel: Parcel, purpose: Literal["research", "identity"], length: int) -> None:
    envelope = parcel.envelope
    if len(envelope.to_bytes()) != sealed_length(envelope.suite, length):
        raise DeliveryRefused("An envelope has a length that none of this study has. Nothing was kept.")
    # A key that was retired while the tablet was out of reach still opens at the desk.
    known = {key.key_id(envelope.suite) for key in _keyring(study).keys if key.purpose == purpose}
    if envelope.key_id not in known:
        raise DeliveryRefused("An envelope is sealed to a key that is not this study's. Nothing was kept.")


def _is_withdrawn(study: Study, delivery: Delivery) -> bool:
    return any(is_buried(study.stores.office, parcel.tag) for parcel in (delivery.research, delivery.identity))


def _instrument(study: Study, digest: str) -> Instrument:
    # A tablet that was out of reach still brings visits that were answered under an earlier version.
    found = study.version(digest)
    if found is None:
        raise DeliveryRefused("This visit belongs to a version of the questionnaire that this study never had.")
    return found


def _keyring(study: Study) -> Keyring:
    if study.keyring is None:
        raise SettingsError("This study has no public keys yet.")
    return study.keyring


def _parcel(told: Mapping[str, Any]) -> Parcel:
    record_id, tag = bytes.fromhex(told["id"]), bytes.fromhex(told["tag"])
    if len(told) != 3 or len(record_id) != RECORD_ID or len(tag) != TAG:
        raise ValueError("not a parcel")
    try:
        envelope = base64.b64decode(told["envelope"], validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    return Parcel(record_id, tag, Envelope.parse(envelope))


def _digest(value: object) -> str:
    # Before a database is asked for it: text that is no text, or holds a zero byte, would be a crash there.
    if not DIGEST.fullmatch(_text(value)):
        raise ValueError("not a digest")
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
