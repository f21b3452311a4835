"""Releases written as a desk writes them, read back by name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from release.export import write_release
from release.made import Release
from release.signing import signer_of

SIGNER = signer_of(b"amanah-release-key-1 " + b"07" * 32 + b"\n", Path("release.key"))


def release_files(made: Release) -> dict[str, bytes]:
    """Every file of a release by its path in the folder."""
    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside) / "release"
        write_release(made, folder, SIGNER)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
