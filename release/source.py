"""Where sealed records come from: a bundle file, or the research store of an instance on this machine."""

from __future__ import annotations

import re
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
from storage.meta import recognise
from storage.office import Office, instruments
from storage.vaults import Vault, rows


@dataclass(frozen=True)
class Source:
    """Sealed records with the instruments they were answered under, by digest."""

    name: str
    study: str
    instruments: Mapping[str, Instrument] = field(repr=False)
    records: tuple[tuple[bytes, Envelope], ...] = field(repr=False)

    def rows(self) -> Iterator[tuple[bytes, Envelope]]:
        """Every record's id and envelope, in id order."""
        return iter(self.records)

    @property
    def newest(self) -> Instrument:
        """The newest version of the study."""
        return newest_first(self.instruments)[0]


def newest_first(instruments: Mapping[str, Instrument]) -> tuple[Instrument, ...]:
    """A study's versions, the newest first: 1.10 is newer than 1.9."""
    return tuple(sorted(instruments.values(), key=_age, reverse=True))


def open_source(path: Path) -> Source:
    """The records of a bundle file or an instance folder. Raises ReleaseError, EnvelopeError, StorageError."""
    return _from_instance(path) if path.is_dir() else source_of_bundle(path, path.name)


def source_of_bundle(file: Path | BinaryIO, name: str) -> Source:
    """The records of a bundle. Raises ReleaseError, EnvelopeError."""
    bundle = open_bundle(file)
    if bundle.purpose != "research":
        raise ReleaseError("This bundle holds identities. A release is made from the research bundle only.")
    return Source(name, bundle.study, _read(bundle.instruments, bundle.study), tuple(bundle.rows()))


def _from_instance(home: Path) -> Source:
    try:
        told = tomllib.loads((home / "settings.toml").read_text("utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(f"{home} is not an instance: it has no readable settings.toml.") from None
    study = str(told.get("study", "working_together"))
    research, office = (_address(home, told, name) for name in ("research", "office"))
    vault, kept = Vault(open_engine(research), "research"), Office(open_engine(office))
    recognise(vault.engine, "research")
    recognise(kept.engine, "office")
    return Source(home.name, study, _read(instruments(kept), study), tuple(rows(vault)))


def _address(home: Path, told: Mapping[str, object], name: str) -> str:
    own = home / "stores" / f"{name}.db"
    address = str(told.get(f"{name}_database") or f"sqlite:///{own}")
    if address.endswith(str(own)) and not own.is_file():
        raise ReleaseError(f"{home} has no {name} store.")
    return address


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
