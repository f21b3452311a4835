"""Take in what a device sealed: the four envelopes of one visit in one delivery, each kept exactly once.

Of several that come in one request each is kept or refused for itself, as if it had come alone.
The format is docs/delivery.md's.
Nothing of the request is kept beyond the envelopes, their tags, their limits and a tally.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError

from errors import AmanahError, DeliveryRefused, EnvelopeError, IdTaken, NotAdmitted, StoreAway, StudyOver, Withdrawn
from fieldwork.admissions import Admission
from fieldwork.ending import refuse_late
from fieldwork.hold import hold_in_force
from fieldwork.keeping import limits_of
from fieldwork.parcels import Parcel, check_parcel, read_parcel, to_keep
from fieldwork.study import Study
from instruments.model import Instrument
from privacy.receipts import cut_off
from storage.admissions import spending
from storage.office import Place, count_visits
from storage.tombstones import buried
from storage.vaults import Lot, deposit_lots, erase, take_back, until_of

FORMAT, VERSION = "amanah-delivery", 2
SEVERAL, SEVERAL_VERSION = "amanah-deliveries", 1
MOST = 20  # visits in one request; static/lots.js sends no more
DIGEST = re.compile("[0-9a-f]{64}")
NOT_A_DELIVERY = "This is not a delivery of a version that this study knows. Nothing was kept."
NOT_DELIVERIES = "These are no deliveries of a version that this study knows. Nothing was kept."
# What says that a visit will never be kept. Whatever else goes wrong is the study's, and may go by.
REFUSALS = (DeliveryRefused, NotAdmitted, StudyOver, Withdrawn, IdTaken)


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
        return _read(orjson.loads(data))
    except ValueError:
        raise DeliveryRefused(NOT_A_DELIVERY) from None


def read_deliveries(data: bytes) -> list[Delivery | DeliveryRefused]:
    """The deliveries in the bytes of one request for several. Raises DeliveryRefused for anything else."""
    try:
        told = orjson.loads(data)
        if (told.pop("format"), told.pop("version")) == (SEVERAL, SEVERAL_VERSION) and set(told) == {"deliveries"}:
            if isinstance(told["deliveries"], list) and 1 <= len(told["deliveries"]) <= MOST:
                return [_read_one(one) for one in told["deliveries"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise DeliveryRefused(NOT_DELIVERIES)


def take_in(study: Study, delivery: Delivery, admission: Admission, today: date) -> bool:
    """Keep a visit. True when it is new, False when it was kept before.

    Raises DeliveryRefused, NotAdmitted for an invitation that was used already, Withdrawn when the visit was withdrawn
    before it came, IdTaken when other bytes stand under its ids, StudyOver when it comes too late after the study's
    end. Then nothing of it is kept.
    """
    (came,) = take_in_all(study, (delivery,), admission, today)
    if isinstance(came, AmanahError):
        raise came
    return came


def take_in_all(
    study: Study, deliveries: Sequence[Delivery], admission: Admission, today: date
) -> list[bool | AmanahError]:
    """Keep visits, each for itself: of each what `take_in` says, or the error that it raises."""
    arrivals = [_arrival(study, one, admission, today) for one in deliveries]
    wanted = _wanted(arrivals)
    if admission.kind == "single":
        for one in wanted:
            _keep_invited(study, one, admission)
        _count(study, wanted)
    else:
        try:
            study.stores.arriving.do(wanted, partial(_keep_and_count, study))
        finally:
            _clear(study, wanted)
    return [one.refused or one.is_new for one in arrivals]


@dataclass
class _Arrival:
    """A visit on its way into the vaults. `lots` and `new`: of the identity vault, then of the research vault.

    `graves`: those of its tags that were withdrawn.
    """

    delivery: Delivery
    place: Place
    lots: tuple[Lot, ...] = ()
    new: tuple[bool, bool] = (False, False)
    graves: frozenset[bytes] = frozenset()
    refused: AmanahError | None = None

    @property
    def is_new(self) -> bool:
        # The half that is kept last tells: of two that bring one visit at once, each may be the first with one half.
        return self.new[1]


def _arrival(study: Study, delivery: Delivery, admission: Admission, today: date) -> _Arrival:
    place = Place("finished", admission.group or delivery.group, admission.site, f"{today:%Y-%m}")
    try:
        return _Arrival(delivery, place, _lots_of(study, delivery, today))
    except (DeliveryRefused, StudyOver) as error:
        return _Arrival(delivery, place, refused=error)


def _lots_of(study: Study, delivery: Delivery, today: date) -> tuple[Lot, Lot]:
    refuse_late(study.ending, today)
    instrument = _instrument(study, delivery.instrument)
    if delivery.group not in {group.name for group in instrument.groups}:
        raise DeliveryRefused("This study has no such group. Nothing was kept.")
    for parcel in delivery.parcels:
        check_parcel(study, instrument, parcel)
    # The receipt's slip names the last day by the version that the visit was answered under.
    until = cut_off(today, instrument.cut_off_days)
    limits, (research_tag, identity_tag) = limits_of(study, today, until), delivery.tags
    research, *identities = (to_keep(study, one, delivery.instrument, limits) for one in delivery.parcels)
    return Lot(identity_tag, until, tuple(identities)), Lot(research_tag, until, (research,))


def _wanted(arrivals: Sequence[_Arrival]) -> list[_Arrival]:
    return [one for one in arrivals if one.refused is None]


def _keep_invited(study: Study, arrival: _Arrival, admission: Admission) -> None:
    """Keep a visit whose invitation holds for one alone, and is spent only if this is kept."""
    try:
        with spending(study.stores.office, admission.token_hash) as is_first:
            try:
                _keep(study, [arrival])
                if arrival.refused is None and any(arrival.new) and not is_first:
                    arrival.refused = NotAdmitted("This invitation was used already.")
            finally:
                _clear(study, [arrival])
            if arrival.refused:
                raise arrival.refused
    except REFUSALS as error:
        arrival.refused = error


def _keep_and_count(study: Study, arrivals: Sequence[_Arrival]) -> Sequence[_Arrival]:
    """Keep what several brought at one moment; the arrivals tell what came of each."""
    _keep(study, arrivals)
    _count(study, arrivals)
    return arrivals


def _keep(study: Study, arrivals: Sequence[_Arrival]) -> None:
    """Deposit both halves of each; the identity half first. What `_clear` is to take out stands there until then."""
    _refuse_withdrawn(study, arrivals)
    for half, vault in enumerate((study.stores.identity, study.stores.research)):
        wanted = _wanted(arrivals)
        for one, came in zip(wanted, deposit_lots(vault, [one.lots[half] for one in wanted]), strict=True):
            if isinstance(came, IdTaken):
                one.refused = came
            else:
                one.new = (one.new[0], came) if half else (came, False)
    # A withdrawal writes its tombstones before it erases; one that came between the check and here is seen now.
    _refuse_withdrawn(study, arrivals)


def _refuse_withdrawn(study: Study, arrivals: Sequence[_Arrival]) -> None:
    wanted = _wanted(arrivals)
    graves = buried(study.stores.office, [tag for one in wanted for tag in one.delivery.tags])
    for one in wanted:
        one.graves = graves.intersection(one.delivery.tags)
        if one.graves:
            one.refused = Withdrawn("This visit was withdrawn. It was not kept.")


def _clear(study: Study, arrivals: Sequence[_Arrival]) -> None:
    """Take out of what was refused all that came with it, and what was withdrawn once more.

    By whoever brought it: a store that is being read for long keeps nobody waiting who came with them, and fails none
    of theirs. Of several each is tried, whatever goes wrong with another.
    """
    with ExitStack() as each:
        for one in arrivals:
            if one.refused:
                each.callback(_erase_again, study, one)
                each.callback(_take_out, study, one)


def _erase_again(study: Study, arrival: _Arrival) -> None:
    """Erase what was here before of a withdrawn visit, unless a legal hold keeps it.

    An earlier try may have ended between keeping it and looking here. By the buried tags alone, so that a delivery of
    somebody's making takes nobody else's records along.
    """
    vaults = (study.stores.identity, study.stores.research)
    for vault, lot in zip(vaults, arrival.lots, strict=True):
        if lot.tag in arrival.graves and until_of(vault, lot.tag) and hold_in_force(study.stores.office) is None:
            erase(vault, lot.tag)


def _take_out(study: Study, arrival: _Arrival) -> None:
    """Take out what this delivery put in, and nothing that was there before it."""
    vaults = (study.stores.identity, study.stores.research)
    for vault, lot, is_new in zip(vaults, arrival.lots, arrival.new, strict=True):
        if is_new:
            take_back(vault, *(one.record_id for one in lot.deposits), tag=lot.tag)


def _count(study: Study, arrivals: Sequence[_Arrival]) -> None:
    # The visits are safe by now: a count that fails must not make the device send them again.
    with suppress(SQLAlchemyError, StoreAway):
        count_visits(study.stores.office, [one.place for one in _wanted(arrivals) if one.is_new])


def _read_one(told: object) -> Delivery | DeliveryRefused:
    try:
        return _read(told)
    except ValueError:
        return DeliveryRefused(NOT_A_DELIVERY)


def _read(told: Any) -> Delivery:
    """A delivery from its JSON. Raises ValueError."""
    try:
        if (told.pop("format"), told.pop("version")) == (FORMAT, VERSION) and len(told) == 6:
            consent = read_parcel(told["identity"], "identity", "consent")
            others = (read_parcel(told[kind], "identity", kind, consent.tag) for kind in ("contact", "link"))
            research = read_parcel(told["research"], "research", "record")
            return Delivery(_digest(told["instrument"]), _text(told["group"]), research, (consent, *others))
    except (EnvelopeError, KeyError, TypeError, AttributeError):
        pass
    raise ValueError("not a delivery")


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
