"""The signed manifest of a release that went to an archive, read where no file of the release is. Opens nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from errors import ReleaseError
from release.manifest import FORMAT, LARGEST, SIGNATURE
from release.signing import signed_by

NOT_ARCHIVED = (
    "{} is no manifest of a release for an archive. Make one at the desk with the preset archive, and bring its "
    "manifest.json with manifest.sig beside it."
)


@dataclass(frozen=True)
class Archived:
    """`digest`: SHA-256 of the manifest. `key`: the desk's public key. `instruments`: the versions that it holds."""

    digest: str
    key: bytes
    instruments: tuple[str, ...]


def archived_by(manifest: Path) -> Archived:
    """The release for an archive that a manifest signs, with `manifest.sig` beside it. Raises ReleaseError."""
    data, signature = _read(manifest), _read(manifest.with_name(SIGNATURE))
    found = signed_by(signature, data)
    if found is None or not found[1]:
        raise ReleaseError(f"{manifest} is not signed as the {SIGNATURE} beside it says, or that is missing.")
    try:
        told = json.loads(data)
        is_archive = (
            told["format"] == FORMAT and told["kind"] == "rows" and told["specification"]["archive_only"] is True
        )
        versions = tuple(str(one) for one in told["instruments"])
    except (ValueError, LookupError, TypeError):
        is_archive = False
    if not is_archive:
        raise ReleaseError(NOT_ARCHIVED.format(manifest))
    return Archived(hashlib.sha256(data).hexdigest(), found[0], versions)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except OSError:
        return b""
