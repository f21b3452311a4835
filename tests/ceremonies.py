"""Ceremonies for tests: begun, proven, finished, and what they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from privacy.keys import PURPOSES, Keyring
from privacy.opening import PrivateKey
from release.ceremony import Ceremony, begin, prove
from release.custody import unlock_identity
from release.journal import desk_journal
from storage.journal import read_journal
from tests.conftest import STUDY, counted_bytes

CUSTODIANS = ("Nadia", "Owen")
PHRASES = (
    "legend adorn debut ajar paid step",
    "uncover trust evil guest grill python",
    "actress jewelry peanut method sled",
)
FILES = ["ceremony.txt", "identity-1.key", "identity-2.key", "keyring.json", "research.key"]


@contextmanager
def a_while(key: PrivateKey) -> Iterator[PrivateKey]:
    yield key
    key.forget()


def begun(purposes: Sequence[str] = PURPOSES, ring: Keyring | None = None) -> Ceremony:
    return begin(STUDY, purposes, CUSTODIANS, counted_bytes("a ceremony"), ring)


def words(ceremony: Ceremony, purpose: str, number: int) -> str:
    return next(" ".join(one.words) for one in ceremony.sheets if (one.purpose, one.number) == (purpose, number))


def proven(ceremony: Ceremony) -> Ceremony:
    for purpose in ceremony.unproven():
        prove(ceremony, purpose, words(ceremony, purpose, 3), words(ceremony, purpose, 1).upper())
    return ceremony


def acts(releases: Path) -> list[str]:
    with desk_journal(releases, new=False) as office:
        return [entry.act for entry in read_journal(office)]


def ring_in(folder: Path) -> Keyring:
    return Keyring.from_json((folder / "keyring.json").read_bytes())


def identity_in(folder: Path, *numbers: int, phrases: Sequence[str] = PHRASES[1:]):
    return unlock_identity([((folder / f"identity-{n}.key").read_bytes(), phrases[n - 1]) for n in numbers])
