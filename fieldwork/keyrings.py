"""The public keyrings of a study as staff compare them with the desk's: the one in use, and those before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from errors import JournalBroken
from privacy.envelope import Suite
from privacy.keys import Digest, Keyring, PublicKey
from storage.journal import Act, Entry, read_journal
from storage.office import Office, all_keyrings


@dataclass(frozen=True)
class KnownKeyring:
    """A keyring by its number. `day`: when it came, as the journal tells it; empty where the journal does not."""

    number: int
    keyring: Keyring
    day: str


@dataclass(frozen=True)
class KeyLine:
    """One public key of one suite, as a line to compare."""

    key: PublicKey
    suite: Suite
    digest: Digest


@dataclass(frozen=True)
class Known:
    """Every keyring that an instance was ever given, the newest first, and whether its journal can be read."""

    keyrings: tuple[KnownKeyring, ...]
    has_journal: bool


def known_keyrings(office: Office) -> Known:
    """Every keyring of this instance; without their days where its journal cannot be read. Raises EnvelopeError.

    Fingerprints must be comparable above all when something is wrong.
    """
    try:
        return Known(_known(office, read_journal(office)), True)
    except JournalBroken:
        return Known(_known(office, ()), False)


def _known(office: Office, entries: Sequence[Entry]) -> tuple[KnownKeyring, ...]:
    found = ((number, Keyring.from_json(data)) for number, data in all_keyrings(office))
    return tuple(KnownKeyring(number, ring, _day(ring, entries)) for number, ring in found)


def lines_of(keyring: Keyring) -> tuple[KeyLine, ...]:
    """Every key of a keyring in each suite, the quantum-safe one that records rest under first."""
    suites = (Suite.XWING, Suite.X25519)
    return tuple(KeyLine(key, suite, key.digest(suite)) for key in keyring.keys for suite in suites)


def _day(keyring: Keyring, entries: Iterable[Entry]) -> str:
    days = [one.day for one in entries if one.act == Act.KEYS_ADDED and one.detail == keyring.fingerprint]
    return days[-1] if days else ""
