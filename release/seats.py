"""Who sits at the desk while keys are made or changed, one after the other. Lets nobody hold both kinds of key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from errors import CeremonyError
from privacy.key_files import unlock_share
from privacy.keys import Keyring, Purpose
from privacy.opening import PrivateKey
from release.ceremony import Holder, holders_of, keep
from release.ceremony_record import Record
from storage.journal import Act


@dataclass(frozen=True)
class Seat:
    """One holder of a key file, by the name that the page calls."""

    holder: Holder
    name: str


@dataclass(frozen=True)
class Turn:
    """What one custodian brought: their file and its passphrase, which fit together."""

    custodian: str
    data: bytes = field(repr=False)
    passphrase: str = field(repr=False)


def seats_of(purposes: Sequence[Purpose], manager: str, custodians: Sequence[str]) -> tuple[Seat, ...]:
    """Everybody who needs a passphrase, in order. Raises CeremonyError, also where one person would hold both kinds."""
    named = [name for name in custodians if name.strip()]
    holders = holders_of(purposes, named)
    manager = " ".join(manager.split())
    if manager.casefold() in {holder.custodian.casefold() for holder in holders if holder.custodian}:
        raise CeremonyError("The data manager cannot be a custodian too: nobody may open both answers and names.")
    return tuple(Seat(holder, holder.custodian or manager) for holder in holders)


def take_turn(data: bytes, passphrase: str) -> Turn:
    """One custodian's file and passphrase, tried at once. Raises EnvelopeError."""
    return Turn(unlock_share(data, passphrase).custodian, data, passphrase)


def refuse_strange(key: PrivateKey, ring: Keyring) -> None:
    """Raises CeremonyError for a key that this keyring has not, or has otherwise than it is: before any passphrase."""
    if ring.own_of(key.public()) is None:
        raise CeremonyError("This key is not in this keyring. Take the keyring.json of the same study.")


def renew(
    key: PrivateKey,
    custodians: Sequence[str],
    ring: Keyring,
    folder: Path,
    phrases: Sequence[str],
    today: date,
    *,
    is_recovery: bool,
    releases: Path,
    actor: str,
) -> Record:
    """Write new files for a key that was recovered, or that other custodians will hold. Raises CeremonyError."""
    act = Act.KEY_RECOVERED if is_recovery else Act.CUSTODIANS_CHANGED
    told = (key, custodians, ring, folder, phrases, today, secrets.token_bytes)
    return keep(*told, act=act, releases=releases, actor=actor)
