"""Rehearse: prove on invented test data that every key of a study still opens what is sealed to it, in both suites.

Opens no real record, changes no file and no key, and keeps nothing but one entry in the desk's journal: what was
proven, and on which day. A key whose files were not brought is named as not proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path

from errors import CeremonyError, EnvelopeError, StorageError
from privacy.envelope import BLOCK, RECORD_ID, Context, Suite
from privacy.key_files import stated
from privacy.keys import Keyring, PublicKey
from privacy.opening import PrivateKey
from privacy.sealing import seal, wrap
from release.ceremony import recover
from release.custody import unlock_identity, unlock_research
from release.journal import desk_journal, write_act
from storage.journal import COMMAND_LINE, Act, read_journal

OLD_AFTER = timedelta(days=90)
WHOLE, IN_PART = "whole", "in part"  # how the detail of an entry begins
DIGEST = "00" * 32  # of no questionnaire: no real record has it
RandomBytes = Callable[[int], bytes]


class Way(StrEnum):
    """How a key was opened for its proof."""

    FILE = "key file"
    CUSTODIANS = "two custodians"
    SHEETS = "two sheets"


@dataclass(frozen=True)
class Proof:
    """A key that opened what was sealed to it a moment before. `names`: of the custodians whose files opened it."""

    key: PublicKey
    way: Way
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What was proven of a keyring so far."""

    ring: Keyring
    proofs: tuple[Proof, ...] = ()

    def with_proof(self, proof: Proof) -> Rehearsal:
        """The same with one proof more; the same proof once more changes nothing."""
        return self if proof in self.proofs else replace(self, proofs=(*self.proofs, proof))

    def ways_of(self, key: PublicKey) -> tuple[Way, ...]:
        """How this key was opened."""
        return tuple(dict.fromkeys(proof.way for proof in self.proofs if proof.key == key))

    @property
    def unproven(self) -> tuple[PublicKey, ...]:
        """The keys that no key file opened: sheets show that a key could be recovered, not that its files open."""
        return tuple(key for key in self.ring.keys if not {Way.FILE, Way.CUSTODIANS} & set(self.ways_of(key)))

    @property
    def is_whole(self) -> bool:
        """Whether every key of the keyring was opened by its files."""
        return not self.unproven

    @property
    def actor(self) -> str:
        """Whose files took part, as far as they say so."""
        return " and ".join(dict.fromkeys(name for proof in self.proofs for name in proof.names)) or COMMAND_LINE

    @property
    def detail(self) -> str:
        """What the journal keeps: whole or in part, of which keyring, each key with how it was opened."""
        ways = {f"{key.purpose} {key.short}": " and ".join(self.ways_of(key)) or "not proven" for key in self.ring.keys}
        told = ", ".join(f"{key}: {way}" for key, way in ways.items())
        return f"{WHOLE if self.is_whole else IN_PART}, keyring {self.ring.pin}, {told}"


@dataclass(frozen=True)
class Reminder:
    """When everything was last proven, None for never, and whether it is time to do it again."""

    last: date | None
    is_due: bool


@dataclass(frozen=True)
class Brought:
    """A key file that somebody brought, with its passphrase."""

    name: str
    data: bytes = field(repr=False)
    passphrase: str = field(repr=False)


Attempt = Callable[[], Proof]


def attempts(ring: Keyring, files: Sequence[Brought], random_bytes: RandomBytes) -> Iterator[tuple[str, Attempt]]:
    """What these files can prove, each with the names of its files: a research key by one file, an identity key by each
    two of its custodians that come after another. A custodian alone is tried too, and refused with a sentence."""
    custodians: dict[str, list[Brought]] = {}
    for one in files:
        if key := _custodians_key(one.data):
            custodians.setdefault(key, []).append(one)
        else:
            yield one.name, partial(by_file, ring, one.data, one.passphrase, random_bytes)
    for group in custodians.values():
        for pair in pairwise(group) if len(group) > 1 else [group]:
            both = [(one.data, one.passphrase) for one in pair]
            yield " and ".join(one.name for one in pair), partial(by_custodians, ring, both, random_bytes)


