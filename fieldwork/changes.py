"""Changing one's mind after the visit: one more sealed document in each vault; contact details replace the former.

Opens nothing and edits nothing: earlier consent stays in its history, and at the desk the latest counts. Whoever
sends the proofs of both tags may change a visit: no database, link or order has them. No answer tells if it is here.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from errors import DeliveryRefused, EnvelopeError, IdTaken
from fieldwork.documents import CHOICES_THAT_STEER_RELEASES, Document, heading
from fieldwork.hold import hold_in_force
from fieldwork.keeping import RandomBytes, limits_of, sealed
from fieldwork.parcels import Parcel, Purpose, check_parcel, read_parcel, to_keep
from fieldwork.plan import DEFAULTS, told_of
from fieldwork.study import Study
from fieldwork.withdrawal import take_out
from instruments.changing import choices_of, contact_of
from instruments.model import Instrument
from instruments.sizes import consent_length, contact_length, research_length
from privacy.receipts import Labels, labels_of, read_receipt, tag_of
from storage.engines import checkpoint
from storage.tombstones import is_buried
from storage.vaults import Kind, Limit, deposit_all, how_many, limit_of, take_back, until_of, write_semblance

FORMAT, VERSION = "amanah-changes", 1
WITHDRAWAL, WITHDRAWAL_VERSION = "amanah-withdrawal", 1
MOST_CHANGES = 20  # of one visit, so that whoever has a code cannot fill the disk
NOT_CHANGES = "These are no changes of a version that this study knows. Nothing was changed."
NOT_A_WITHDRAWAL = "This is not a withdrawal of a version that this study knows. Nothing was erased."
PROOF = re.compile("[0-9a-f]{32}")
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Changes:
    """A change on its way, sealed. `contact` takes the place of the former details only where it `replaces_contact`."""

    instrument: str
    research: Parcel
    identity: Parcel
    contact: Parcel
    replaces_contact: bool

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """All three."""
        return self.research, self.identity, self.contact

    @property
    def tags(self) -> tuple[bytes, bytes]:
        """The tags of the two vaults, the research vault's first."""
        return self.research.tag, self.identity.tag


