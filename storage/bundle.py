"""The sealed bundle: one file with a vault's envelopes, its instruments, public keyring and tallies. Safe to carry.

A zip file without compression; docs/bundle.md is its document. Envelopes stream in and out, a few at a time.
Reading refuses every defect as one EnvelopeError, before the first envelope is given.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, BinaryIO

from errors import EnvelopeError
from privacy.envelope import Envelope
from storage.in_use import count_in_use, rows_in_use
from storage.office import Office, Tally
from storage.reporting import REPORTED, Report, unheard
from storage.stretches import CHUNK, ID, LENGTH, REFUSED, Stretch, first_byte, rows_in, stretches_of
from storage.vaults import Vault

FORMAT, VERSION = "amanah-bundle", 1
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
# All that reading a damaged or forged file can raise.
DEFECTS = (
    zipfile.BadZipFile,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Bundle:
    """An opened bundle. `instruments` maps digests to canonical JSON; `file` must stay readable for `rows`.

    `order`: the digests as they were added, the first first; empty in a bundle that does not tell. `retention`: how
    long the study keeps what; empty likewise. `stretches`: where its records lie.
    """

    study: str
    purpose: str
    count: int
    keyring: bytes
    instruments: Mapping[str, bytes] = field(repr=False)
    order: tuple[str, ...]
    retention: Mapping[str, int]
    tallies: tuple[Tally, ...]
    file: Path | BinaryIO = field(repr=False)
    stretches: tuple[Stretch, ...] = field(default=(), repr=False)

    def rows(self) -> Iterator[tuple[bytes, Envelope]]:
        """Every envelope with its id, in id order. Raises EnvelopeError where the file was changed meanwhile."""
        try:
            with zipfile.ZipFile(self.file) as packed, packed.open("records.bin") as records:
                yield from _unpacked(_in_chunks(records))
        except DEFECTS:
            raise EnvelopeError(REFUSED) from None


def write_bundle(
    path: Path,
    study: str,
    vault: Vault,
    office: Office,
    keyring: bytes | None,
    instruments: Mapping[str, bytes],
    tallies: Iterable[Tally],
    retention: Mapping[str, int] | None = None,
    report: Report = unheard,
) -> int:
    """Write a bundle (0600), beside first and then in its place. Returns how many envelopes it holds.

    `report` hears how far it is; where it raises, nothing of the bundle stays.

    `office`: whose tombstones say what was withdrawn; that is left out, also where it is not erased yet.

    `instruments` stand in the order in which they were added.
    """
    members = {
        "keyring.json": keyring or b"",
        "tallies.json": json.dumps(sorted((asdict(tally) for tally in tallies), key=str), sort_keys=True).encode(),
        **{f"instruments/{digest}.json": canonical for digest, canonical in sorted(instruments.items())},
    }
    told = {"order": list(instruments), "retention": dict(retention or {})}
    rows = _reported(rows_in_use(vault, office), count_in_use(vault, office), report)
    return write_rows(path, study, vault.purpose, rows, members, told)


def write_rows(
    path: Path,
    study: str,
    purpose: str,
    rows: Iterable[tuple[bytes, Envelope]],
    members: Mapping[str, bytes],
    told: Mapping[str, object],
) -> int:
    """Write a bundle of these rows, which come in id order, with what else it holds and tells."""
    beside = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
                count = _write_members(packed, study, purpose, rows, members, told)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return count


def _reported(rows: Iterable[tuple[bytes, Envelope]], whole: int, report: Report) -> Iterator[tuple[bytes, Envelope]]:
    for number, row in enumerate(rows):
        if number % REPORTED == 0:
            report(number, whole)
        yield row
    report(whole, whole)


def open_bundle(file: Path | BinaryIO) -> Bundle:
    """The bundle in this file, checked whole. Raises EnvelopeError for every defect."""
    try:
        with zipfile.ZipFile(file) as packed:
            bundle = _checked(packed, file)
            stretches = tuple(_stretches(packed))
    except DEFECTS:
        raise EnvelopeError(REFUSED) from None
    if sum(one.count for one in stretches) != bundle.count:
        raise EnvelopeError(REFUSED)
    return replace(bundle, stretches=stretches)


def _write_members(
    packed: zipfile.ZipFile,
    study: str,
    purpose: str,
    rows: Iterable[tuple[bytes, Envelope]],
    members: Mapping[str, bytes],
    told: Mapping[str, object],
) -> int:
    records, count = hashlib.sha256(), 0
    with packed.open(zipfile.ZipInfo("records.bin", NO_TIME), "w", force_zip64=True) as written:
        for record_id, envelope in rows:
            sealed = envelope.to_bytes()
            row = record_id + len(sealed).to_bytes(LENGTH, "big") + sealed
            records.update(row)
            written.write(row)
            count += 1
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "study": study,
        "purpose": purpose,
        "count": count,
        **told,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
        | {"records.bin": records.hexdigest()},
    }
    for name, data in {**members, "manifest.json": json.dumps(manifest, sort_keys=True).encode()}.items():
        packed.writestr(zipfile.ZipInfo(name, NO_TIME), data)
    return count


def _checked(packed: zipfile.ZipFile, file: Path | BinaryIO) -> Bundle:
    """The bundle, without a look into its envelopes. Raises any of DEFECTS."""
    names = [info.filename for info in packed.infolist()]
    # Only what is stored as it is: a compressed member could be small to carry and endless to read. The first is read
    # only once this is known of all.
    if any(info.compress_type != zipfile.ZIP_STORED for info in packed.infolist()):
        raise ValueError
    manifest = json.loads(packed.read("manifest.json"))
    sums = {name: _sha256(packed, name) for name in names if name != "manifest.json"}
    told = (manifest["format"], manifest["version"], manifest["sha256"])
    if told != (FORMAT, VERSION, sums) or len(names) != len(set(names)):
        raise ValueError
    if not isinstance(manifest["study"], str) or manifest["purpose"] not in ("research", "identity"):
        raise ValueError
    found = {Path(name).stem: packed.read(name) for name in names if name.startswith("instruments/")}
    if any(hashlib.sha256(canonical).hexdigest() != digest for digest, canonical in found.items()):
        raise ValueError
    order = manifest.get("order", [])
    if not isinstance(order, list) or order and sorted(order) != sorted(found):
        raise ValueError
    retention = manifest.get("retention", {})
    if not isinstance(retention, dict) or any(type(length) is not int or length < 0 for length in retention.values()):
        raise ValueError
    return Bundle(
        study=manifest["study"],
        purpose=manifest["purpose"],
        count=manifest["count"],
        keyring=packed.read("keyring.json"),
        instruments=found,
        order=tuple(order),
        retention=retention,
        tallies=tuple(Tally(**tally) for tally in json.loads(packed.read("tallies.json"))),
        file=file,
    )


def _sha256(packed: zipfile.ZipFile, name: str) -> str:
    found = hashlib.sha256()
    with packed.open(name) as member:
        while chunk := member.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _stretches(packed: zipfile.ZipFile) -> Iterator[Stretch]:
    if packed.fp is None:
        raise ValueError
    start = first_byte(packed.fp, packed.getinfo("records.bin"))  # type: ignore[arg-type]
    with packed.open("records.bin") as records:
        yield from stretches_of(_in_chunks(records), start)


def _in_chunks(records: IO[bytes]) -> BinaryIO:
    # A zip member is slow to read a few bytes at a time.
    return io.BufferedReader(records, CHUNK)  # type: ignore[type-var]


def _unpacked(records: BinaryIO) -> Iterator[tuple[bytes, Envelope]]:
    before = b""
    for head, sealed in rows_in(records):
        if head[:ID] <= before:
            raise ValueError
        before = head[:ID]
        yield before, Envelope.parse(sealed)
