"""Where sealed records come from: a bundle file, or one vault of an instance on this machine. Opens nothing sealed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from errors import EnvelopeError, ReleaseError, StorageError
from instruments.model import Group, Instrument
from instruments.stored import instrument_from_canonical
from privacy.envelope import Envelope
from privacy.keys import Keyring, Purpose
from storage.bundle import Bundle, open_bundle
from storage.engines import open_engine
from storage.in_use import count_in_use, rows_in_use
from storage.journal import order_of_instruments
from storage.meta import recognise
from storage.office import Office, Tally, instruments, keyring_json, retention_in_force, tallies
from storage.stretches import Stretch
from storage.vaults import Vault

# What somebody reads who brings the bundle of the other vault.
OTHER_BUNDLE: Mapping[Purpose, str] = {
    "research": "This bundle holds identities. A release is made from the research bundle only.",
    "identity": "This bundle holds answers. The custodians open the identity bundle only; ask for that one.",
}


class Records(Protocol):
    """Sealed records that can be gone through as often as wanted, in id order."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[bytes, Envelope]]: ...


@dataclass(frozen=True)
class Reread:
    """Records that are read from where they lie each time: a million of them are larger than a memory.

    `file`, `stretches`: where they lie, if it is a file that other processes can read for themselves.
    """

    count: int
    again: Callable[[], Iterator[tuple[bytes, Envelope]]] = field(repr=False)
    file: Path | None = None
    stretches: tuple[Stretch, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[bytes, Envelope]]:
        return self.again()


@dataclass(frozen=True)
class Source:
    """Sealed records with the instruments they were answered under, by digest.

    `order`: their digests as they were added, the first first; empty where the source does not tell. `keyring`: the
    study's public keys in the order in which they were made, as the source tells them. `retention`: how long the study
    keeps what, as its office approved it; empty where the source does not tell. `tallies`: visits by their outcome.
    """

    name: str
    study: str
    instruments: Mapping[str, Instrument] = field(repr=False)
    records: Records = field(repr=False)
    order: tuple[str, ...] = ()
    keyring: Keyring | None = None
    retention: Mapping[str, int] = field(default_factory=dict)
    tallies: tuple[Tally, ...] = ()

    def rows(self) -> Iterator[tuple[bytes, Envelope]]:
        """Every record's id and envelope, in id order."""
        return iter(self.records)

    @property
    def newest(self) -> Instrument:
        """The newest version of the study."""
        return self.newest_first[0]

    @property
    def newest_first(self) -> tuple[Instrument, ...]:
        """The study's versions, the one added last first."""
        return newest_first(self.instruments, self.order)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of all versions, the newest version's first."""
        found: dict[str, Group] = {}
        for version in self.newest_first:
            for group in version.groups:
                found.setdefault(group.name, group)
        return tuple(found.values())

    @property
    def is_order_known(self) -> bool:
        """Whether it is known which version came after which, and not guessed from their labels."""
        return len(self.instruments) < 2 or set(self.instruments) <= set(self.order)


def newest_first(instruments: Mapping[str, Instrument], order: Sequence[str] = ()) -> tuple[Instrument, ...]:
    """A study's versions, the one added last first.

    Those that the order does not know count as older, and among them the numbers in their labels decide, which is a
    guess: 1.10 is newer than 1.9, and a label may say anything.
    """
    places = {digest: place for place, digest in enumerate(order)}
    return tuple(sorted(instruments.values(), key=lambda one: (places.get(one.digest, -1), _age(one)), reverse=True))


def open_source(path: Path, purpose: Purpose = "research") -> Source:
    """The records of a bundle file or an instance folder. Raises ReleaseError, EnvelopeError, StorageError."""
    return _from_instance(path, purpose) if path.is_dir() else source_of_bundle(path, path.name, purpose)


def source_of_bundle(file: Path | BinaryIO, name: str, purpose: Purpose = "research") -> Source:
    """The records of a bundle, if it holds those of this purpose. Raises ReleaseError, EnvelopeError."""
    bundle = open_bundle(file)
    if bundle.purpose != purpose:
        raise ReleaseError(OTHER_BUNDLE[purpose])
    found, ring = _read(bundle.instruments, bundle.study), _keyring(bundle.keyring)
    # What a browser handed over is gone when its page is: it is held in memory, sealed.
    kept: Records = _lying(bundle, file) if isinstance(file, Path) else tuple(bundle.rows())
    return Source(name, bundle.study, found, kept, bundle.order, ring, bundle.retention, bundle.tallies)


def _lying(bundle: Bundle, file: Path) -> Reread:
    return Reread(bundle.count, bundle.rows, file.absolute(), bundle.stretches)


def _from_instance(home: Path, purpose: Purpose) -> Source:
    try:
        told = tomllib.loads((home / "settings.toml").read_text("utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(f"{home} is not an instance: it has no readable settings.toml.") from None
    study = str(told.get("study", "working_together"))
    sealed, office = (_address(home, told, name) for name in (purpose, "office"))
    vault, kept = Vault(open_engine(sealed), purpose), Office(open_engine(office))
    try:
        recognise(vault.engine, purpose)
        recognise(kept.engine, "office")
    except StorageError:
        # Whoever takes the stores forwards must have them alone, and this desk may stay open.
        vault.engine.dispose()
        kept.engine.dispose()
        raise
    found, order = _read(instruments(kept), study), order_of_instruments(kept)
    retention = retention_in_force(kept, study)
    ring = _keyring(keyring_json(kept))
    records = Reread(count_in_use(vault, kept), lambda: rows_in_use(vault, kept))
    return Source(home.name, study, found, records, order, ring, retention, tallies(kept))


def _address(home: Path, told: Mapping[str, object], name: str) -> str:
    own = home / "stores" / f"{name}.db"
    address = str(told.get(f"{name}_database") or f"sqlite:///{own}")
    if address.endswith(str(own)) and not own.is_file():
        raise ReleaseError(f"{home} has no {name} store.")
    return address


def _keyring(data: bytes | None) -> Keyring | None:
    return Keyring.from_json(data) if data else None


def _read(canonical: Mapping[str, bytes], study: str) -> dict[str, Instrument]:
    found = {digest: instrument_from_canonical(data) for digest, data in canonical.items()}
    if any(digest != instrument.digest for digest, instrument in found.items()):
        raise EnvelopeError("An instrument does not have the digest it is kept under.")
    ours = {digest: instrument for digest, instrument in found.items() if instrument.study == study}
    if not ours:
        raise ReleaseError(f"There are no questions of the study {study} with these records.")
    return ours


def _age(instrument: Instrument) -> tuple[list[int], str, str]:
    return [int(digits) for digits in re.findall(r"\d+", instrument.version)], instrument.version, instrument.digest
