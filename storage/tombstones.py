"""Tombstones: tags that were withdrawn, in the office and in files apart from it, so that no backup undoes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from errors import StorageError
from storage.engines import upsert
from storage.office import Office, tombstones

FIRST_LINE = "amanah tombstones 1"


def create_file(path: Path) -> None:
    """Make a tombstone file (0600) unless it is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if not os.fstat(descriptor).st_size:
            file.write(FIRST_LINE + "\n")


def bury(office: Office, files: Sequence[Path], tags: Sequence[bytes]) -> None:
    """Remember tags as withdrawn: first in the files, then in the office. Known tags are written again all the same."""
    for path in files:
        _append(path, tags)
    _remember(office, tags)


def is_buried(office: Office, tag: bytes) -> bool:
    """Whether this tag was withdrawn."""
    with office.engine.connect() as connection:
        return connection.scalar(select(tombstones.c.tag).where(tombstones.c.tag == tag)) is not None


def replay(office: Office, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that the files or the office remember; afterwards the office remembers all of them."""
    found = frozenset(tag for path in files for tag in _read(path))
    _remember(office, sorted(found))
    with office.engine.connect() as connection:
        return frozenset(bytes(tag) for tag in connection.scalars(select(tombstones.c.tag)))


def _remember(office: Office, tags: Sequence[bytes]) -> None:
    with office.engine.begin() as connection:
        for tag in tags:
            connection.execute(upsert(office.engine, tombstones).values(tag=tag).on_conflict_do_nothing())


def _append(path: Path, tags: Sequence[bytes]) -> None:
    create_file(path)
    with path.open("a") as file:
        file.writelines(f"{tag.hex()}\n" for tag in tags)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> list[bytes]:
    first, *lines = path.read_text().splitlines() or [""]
    if first != FIRST_LINE:
        raise StorageError(f"{path} is not a tombstone file of a known version.")
    try:
        return [bytes.fromhex(line) for line in lines if line]
    except ValueError:
        raise StorageError(f"{path} is damaged. Restore it from its copy; nothing was served.") from None
