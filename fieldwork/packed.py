"""A study's folder as bytes, and back: how a new version waits in the office. Reads only what it packed itself."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same folder gives the same bytes


def pack(folder: Path) -> bytes:
    """Every file of this folder in one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            told = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            archive.writestr(told, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@contextmanager
def unpacked(data: bytes, name: str) -> Iterator[Path]:
    """The folder of these bytes under this name, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix=".sheets-") as scratch, zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(Path(scratch) / name)
        yield Path(scratch) / name
