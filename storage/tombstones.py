"""Tombstones: tags that were withdrawn, in the office and in files apart from it, so that no backup undoes it.

Contact details that were forgotten alone have one too: a hash of their record's id. Devices choose ids, so an id as it
is could be somebody's tag, and to forget the one would withdraw the other.

A tombstone file is a line that names its version, then one tag a line in hexadecimal. It is only ever appended to,
or written anew in tag order: then neighbours in it no longer tell which two tags one receipt stood for.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from errors import StorageError
from storage.engines import upsert
from storage.office import Office, tombstones

FIRST_LINE = "amanah tombstones 1"
AT_ONCE = 1000
FORGOTTEN = b"amanah forgotten 1"
TAG = re.compile(r"[0-9a-f]{32}")
# A power cut can tear the last line. It was never acknowledged, so nothing is lost with it.
TORN = re.compile(r"[0-9a-f]{0,31}")


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
    _remember(office, sorted(tags))


def grave_of(record_id: bytes) -> bytes:
    """The tombstone of contact details that were forgotten by this id: no tag of anybody's."""
    return hashlib.sha256(FORGOTTEN + record_id).digest()[:16]


def is_buried(office: Office, tag: bytes) -> bool:
    """Whether this tag was withdrawn."""
    with office.engine.connect() as connection:
        return connection.scalar(select(tombstones.c.tag).where(tombstones.c.tag == tag)) is not None


def replay(office: Office, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that the files or the office remember; afterwards the office and each file remember all of them.

    Raises StorageError for a damaged file, and when every file is missing: then withdrawals may be forgotten.
    """
    known, told = _known(office), _told(files)
    # Those alone that it lacks: each request can add two, so there may be a million (docs/threat-model.md).
    _remember(office, sorted(told - known))
    known |= told
    for path in files:
        _write_anew(path, known)
    return known


def remember_within(connection: Connection, files: Sequence[Path]) -> None:
    """Let the office remember what the files do, within a transaction. Raises StorageError as `replay` does."""
    _remember_by(connection, sorted(_told(files)))


def remembered(office: Office | None, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that these files or the office remember now. Changes nothing. Raises StorageError for damage."""
    told = frozenset(tag for path in files if path.exists() for tag in _read(path))
    return told | _known(office) if office else told


def write_tombstones(path: Path, tags: frozenset[bytes]) -> None:
    """Have a file remember these tags and no others, in tag order; it is written beside first, and durable."""
    _write_anew(path, tags)


def _told(files: Sequence[Path]) -> set[bytes]:
    there = [path for path in files if path.exists()]
    if files and not there:
        raise StorageError(f"{files[0]} is missing. Put it back from its copy or a backup; nothing was served.")
    return {tag for path in there for tag in _read(path)}


def _known(office: Office) -> frozenset[bytes]:
    with office.engine.connect() as connection:
        return frozenset(bytes(tag) for tag in connection.scalars(select(tombstones.c.tag)))


def _remember(office: Office, tags: Sequence[bytes]) -> None:
    with office.engine.begin() as connection:
        _remember_by(connection, tags)


def _remember_by(connection: Connection, tags: Sequence[bytes]) -> None:
    for at in range(0, len(tags), AT_ONCE):
        new = [{"tag": tag} for tag in tags[at : at + AT_ONCE]]
        connection.execute(upsert(connection.engine, tombstones).on_conflict_do_nothing(), new)


def _append(path: Path, tags: Sequence[bytes]) -> None:
    create_file(path)
    with path.open("rb+") as file:
        file.seek(-1, os.SEEK_END)
        torn = file.read(1) != b"\n"
    with path.open("a") as file:
        file.write("\n" * torn + "".join(f"{tag.hex()}\n" for tag in tags))
        file.flush()
        os.fsync(file.fileno())


def _write_anew(path: Path, tags: frozenset[bytes]) -> None:
    # A withdrawal that comes between reading and replacing is in the office, and in the file again after the next time.
    lines = "".join(f"{line}\n" for line in (FIRST_LINE, *sorted(tag.hex() for tag in tags)))
    if path.exists() and path.read_text() == lines:
        return
    beside = path.with_name(path.name + ".part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _read(path: Path) -> list[bytes]:
    first, *lines = path.read_text(errors="replace").splitlines() or [""]
    if first != FIRST_LINE:
        raise StorageError(f"{path} is not a tombstone file of a known version. Nothing was served.")
    # Two that made the file at the same moment may each have written its first line.
    whole = [line for line in lines if line != FIRST_LINE and not TORN.fullmatch(line)]
    if not all(TAG.fullmatch(line) for line in whole):
        raise StorageError(f"{path} is damaged. Put it back from its copy or a backup; nothing was served.")
    return [bytes.fromhex(line) for line in whole]