def _custodians_key(data: bytes) -> str:
    """The id of the identity key of which this file says that it holds a share; "" for any other file."""
    with suppress(EnvelopeError):
        told = stated(data)
        return str(told["key"]) if told["holds"] == "share" else ""
    return ""


def by_file(ring: Keyring, data: bytes, passphrase: str, random_bytes: RandomBytes) -> Proof:
    """Prove a research key by its file. Raises EnvelopeError where it does not open, CeremonyError for another ring."""
    return _proven(ring, unlock_research(data, passphrase), Way.FILE, random_bytes)


def by_custodians(ring: Keyring, files: Sequence[tuple[bytes, str]], random_bytes: RandomBytes) -> Proof:
    """Prove an identity key by two custodians' files. Raises EnvelopeError, CeremonyError."""
    opened = unlock_identity(files)
    return replace(_proven(ring, opened.key, Way.CUSTODIANS, random_bytes), names=opened.names)


def by_sheets(ring: Keyring, first: str, second: str, random_bytes: RandomBytes) -> Proof:
    """Prove a key by the words of two of its sheets, as typed. Nothing is changed by it. Raises ShareError."""
    return _proven(ring, recover(ring, first, second), Way.SHEETS, random_bytes)


def write_rehearsal(releases: Path, done: Rehearsal, today: date) -> None:
    """Write what was proven into the desk's journal. Raises CeremonyError where there is nothing, JournalNotWritten."""
    if not done.proofs:
        raise CeremonyError("Nothing was proven, so nothing was written down. Bring the key files and try again.")
    count = len({proof.key.short for proof in done.proofs})
    write_act(releases, done.actor, Act.REHEARSED, today, count=count, detail=done.detail)


def reminder(releases: Path, today: date, ring: Keyring | None = None) -> Reminder:
    """When the last whole rehearsal was. `ring`: of this keyring, so that a rotation asks for a new one."""
    mark = f"{WHOLE}, keyring {f'{ring.pin},' if ring else ''}"
    try:
        with desk_journal(releases, new=False) as office:
            found = [one for one in read_journal(office) if one.act == Act.REHEARSED and one.detail.startswith(mark)]
    except StorageError:  # no journal yet, or one that cannot be believed
        found = []
    last = max((date.fromisoformat(one.day) for one in found), default=None)
    return Reminder(last, last is None or today - last > OLD_AFTER)


def _proven(ring: Keyring, key: PrivateKey, way: Way, random_bytes: RandomBytes) -> Proof:
    try:
        public = _in_ring(ring, key)
        _open_test_data(key, replace(public, status="active"), random_bytes)
        return Proof(public, way)
    finally:
        key.forget()


def _in_ring(ring: Keyring, key: PrivateKey) -> PublicKey:
    """The public halves that the keyring has for this key. All of them must follow from the key itself."""
    own = key.public()
    found = ring.own_of(own)
    if found is None:
        raise CeremonyError(f"The key {own.short} opens, but is not in this keyring. Take the one of its study.")
    return found


def _open_test_data(key: PrivateKey, public: PublicKey, random_bytes: RandomBytes) -> None:
    """Seal to the public halves, open with the private ones: each suite, and suite 1 as it rests, wrapped."""
    told = {"format": 1, "kind": "rehearsal", "study": key.study, "number": random_bytes(16).hex()}
    context = Context(key.purpose, key.study, DIGEST, random_bytes(RECORD_ID))
    sealed = [seal(told, public, context, BLOCK, suite) for suite in Suite]
    sealed += [wrap(one, public, context) for one in sealed if one.suite is Suite.X25519]
    if any(key.open(one, context) != told for one in sealed):
        raise CeremonyError(f"The key {public.short} opens what it should not: do not use it, and tell the developers.")
