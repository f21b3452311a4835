"""The public keyrings of a study: the one that is sealed to, and all as staff compare them with the desk's.

What is sealed to is what the signed journal says came last. A keyring that was put into the database alone, by whoever
can write there and has not journal.key, is sealed to by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from errors import EnvelopeError, JournalBroken, JournalNotWritten
from privacy.envelope import Suite
from privacy.keys import Digest, Keyring, PublicKey
from storage.journal import Act, Entry, read_journal
from storage.journal_vouched import vouched_entries
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
class InForce:
    """The keyring file that is sealed to. `is_vouched`: whether the journal says so of the newest one here."""

    data: bytes | None
    is_vouched: bool


def keyring_in_force(office: Office) -> InForce:
    """The keyring that the newest entry `keys_added` names, of those that are here.

    Where an act was cut short between its entry and its deed, the entry before it counts. Without a journal.key nothing
    can be said: the newest is sealed to, and not vouched for; whoever has the database alone cannot take that file.
    Raises JournalBroken.
    """
    rings = all_keyrings(office)
    if not rings:
        return InForce(None, True)
    by_name = {_name_of(data): data for _, data in reversed(rings)}
    try:
        named = (one.detail for one in vouched_entries(office) if one.act == Act.KEYS_ADDED)
        found = next((by_name[detail] for detail in named if detail in by_name), None)
    except JournalNotWritten:
        return InForce(rings[0][1], False)
    return InForce(found, found == rings[0][1])


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


@dataclass(frozen=True)
class Since:
    """From which day a key was sealed to, and on which it was retired; "" where that is not known, or not so."""

    active: str = ""
    retired: str = ""


def since_when(known: Sequence[KnownKeyring]) -> dict[str, Since]:
    """Each key of these keyrings by its short id. `known`: the newest first, as `known_keyrings` tells them."""
    found: dict[str, Since] = {}
    for ring in reversed(known):
        for key in ring.keyring.keys:
            before = found.get(key.short, Since())
            found[key.short] = replace(before, **{key.status: getattr(before, key.status) or ring.day})
    return found


def lines_of(keyring: Keyring) -> tuple[KeyLine, ...]:
    """Every key of a keyring in each suite, the quantum-safe one that records rest under first."""
    suites = (Suite.XWING, Suite.X25519)
    return tuple(KeyLine(key, suite, key.digest(suite)) for key in keyring.keys for suite in suites)


def _name_of(data: bytes) -> str:
    try:
        return Keyring.from_json(data).fingerprint
    except EnvelopeError:
        return "damaged"


def _day(keyring: Keyring, entries: Iterable[Entry]) -> str:
    days = [one.day for one in entries if one.act == Act.KEYS_ADDED and one.detail == keyring.fingerprint]
    return days[-1] if days else ""
