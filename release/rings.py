"""Public keyring files at the desk: those that stand among the keys, and one that somebody brings. Opens no key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from errors import EnvelopeError
from privacy.envelope import Suite
from privacy.keys import Digest, PublicKey
from privacy.keys import Keyring as Keyring
from release.folders import found_in

LARGEST = 2**20  # bytes; a keyring of two keys has less than 6,000


@dataclass(frozen=True)
class KnownRing:
    """A keyring file by its name under the folder of keys."""

    name: str
    ring: Keyring


@dataclass(frozen=True)
class KeyLine:
    """One public key of one suite, as a line to compare."""

    key: PublicKey
    suite: Suite
    digest: Digest


def read_ring(data: bytes) -> Keyring:
    """The keyring in a file that somebody brought. Raises EnvelopeError."""
    return Keyring.from_json(data[:LARGEST])


def rings_in(folder: Path) -> tuple[KnownRing, ...]:
    """Every keyring under this folder, the newest first: keys are only ever added, so the longest is the newest."""
    found = []
    for path in found_in(folder, "keyring.json"):
        with suppress(EnvelopeError, OSError):
            found.append(KnownRing(path.relative_to(folder).as_posix(), read_ring(path.read_bytes())))
    return tuple(sorted(found, key=lambda one: -len(one.ring.keys)))


def lines_of(ring: Keyring) -> tuple[KeyLine, ...]:
    """Every key in each suite, as the field app's page Keys has them."""
    return tuple(KeyLine(key, suite, key.digest(suite)) for key in ring.keys for suite in (Suite.XWING, Suite.X25519))
