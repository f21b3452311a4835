"""Take in what a device sealed: the four envelopes of one visit in one delivery, each kept exactly once.

The format is docs/delivery.md's.
Nothing of the request is kept beyond the envelopes, their tags, their limits and a tally.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from errors import DeliveryRefused, EnvelopeError, NotAdmitted, StorageError, Withdrawn
from fieldwork.admissions import Admission
from fieldwork.ending import refuse_late
from fieldwork.keeping import limits_of
from fieldwork.parcels import Parcel, check_parcel, read_parcel, to_keep
from fieldwork.study import Study
from instruments.model import Instrument
from privacy.receipts import cut_off
from storage.admissions import spending
from storage.office import count_visit
from storage.tombstones import is_buried
from storage.vaults import deposit_all, take_back

FORMAT, VERSION = "amanah-delivery", 2
DIGEST = re.compile("[0-9a-f]{64}")
NOT_A_DELIVERY = "This is not a delivery of a version that this study knows. Nothing was kept."


@dataclass(frozen=True)
class Delivery:
    """One visit, sealed. `instrument` is the digest it was answered under; `group` serves the tally only.

    `identities`: the consent record, contact details and the link, all under the identity tag.
    """

    instrument: str
    group: str
    research: Parcel
    identities: tuple[Parcel, ...]

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """All four."""
        return (self.research, *self.identities)

    @property
    def tags(self) -> tuple[bytes, bytes]:
        """The tags of the two vaults, the research vault's first."""
        return self.research.tag, self.identities[0].tag


def read_delivery(data: bytes) -> Delivery:
    """The delivery in these bytes. Raises DeliveryRefused for anything else."""
    try:
        told = json.loads(data)
        if (told.pop("format"), told.pop("version")) == (FORMAT, VERSION) and len(told) == 6:
            consent = read_parcel(told["identity"], "identity", "consent")
            others = (read_parcel(told[kind], "identity", kind, consent.tag) for kind in ("contact", "link"))
            research = read_parcel(told["research"], "research", "record")
            return Delivery(_digest(told["instrument"]), _text(told["group"]), research, (consent, *others))
    except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise DeliveryRefused(NOT_A_DELIVERY)


def take_in(study: Study, delivery: Delivery, admission: Admission, today: date) -> bool:
    """Keep a visit. True when it is new, False when it was kept before.

    Raises DeliveryRefused, NotAdmitted for an invitation that was used already, Withdrawn when the visit was withdrawn
    before it came, IdTaken when other bytes stand under its ids, StudyOver when it comes too late after the study's
    end. Then nothing of it is kept.
    """
    refuse_late(study.ending, today)
    instrument = _instrument(study, delivery.instrument)
    if delivery.group not in {group.name for group in instrument.groups}:
        raise DeliveryRefused("This study has no such group. Nothing was kept.")
    for parcel in delivery.parcels:
        check_parcel(study, instrument, parcel)
    if _is_withdrawn(study, delivery):
        raise Withdrawn("This visit was withdrawn. It was not kept.")
    # The receipt's slip names the last day by the version that the visit was answered under.
    until = cut_off(today, instrument.cut_off_days)
    is_new = _admit(study, delivery, admission, today, until)
    if is_new:
        # The visit is safe by now: a count that fails must not make the device send it again.
        with suppress(SQLAlchemyError):
            group, site = admission.group or delivery.group, admission.site
            count_visit(study.stores.office, "finished", group, site, f"{today:%Y-%m}")
    return is_new


def _admit(study: Study, delivery: Delivery, admission: Admission, today: date, until: date) -> bool:
    if admission.kind != "single":
        return _keep(study, delivery, today, until)[1]
    with spending(study.stores.office, admission.token_hash) as is_first:
        new = _keep(study, delivery, today, until)
        if any(new) and not is_first:
            _take_out(study, delivery, new)
            raise NotAdmitted("This invitation was used already.")
    # The half that is kept last tells: of two that bring one visit at once, each may be the first with one half.
    return new[1]


def _keep(study: Study, delivery: Delivery, today: date, until: date) -> tuple[bool, bool]:
    """Deposit both halves; whether the identity half and the research half are new."""
    research_tag, identity_tag = delivery.tags
    limits = limits_of(study, today, until)
    identities = [to_keep(study, one, delivery.instrument, limits) for one in delivery.identities]
    answers = to_keep(study, delivery.research, delivery.instrument, limits)
    first = deposit_all(study.stores.identity, identity_tag, until, identities)
    try:
        second = deposit_all(study.stores.research, research_tag, until, (answers,))
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
        take_back(study.stores.identity, *(parcel.record_id for parcel in delivery.identities))
    if research_is_new:
        take_back(study.stores.research, delivery.research.record_id)


def _is_withdrawn(study: Study, delivery: Delivery) -> bool:
    return any(is_buried(study.stores.office, tag) for tag in delivery.tags)


def _instrument(study: Study, digest: str) -> Instrument:
    # A tablet that was out of reach still brings visits that were answered under an earlier version.
    found = study.version(digest)
    if found is None:
        raise DeliveryRefused("This visit belongs to a version of the questionnaire that this study never had.")
    return found


def _digest(value: object) -> str:
    # Before a database is asked for it: text that is no text, or holds a zero byte, would be a crash there.
    if not DIGEST.fullmatch(_text(value)):
        raise ValueError("not a digest")
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
