"""Seal documents and keep them, all or none, each in its own vault: the answers here, whose they are there.

Writes no plaintext anywhere. Everything is sealed before anything is kept, so a failure to seal leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from errors import SettingsError
from fieldwork.clock import check_day
from fieldwork.study import Study
from instruments.model import Instrument
from instruments.sizes import consent_length, contact_length, link_length, research_length
from privacy.envelope import Context
from privacy.keys import Keyring
from privacy.receipts import Labels
from privacy.sealing import seal
from storage.vaults import Deposit, Kind, Limit, Vault, deposit_all, take_back

RandomBytes = Callable[[int], bytes]
Sealable = Mapping[str, Any]
Limits = Mapping[str, Limit]  # by the kind of document
QUARTER = 3  # months


def keep_all(
    study: Study,
    labels: Labels,
    until: date,
    research: Sealable,
    identity: Sequence[Sealable],
    limits: Limits,
    random_bytes: RandomBytes,
    in_place_of: Kind | None = None,
) -> None:
    """Seal and deposit one research document and those of the identity vault; where one fails, none is kept.

    `identity`: the first is the one that stays longest. `limits`: on which day a kind goes (limits_of).
    """
    vaults = study.stores.identity, study.stores.research
    first = [sealed(study, vaults[0], random_bytes(16), document, limits) for document in identity]
    second = sealed(study, vaults[1], random_bytes(16), research, {})
    deposit_all(vaults[0], labels.identity_tag, until, first, in_place_of)
    try:
        deposit_all(vaults[1], labels.research_tag, until, (second,))
    except BaseException:
        take_back(vaults[0], *(one.record_id for one in first), tag=labels.identity_tag)
        raise


def sealed(study: Study, vault: Vault, record_id: bytes, document: Sealable, limits: Limits) -> Deposit:
    """A document sealed for its vault and this id, padded to the one length of its kind."""
    context = Context(vault.purpose, study.name, study.instrument.digest, record_id)
    length = length_of(study.instrument, vault.purpose, document["kind"])
    envelope = seal(document, keyring_of(study).active(vault.purpose), context, length)
    return Deposit(record_id, envelope, limit=limits.get(document["kind"]))


def length_of(instrument: Instrument, purpose: Literal["research", "identity"], kind: str) -> int:
    """Bytes of every padded document of this kind. A change of choices is as long as a consent record."""
    if purpose == "research":
        return research_length(instrument)
    own: Mapping[str, Callable[[Instrument], int]] = {"contact": contact_length, "link": link_length}
    return own.get(kind, consent_length)(instrument)


def limits_of(study: Study, today: date, until: date) -> Limits:
    """The last days of what comes in today: the link goes with its tags, contact details when their time is over.

    Nobody can tell from outside whether a person wanted the results or another visit, so the longer time counts.
    Raises ClockBehind.
    """
    check_day(study, today)
    months = max(study.settings.retention[f"contact_{why}_months"] for why in ("results", "recontact"))
    return {"contact": Limit("contact", last_of_contact(today, months)), "link": Limit("link", until)}


def last_of_contact(today: date, months: int) -> date:
    """The last day of contact details: the first of the quarter in which their time ends, so never later than promised.

    A quarter is the same for thousands of visits, and so tells of none when it was. Where the time is so short that its
    quarter has begun, the first of the month counts; where that has come too, the day itself.
    """
    end = _later(today, months)
    quarter = end.replace(month=end.month - (end.month - 1) % QUARTER, day=1)
    return next((day for day in (quarter, end.replace(day=1)) if day > today), end)


def keyring_of(study: Study) -> Keyring:
    """The study's public keys. Raises SettingsError where it has none yet."""
    if study.keyring is None:
        raise SettingsError("This study has no public keys yet. Make them at the desk, then run `flask keys add`.")
    return study.keyring


def _later(day: date, months: int) -> date:
    """The same day so many months later; the 28th at most, as every month has one."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(min(day.year + years, date.max.year), month + 1, min(day.day, 28))
