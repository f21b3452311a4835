"""Write a release: data.csv, codebook.csv, README.txt, manifest.json. All or nothing; same inputs, same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ReleaseError
from instruments.codebook import codebook_rows
from release.readme import readme_of

if TYPE_CHECKING:
    from release.build import Release

FORMAT, VERSION = "amanah-release", 1
FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+(\.\d+)?$)")


def write_release(release: Release, out: Path) -> None:
    """Write every file into a new folder (0700). Raises ReleaseError; then nothing is left behind."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ReleaseError(f"{out} is not an empty folder. Choose a new one; nothing was written.")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".release-", dir=out.parent))
    try:
        for name, data in release_files(release).items():
            _write(beside / name, data)
        if out.exists():
            out.rmdir()
        beside.rename(out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def release_files(release: Release) -> dict[str, bytes]:
    """The files of a release by name, the manifest last."""
    files = {
        "data.csv": _csv(["research_id", *(item.name for item in release.columns)], release.rows),
        "codebook.csv": _codebook(release),
        "README.txt": readme_of(release).encode(),
    }
    return files | {"manifest.json": _manifest(release, files)}


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers, negative codes too, stay as they are."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return sink.getvalue().encode()


def _codebook(release: Release) -> bytes:
    instrument = max(release.instruments, key=lambda one: (one.version, one.digest))
    rows = codebook_rows(instrument, release.specification.groups, release.specification.language)
    told = [_described(release, row) for row in rows]
    return _csv(list(told[0]), [list(row.values()) for row in told])


def _described(release: Release, row: Mapping[str, str]) -> dict[str, str]:
    name = row["variable"]
    if name in release.withheld:
        status = "withheld until a person has reviewed it" if row["privacy"] == "open" else "never released"
    else:
        status = f"released at level {release.levels.get(name, 0)}"
    return {**row, "in_this_release": status}


def _manifest(release: Release, files: Mapping[str, bytes]) -> bytes:
    told = {
        "format": FORMAT,
        "version": VERSION,
        "specification": asdict(release.specification),
        "instruments": sorted(instrument.digest for instrument in release.instruments),
        "people": len(release.rows),
        "left_out": release.left_out,
        "not_usable": len(release.faults),
        "checked": list(release.checked),
        "levels": dict(release.levels),
        "risk_before": asdict(release.before),
        "risk_after": asdict(release.after),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
