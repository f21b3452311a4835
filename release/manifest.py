"""manifest.json: what a release is and the SHA-256 of each of its files; manifest.sig signs it. No clock, no chance.

Verifying reads only what it must, trusts no name in the manifest before the signature holds, and follows no link.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ReleaseError
from release.placing import write_private
from release.signing import digits_of, fingerprint, signature_of, signed_by
from storage.journal_key import Signer

FORMAT, VERSION = "amanah-release", 2
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LARGEST = 16_000_000  # bytes of a manifest


def sign_folder(folder: Path, about: Mapping[str, Any], signer: Signer) -> None:
    """Write the manifest of every file that is in a folder now, and its signature."""
    manifest = spelled({"format": FORMAT, "version": VERSION, **about, "sha256": dict(_sums(folder))})
    write_private(folder / MANIFEST, manifest)
    write_private(folder / SIGNATURE, signature_of(signer, manifest))


def spelled(told: Mapping[str, Any]) -> bytes:
    """The one spelling of a manifest: names in order, two spaces a level, UTF-8, a line feed at the end."""
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False).encode() + b"\n"


@dataclass(frozen=True)
class Verdict:
    """What verifying found. `faults`: a sentence each, none where all is well. `signer`: a fingerprint, or empty.

    `is_known`: whether the key was compared with the one that somebody gave, and is the same. `is_whole`: whether the
    files are as they were signed, whoever signed them.
    """

    faults: tuple[str, ...]
    signer: str
    is_known: bool
    files: int
    is_whole: bool = False


def verify(folder: Path, expected: str = "") -> Verdict:
    """Compare a release with its signed manifest. `expected`: the fingerprint that the key must have.

    Without one, nobody knows whose key it is: a key that lies beside a release came with it, as far as anybody can
    tell. Raises ReleaseError where there is nothing to verify.
    """
    manifest, signature = _read(folder / MANIFEST), _read(folder / SIGNATURE)
    missing = tuple(f"{name} is missing." for name, data in ((MANIFEST, manifest), (SIGNATURE, signature)) if not data)
    found = signed_by(signature, manifest)
    if missing or found is None:
        return Verdict(missing or (f"{SIGNATURE} is no signature of a release.",), "", False, 0)
    public, holds = found
    if not holds:
        return Verdict(
            (f"{MANIFEST} was changed, or this key did not sign it: the signature is wrong.",),
            fingerprint(public), False, 0,
        )  # fmt: skip
    is_known, strangers = _judged(public, expected)
    listed = _listed(manifest)
    if listed is None:
        faults: tuple[str, ...] = (f"{MANIFEST} is signed, but has a form that this version does not know.",)
    else:
        faults = tuple(_differences(listed, folder))
    return Verdict((*strangers, *faults), fingerprint(public), is_known, len(listed or ()), not faults)


def _judged(public: bytes, expected: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the key is the trusted one, and a fault where it is another."""
    if not expected:
        return False, ()
    if fingerprint(public).replace(" ", "") == digits_of(expected):
        return True, ()
    return False, ("The key that signed it is unknown: it is not the one that you gave.",)


def _read(path: Path) -> bytes:
    """A small file's bytes; empty where there is none. Raises ReleaseError where nothing can be verified."""
    if not path.parent.is_dir():
        raise ReleaseError(f"There is no folder {path.parent}.")
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            return b""
        return path.read_bytes()
    except OSError:
        raise ReleaseError(f"{path} cannot be read.") from None


def _listed(manifest: bytes) -> dict[str, str] | None:
    try:
        told = json.loads(manifest)
        sums = told["sha256"]
        known = told["format"] == FORMAT and told["version"] == VERSION
        whole = all(isinstance(one, str) for pair in sums.items() for one in pair)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return sums if known and whole else None


def _differences(listed: Mapping[str, str], folder: Path) -> Iterator[str]:
    there = dict(_sums(folder))
    for name in sorted(listed.keys() | there.keys()):
        if name not in there:
            yield f"{name} is missing."
        elif name not in listed:
            yield f"{name} was added: the manifest does not name it."
        elif there[name] != listed[name]:
            yield f"{name} was changed."


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    """The SHA-256 of every file but the manifest's two; of what is no plain file, a word that no sum can be.

    A folder with nothing in it is named too: no release has one.
    """
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name in (MANIFEST, SIGNATURE):
            continue
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            yield name, _sum_of(path)
        elif not stat.S_ISDIR(mode) or not any(path.iterdir()):
            yield name, "no plain file"


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
