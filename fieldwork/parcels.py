"""One sealed record on its way from a device: read from JSON, checked against the study, wrapped for keeping.

Opens nothing: what is checked is the length, which is one for a kind, and the key, which must be the study's.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pybase64

from errors import DeliveryRefused
from fieldwork.keeping import Limits, keyring_of, length_of
from fieldwork.study import Study
from instruments.model import Instrument
from privacy.envelope import RECORD_ID, TAG, Context, Envelope, Suite, sealed_length
from privacy.sealing import wrap
from storage.vaults import Deposit

Purpose = Literal["research", "identity"]


@dataclass(frozen=True)
class Parcel:
    """One sealed record on its way: 16 bytes of id, 16 of tag. `kind` is what it says it is."""

    purpose: Purpose
    kind: str
    record_id: bytes
    tag: bytes
    envelope: Envelope


def read_parcel(told: Mapping[str, Any], purpose: Purpose, kind: str, tag: bytes | None = None) -> Parcel:
    """A parcel as it was sent; without a tag of its own it goes under `tag`. Raises ValueError, KeyError, TypeError."""
    own = bytes.fromhex(told["tag"]) if tag is None else tag
    record_id = bytes.fromhex(told["id"])
    if len(told) != (2 if tag else 3) or len(record_id) != RECORD_ID or len(own) != TAG:
        raise ValueError("not a parcel")
    try:
        envelope = pybase64.b64decode(told["envelope"], validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    return Parcel(purpose, kind, record_id, own, Envelope.parse(envelope))


def check_parcel(study: Study, instrument: Instrument, parcel: Parcel) -> None:
    """Raises DeliveryRefused for a length or a key that none of this study's records has."""
    envelope = parcel.envelope
    length = length_of(instrument, parcel.purpose, parcel.kind)
    if len(envelope) != sealed_length(envelope.suite, length):
        raise DeliveryRefused("An envelope has a length that none of this study has. Nothing was kept.")
    # A key that was retired while the tablet was out of reach still opens at the desk.
    known = {key.key_id(envelope.suite) for key in keyring_of(study).keys if key.purpose == parcel.purpose}
    if envelope.key_id not in known:
        raise DeliveryRefused("An envelope is sealed to a key that is not this study's. Nothing was kept.")


def to_keep(study: Study, parcel: Parcel, instrument: str, limits: Limits) -> Deposit:
    """What is deposited of a checked parcel: as it was sent, or wrapped once more where that was suite 1."""
    sent = parcel.envelope
    kept = sent
    if sent.suite is Suite.X25519:
        # At rest everything also withstands a quantum computer, whatever the device's browser could do.
        # Wrapped for the key that it was sealed to, also where that was retired since: one key opens both layers.
        context = Context(parcel.purpose, study.name, instrument, parcel.record_id)
        key = next(key for key in keyring_of(study).keys if key.key_id(sent.suite) == sent.key_id)
        kept = wrap(sent, replace(key, status="active"), context)
    return Deposit(parcel.record_id, kept, delivered=sent, limit=limits.get(parcel.kind))
