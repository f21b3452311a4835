"""Write what must be whole: a folder of key files that appears complete or not at all, one file that takes another's
place. Overwrites no folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from errors import CeremonyError


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """These files (0600) in a new folder (0700), whole or not at all. Raises CeremonyError.

    They are written beside and take the folder's name at the end: a crash leaves no folder of that name.
    """
    refuse_taken(folder)
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder.parent))
    except OSError:
        raise CeremonyError(f"{folder.parent} cannot be written. Nothing was written.") from None
    try:
        for name, data in files.items():
            _write(beside / name, data)
        beside.rename(folder)
        _keep(folder.parent)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        raise CeremonyError(f"{folder} cannot be written. Nothing was written.") from None
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def found_in(folder: Path, pattern: str) -> Iterator[Path]:
    """Files in this folder and below, in their order. What a ceremony that was cut off left behind is none of them."""
    for path in sorted(folder.rglob(pattern)):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def refuse_taken(folder: Path) -> None:
    """Raises CeremonyError where there is something already: keys are never written over others."""
    if folder.exists():
        raise CeremonyError(f"{folder} exists already. Choose a new folder; nothing was written.")


def replace_file(path: Path, data: bytes) -> None:
    """This file with other contents, at every moment whole. Raises CeremonyError; then it is as it was."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        _write(beside, data)
        os.replace(beside, path)
        _keep(path.parent)
    except OSError:
        beside.unlink(missing_ok=True)
        raise CeremonyError(f"{path.name} cannot be written here. It is as it was.") from None


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep(folder: Path) -> None:
    # A new name is on the disk only once its folder is; Windows has no such call and needs none.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
