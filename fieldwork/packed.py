"""A study's folder as bytes, and back: how a new version waits in the office. Reads only what it packed itself.

What it packed lies in the database for days: whatever is no longer that is refused as one StorageError.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import StorageError

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same folder gives the same bytes
LARGEST = 64 * 1024 * 1024  # bytes of all files together


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
    """The folder of these bytes under this name, for as long as it is read. Raises StorageError for damaged ones."""
    with tempfile.TemporaryDirectory(prefix=".sheets-") as scratch:
        folder = Path(scratch) / name
        try:
            _unpack(data, folder)
        except Exception:  # zipfile, zlib and file systems have many errors for what nobody packed like that
            raise StorageError("The sheets of a proposal are damaged. Refuse it, and propose them anew.") from None
        yield folder


def _unpack(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = archive.infolist()
        is_ours = all(file.compress_type == zipfile.ZIP_DEFLATED for file in files)
        if not is_ours or sum(file.file_size for file in files) > LARGEST:
            raise ValueError
        archive.extractall(folder)
