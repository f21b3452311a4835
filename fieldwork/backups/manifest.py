"""The manifest of a backup: what it is of, its day, and every file with its size and SHA-256, signed.

Signed by the key of the journal: whoever can write into the folder of backups and has not that key cannot change one
unseen. It holds a day and never a time, and no count. The format is documented in docs/backup.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from errors import BackupRefused
from fieldwork.backups.places import COPIES, SETTINGS, STUDIES, TOMBSTONES
from storage.journal_key import Signer, is_signed
from storage.meta import SCHEMA

FILE, FORMAT = "manifest.json", "amanah backup 1"
SIGNED = b"amanah backup 1\n"  # stands before what is signed, so that nothing else that the key signs passes for one
LARGEST = 8 * 2**20  # bytes
CHUNK = 2**20
# What a backup holds and nothing else: these names are written by before anybody knows who signed for them.
INSIDE = r"(?:/(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f]{1,255})+"
NAME = re.compile("|".join((*map(re.escape, (*COPIES.values(), SETTINGS, TOMBSTONES)), re.escape(STUDIES) + INSIDE)))


@dataclass(frozen=True)
class Listed:
    """A file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `files` by path inside it, `key` the public key that signed, in hex."""

    study: str
    day: date
    schema: str
    files: Mapping[str, Listed]
    key: str
    signature: str = ""

    @property
    def said(self) -> bytes:
        """What is signed."""
        files = {name: asdict(one) for name, one in self.files.items()}
        told = {"format": FORMAT, "study": self.study, "day": self.day.isoformat(), "schema": self.schema}
        return json.dumps({**told, "files": files, "key": self.key}, sort_keys=True, ensure_ascii=False).encode()

    @property
    def text(self) -> str:
        """The whole file."""
        told = {**json.loads(self.said), "signature": self.signature}
        return json.dumps(told, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def write_manifest(folder: Path, study: str, day: date, signer: Signer, schema: str = SCHEMA) -> None:
    """Write the manifest of all that lies in this folder (0600)."""
    files = {path.relative_to(folder).as_posix(): listed(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    unsigned = Manifest(study, day, schema, files, signer.public.hex())
    signed = replace(unsigned, signature=signer.sign(SIGNED + unsigned.said).hex())
    path = folder / FILE
    path.write_text(signed.text, "utf-8", newline="\n")
    path.chmod(0o600)


def read_manifest(folder: Path) -> Manifest:
    """What the backup in this folder says of itself, and nobody changed since. Raises BackupRefused."""
    try:
        with (folder / FILE).open("rb") as file:
            told = json.loads(file.read(LARGEST))
        return _checked(folder, told)
    except OSError:
        raise BackupRefused(f"There is no backup in {folder}: it has no {FILE}.") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BackupRefused(f"The backup in {folder} is damaged, or of another version of Amanah.") from None


def faults_in(folder: Path, manifest: Manifest, thorough: bool) -> Iterable[str]:
    """The files that are not as the manifest says: missing, of another size or, where thorough, of other bytes."""
    for name, wanted in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size != wanted.size:
            yield name
        elif thorough and listed(path) != wanted:
            yield name


def listed(path: Path) -> Listed:
    """A file's size and SHA-256."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return Listed(path.stat().st_size, found.hexdigest())


def _checked(folder: Path, told: dict[str, object]) -> Manifest:
    """Raises BackupRefused for a wrong signature, and any of what a wrong shape raises."""
    if told.pop("format") != FORMAT or set(told) != {"study", "day", "schema", "files", "key", "signature"}:
        raise ValueError
    files = {name: Listed(int(one["size"]), str(one["sha256"])) for name, one in told["files"].items()}  # type: ignore[attr-defined]  # what has none is refused
    if not all(NAME.fullmatch(name) for name in files):
        raise ValueError
    words = {name: str(told[name]) for name in ("study", "schema", "key", "signature")}
    manifest = Manifest(day=date.fromisoformat(str(told["day"])), files=files, **words)
    if not is_signed(bytes.fromhex(manifest.key), bytes.fromhex(manifest.signature), SIGNED + manifest.said):
        raise BackupRefused(f"The manifest of the backup in {folder} was altered: its signature is not right.")
    return manifest
