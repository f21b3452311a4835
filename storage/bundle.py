"""The sealed bundle: one file with a vault's envelopes, its instruments, public keyring and tallies. Safe to carry.

A zip file without compression. docs/bundle.md is the format's document. Reading refuses every defect at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from errors import EnvelopeError
from privacy.envelope import Envelope
from storage.office import Tally
from storage.vaults import Vault, rows

FORMAT, VERSION = "amanah-bundle", 1
NO_TIME = (1980, 1, 1, 0, 0, 0)
REFUSED = "This file is not a whole Amanah bundle of a known version. Ask for it again."
ID, LENGTH = 16, 4  # bytes before each envelope: its id, its length (big-endian)


@dataclass(frozen=True)
class Bundle:
    """An opened bundle. `instruments` maps digests to canonical JSON."""

    study: str
    purpose: str
    count: int
    keyring: bytes
    instruments: Mapping[str, bytes] = field(repr=False)
    tallies: tuple[Tally, ...]
    records: bytes = field(repr=False)

    def rows(self) -> Iterator[tuple[bytes, Envelope]]:
        """Every envelope with its id, in id order."""
        at = 0
        while at < len(self.records):
            start = at + ID + LENGTH
            at = start + int.from_bytes(self.records[start - LENGTH : start], "big")
            yield self.records[start - LENGTH - ID : start - LENGTH], Envelope.parse(self.records[start:at])


def write_bundle(
    path: Path,
    study: str,
    vault: Vault,
    keyring: bytes | None,
    instruments: Mapping[str, bytes],
    tallies: Iterable[Tally],
) -> int:
    """Write a bundle (0600), beside first and then in its place. Returns how many envelopes it holds."""
    records, count = _packed(vault)
    members = {
        "keyring.json": keyring or b"",
        "tallies.json": json.dumps([asdict(tally) for tally in tallies], sort_keys=True).encode(),
        **{f"instruments/{digest}.json": canonical for digest, canonical in sorted(instruments.items())},
        "records.bin": records,
    }
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "study": study,
        "purpose": vault.purpose,
        "count": count,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
    }
    beside = path.with_name(path.name + ".part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            for name, data in {"manifest.json": json.dumps(manifest, sort_keys=True).encode(), **members}.items():
                packed.writestr(zipfile.ZipInfo(name, NO_TIME), data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return count


def open_bundle(path: Path | BinaryIO) -> Bundle:
    """The bundle in this file, checked whole. Raises EnvelopeError for every defect."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
        manifest = json.loads(members.pop("manifest.json"))
        bundle = _checked(manifest, members)
        if sum(1 for _ in bundle.rows()) == bundle.count:
            return bundle
    except (
        zipfile.BadZipFile,
        LookupError,
        TypeError,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        EnvelopeError,
    ):
        pass
    raise EnvelopeError(REFUSED)


def _checked(manifest: dict[str, Any], members: dict[str, bytes]) -> Bundle:
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    if (manifest["format"], manifest["version"], manifest["sha256"]) != (FORMAT, VERSION, sums):
        raise EnvelopeError(REFUSED)
    return Bundle(
        study=manifest["study"],
        purpose=manifest["purpose"],
        count=manifest["count"],
        keyring=members["keyring.json"],
        instruments={Path(name).stem: data for name, data in members.items() if name.startswith("instruments/")},
        tallies=tuple(Tally(**told) for told in json.loads(members["tallies.json"])),
        records=members["records.bin"],
    )


def _packed(vault: Vault) -> tuple[bytes, int]:
    packed, count = bytearray(), 0
    for record_id, envelope in rows(vault):
        sealed = envelope.to_bytes()
        packed += record_id + len(sealed).to_bytes(LENGTH, "big") + sealed
        count += 1
    return bytes(packed), count
