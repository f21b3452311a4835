"""The release archive: whoever makes it of the same commit, wherever and whenever, has the same bytes."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from checkup.manifest import sha256
from errors import AmanahError
from supply.project import ROOT, git, name_and_version, refuse_unsaved
from supply.sbom import written


def make_archive(root: Path, out: Path) -> list[Path]:
    """Write the archive of the commit, its bill of materials, and the SHA-256 of both. Raises SettingsError."""
    refuse_unsaved(root, ".")
    name, version = name_and_version(root)
    stem = f"{name}-{version}"
    # git writes files in the order of their names, for root, with the time of the commit.
    tar = git(root, "-c", "tar.umask=0022", "archive", "--format=tar", f"--prefix={stem}/", "HEAD")
    files = {f"{stem}.tar.gz": gzip.compress(tar, 9, mtime=0), f"{stem}.cdx.json": written(root)}
    sums = {file: sha256(data) for file, data in files.items()}
    # Another zlib may pack the same files into other bytes: what is packed then still compares.
    sums[f"{stem}.tar"] = sha256(tar)
    told = "".join(f"{digest}  {file}\n" for file, digest in sorted(sums.items()))
    return [_write(out / file, data) for file, data in [*files.items(), (f"{stem}.sha256", told.encode())]]


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def main() -> None:
    """Make the archive of this clone, in dist/."""
    try:
        made = make_archive(ROOT, ROOT / "dist")
    except AmanahError as error:
        raise SystemExit(f"Error: {error}") from None
    sys.stdout.write(made[-1].read_text("utf-8"))
    sys.stdout.write("Put the signed manifest beside them: flask manifest sign --key FILE --out dist/manifest.json\n")


if __name__ == "__main__":
    main()
