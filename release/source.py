"""Where sealed records come from: a bundle file, or the research store of an instance on this machine."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from errors import EnvelopeError, ReleaseError
from instruments.catalogue import instrument_from_canonical
from instruments.model import Instrument
from privacy.envelope import Envelope
from storage.bundle import open_bundle
from storage.engines import open_engine
from storage.office import Office, instruments
from storage.vaults import Vault, rows


@dataclass(frozen=True)
class Source:
    """Sealed records with the instruments they were answered under."""

    name: str
    study: str
    instruments: Mapping[str, Instrument] = field(repr=False)
    records: tuple[tuple[bytes, Envelope], ...] = field(repr=False)

    def rows(self) -> Iterator[tuple[bytes, Envelope]]:
        """Every record's id and envelope, in id order."""
        return iter(self.records)


def open_source(path: Path) -> Source:
    """The records of a bundle file or an instance folder. Raises ReleaseError, EnvelopeError, StorageError."""
    return _from_instance(path) if path.is_dir() else source_of_bundle(path, path.name)


def source_of_bundle(file: Path | BinaryIO, name: str) -> Source:
    """The records of a bundle. Raises ReleaseError, EnvelopeError."""
    bundle = open_bundle(file)
    if bundle.purpose != "research":
        raise ReleaseError("This bundle holds identities. A release is made from the research bundle only.")
    return Source(name, bundle.study, _read(bundle.instruments), tuple(bundle.rows()))


def _from_instance(home: Path) -> Source:
    try:
        told = tomllib.loads((home / "settings.toml").read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        raise ReleaseError(f"{home} is not an instance: it has no readable settings.toml.") from None
    research, office = (_address(home, told, name) for name in ("research", "office"))
    found = _read(instruments(Office(open_engine(office))))
    if not found:
        raise ReleaseError(f"{home} has no study yet.")
    newest = next(reversed(found.values()))
    return Source(home.name, newest.study, found, tuple(rows(Vault(open_engine(research), "research"))))


def _address(home: Path, told: Mapping[str, object], name: str) -> str:
    own = home / "stores" / f"{name}.db"
    address = str(told.get(f"{name}_database") or f"sqlite:///{own}")
    if address.endswith(str(own)) and not own.is_file():
        raise ReleaseError(f"{home} has no {name} store.")
    return address


def _read(canonical: Mapping[str, bytes]) -> dict[str, Instrument]:
    found = {digest: instrument_from_canonical(data) for digest, data in canonical.items()}
    if any(digest != instrument.digest for digest, instrument in found.items()):
        raise EnvelopeError("An instrument does not have the digest it is kept under.")
    return found