def read_changes(data: bytes) -> Changes:
    """The changes in these bytes. Raises DeliveryRefused for anything else."""
    try:
        told = json.loads(data)
        if (told.pop("format"), told.pop("version")) == (FORMAT, VERSION) and len(told) == 5:
            identity = _proven(told["identity"], "identity")
            contact = read_parcel(told["contact"], "identity", "contact", identity.tag)
            research = _proven(told["research"], "research")
            digest, replaces = _matching(DIGEST, told["instrument"]), _one_or_nought(told["replaces_contact"])
            return Changes(digest, research, identity, contact, replaces)
    except (EnvelopeError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise DeliveryRefused(NOT_CHANGES)


def read_withdrawal(data: bytes) -> tuple[bytes, bytes]:
    """The research tag and the identity tag that a withdrawal proves. Raises DeliveryRefused for anything else."""
    try:
        told = json.loads(data)
        if (told.pop("format"), told.pop("version")) == (WITHDRAWAL, WITHDRAWAL_VERSION) and len(told) == 2:
            research, identity = (_tag(told[name]) for name in ("research", "identity"))
            return research, identity
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise DeliveryRefused(NOT_A_WITHDRAWAL)


def take_changes(study: Study, changes: Changes, today: date) -> None:
    """Keep a change where its visit is here, was not withdrawn and has room for another; else nothing.

    Raises DeliveryRefused for what no device of this study would send, whether or not the visit is here.
    """
    instrument = study.version(changes.instrument)
    if instrument is None:
        raise DeliveryRefused("These changes belong to a version of the questionnaire that this study never had.")
    for parcel in changes.parcels:
        check_parcel(study, instrument, parcel)
    is_kept = False
    is_full = how_many(study.stores.research, changes.research.tag) > MOST_CHANGES
    if not _is_withdrawn(study, changes) and not is_full:
        # Other bytes under one of these ids tell the sender nothing either.
        with suppress(IdTaken):
            is_kept = _keep(study, changes, today)
    if not is_kept:
        _write_as_much(study, changes)
    # A withdrawal writes its tombstones before it erases; one that came between the check and here is seen now.
    if is_kept and _is_withdrawn(study, changes):
        take_out(study, *changes.tags, today)


def change_mind(
    study: Study,
    typed: str,
    choices: Mapping[str, str],
    contact: Mapping[str, str] | None,
    today: date,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> None:
    """Change the visit that a code stands for, on the plain path. Raises ReceiptError; an unknown code is no error.

    `choices` maps the ids of optional statements to "yes" or "no"; `contact` is None where it stays as it is.
    """
    labels = labels_of(read_receipt(typed), study.name)
    documents = changed_documents(study, labels, choices, contact or {}, today)
    research = _parcel(study, "research", labels.research_tag, documents[0], random_bytes)
    identity, details = (
        _parcel(study, "identity", labels.identity_tag, document, random_bytes) for document in documents[1:]
    )
    take_changes(study, Changes(study.instrument.digest, research, identity, details, contact is not None), today)


def changed_documents(
    study: Study, labels: Labels, choices: Mapping[str, str], contact: Mapping[str, str], today: date
) -> tuple[Document, Document, Document]:
    """What a change is sealed from: for the answers' vault, for the identity vault, and the contact details."""
    steering = {name: said for name, said in choices.items() if name in CHOICES_THAT_STEER_RELEASES}
    day = {"date": today.isoformat()}
    return (
        heading(study, "choices") | day | {"participant": labels.participant.hex(), "choices": steering},
        heading(study, "choices", labels) | day | {"statements": [list(said) for said in sorted(choices.items())]},
        heading(study, "contact", labels) | day | {"contact": dict(contact)},
    )


def plan_of_changes(study: Study, language: str) -> dict[str, Any]:
    """What the page for changes tells its script: what may be changed, and what sealing needs. No secret."""
    instrument = study.instrument
    parts = (("consent", "choices", choices_of(instrument)), ("contact", "contact", contact_of(instrument)))
    return {
        "study": study.name,
        "instrument": instrument.digest,
        "lengths": _lengths(instrument),
        "steering": list(CHOICES_THAT_STEER_RELEASES),
        "defaults": DEFAULTS,
        "items": [told_of(instrument, item, part, block, language) for part, block, items in parts for item in items],
    }


def _lengths(instrument: Instrument) -> dict[str, int]:
    return {
        "research": research_length(instrument),
        "choices": consent_length(instrument),
        "contact": contact_length(instrument),
    }


def _write_as_much(study: Study, changes: Changes) -> None:
    """What `_keep` would write, and nothing of it stays: the time must not tell whether a visit is here."""
    coming = (changes.identity, changes.contact) if changes.replaces_contact else (changes.identity,)
    for vault, parcels in ((study.stores.research, (changes.research,)), (study.stores.identity, coming)):
        kept = (to_keep(study, one, changes.instrument, {}).envelope for one in parcels)
        write_semblance(vault, [*map(len, kept)], secrets.token_bytes)
    if changes.replaces_contact:
        checkpoint(study.stores.identity.engine)


def _keep(study: Study, changes: Changes, today: date) -> bool:
    """Keep each parcel as long as the visit that it belongs to: the answers' first, as the identities' may replace.

    True where it is kept now, False where the visit is not here or the same came before.
    """
    vaults = study.stores.research, study.stores.identity
    untils = [until_of(vault, tag) for vault, tag in zip(vaults, changes.tags, strict=True)]
    if untils[0] is None or untils[1] is None:
        return False
    research = to_keep(study, changes.research, changes.instrument, {})
    is_new = deposit_all(vaults[0], changes.research.tag, untils[0], (research,))
    coming = (changes.identity, changes.contact) if changes.replaces_contact else (changes.identity,)
    # During a legal hold the former details stay beside the new ones, which count as they are the later ones.
    replaces = changes.replaces_contact and hold_in_force(study.stores.office) is None
    limits = {"contact": _limit(study, changes.identity.tag, today, untils[1])}
    kept = [to_keep(study, one, changes.instrument, limits) for one in coming]
    try:
        in_place_of: Kind | None = "contact" if replaces else None
        return deposit_all(vaults[1], changes.identity.tag, untils[1], kept, in_place_of) or is_new
    except BaseException:
        if is_new:
            take_back(vaults[0], changes.research.record_id, tag=changes.research.tag)
        raise


def _limit(study: Study, tag: bytes, today: date, until: date) -> Limit:
    """How long new contact details are kept: no longer than the former, and nothing then tells that they are new."""
    former = limit_of(study.stores.identity, tag, "contact")
    return former or limits_of(study, today, until)["contact"]


def _parcel(study: Study, purpose: Purpose, tag: bytes, document: Document, random_bytes: RandomBytes) -> Parcel:
    vault = study.stores.research if purpose == "research" else study.stores.identity
    made = sealed(study, vault, random_bytes(16), document, {})
    return Parcel(purpose, str(document["kind"]), made.record_id, tag, made.envelope)


def _is_withdrawn(study: Study, changes: Changes) -> bool:
    return any(is_buried(study.stores.office, tag) for tag in changes.tags)


def _proven(told: Mapping[str, Any], purpose: Purpose) -> Parcel:
    """A parcel that goes under the tag of the proof which stands in it."""
    rest = {name: said for name, said in told.items() if name != "proof"}
    return read_parcel(rest, purpose, "choices", _tag(told["proof"]))


def _tag(proof: object) -> bytes:
    return tag_of(bytes.fromhex(_matching(PROOF, proof)))


def _matching(form: re.Pattern[str], told: object) -> str:
    if not isinstance(told, str) or not form.fullmatch(told):
        raise ValueError("not what is asked for")
    return told


def _one_or_nought(told: object) -> bool:
    if type(told) is not int or told not in (0, 1):
        raise ValueError("neither 1 nor 0")
    return bool(told)
