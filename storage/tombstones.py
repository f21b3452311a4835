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
from storage.asking import rows_with
from storage.disks import answering, keep_name
from storage.engines import upsert
from storage.office import Office, tombstones
from storage.turns import held

FIRST_LINE = "amanah tombstones 1"
AT_ONCE = 500  # tags in one statement: a database takes only so many
FORGOTTEN = b"amanah forgotten 1"
TAG = re.compile(r"[0-9a-f]{32}")
# A power cut can tear the last line. It was never acknowledged, so nothing is lost with it.
TORN = re.compile(r"[0-9a-f]{0,31}")


def create_file(path: Path) -> None:
    """Make a tombstone file (0600) unless it is there. Raises StoreAway where the disk does not take it."""
    with answering(), held(path):
        _create(path)


def bury(office: Office, files: Sequence[Path], tags: Sequence[bytes]) -> None:
    """Remember tags as withdrawn: first in the files, then in the office. Known tags are written again all the same."""
    for path in files:
        with answering(), held(path):
            _append(path, tags)
    _remember(office, sorted(tags))


def grave_of(record_id: bytes) -> bytes:
    """The tombstone of contact details that were forgotten by this id: no tag of anybody's."""
    return hashlib.sha256(FORGOTTEN + record_id).digest()[:16]


def is_buried(office: Office, tag: bytes) -> bool:
    """Whether this tag was withdrawn."""
    return tag in buried(office, (tag,))


def buried(office: Office, tags: Sequence[bytes]) -> frozenset[bytes]:
    """Which of these tags were withdrawn."""
    return frozenset(bytes(tag) for (tag,) in rows_with(office.engine, tombstones.c.tag, tags))


def replay(office: Office, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that the files or the office remember; afterwards the office and each file remember all of them.

    Raises StorageError for a damaged file, and when every file is missing: then withdrawals may be forgotten.
    """
    known, told = _known(office), _told(files)
    # Those alone that it lacks: each request can add two, so there may be a million (docs/threat-model.md).
    _remember(office, sorted(told - known))
    known |= told
    for path in files:
        with answering(), held(path):
            # A withdrawal may have come between reading and now: whoever appends holds the file too.
            _write_anew(path, known.union(_read(path) if path.exists() else ()))
    return known


def remember_within(connection: Connection, files: Sequence[Path]) -> None:
    """Let the office remember what the files do, within a transaction. Raises StorageError as `replay` does."""
    _remember_by(connection, sorted(_told(files)))


def all_buried(office: Office, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that the files or the office remember, as `replay` would leave them everywhere. Changes nothing."""
    return _known(office) | _told(files)


def remembered(office: Office | None, files: Sequence[Path]) -> frozenset[bytes]:
    """Every tag that these files or the office remember now. Changes nothing. Raises StorageError for damage."""
    told = frozenset(tag for path in files if path.exists() for tag in _read(path))
    return told | _known(office) if office else told


def write_tombstones(path: Path, tags: frozenset[bytes]) -> None:
    """Have a file remember these tags and no others, in tag order; it is written beside first, and durable."""
    _write_anew(path, tags)


def _told(files: Sequence[Path]) -> frozenset[bytes]:
    there = [path for path in files if path.exists()]
    if files and not there:
        raise StorageError(f"{files[0]} is missing. Put it back from its copy or a backup; nothing was served.")
    return frozenset(tag for path in there for tag in _read(path))


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


def _create(path: Path) -> None:
    # Whole or not at all: one that a crash left empty could not be told from one that was emptied.
    if not path.exists():
        _replace(path, FIRST_LINE + "\n")


def _append(path: Path, tags: Sequence[bytes]) -> None:
    _create(path)
    with path.open("rb+") as file:
        file.seek(-1, os.SEEK_END)
        torn = file.read(1) != b"\n"
    with path.open("a") as file:
        file.write("\n" * torn + "".join(f"{tag.hex()}\n" for tag in tags))
        file.flush()
        os.fsync(file.fileno())


def _write_anew(path: Path, tags: frozenset[bytes]) -> None:
    lines = "".join(f"{line}\n" for line in (FIRST_LINE, *sorted(tag.hex() for tag in tags)))
    _beside(path).unlink(missing_ok=True)  # one that a crash left
    if not path.exists() or path.read_text() != lines:
        _replace(path, lines)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _replace(path: Path, lines: str) -> None:
    beside = _beside(path)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    keep_name(path)


def _read(path: Path) -> list[bytes]:
    first, *lines = path.read_text(errors="replace").splitlines() or [""]
    if first != FIRST_LINE:
        raise StorageError(f"{path} is not a tombstone file of a known version. Nothing was served.")
    # Two that made the file at the same moment may each have written its first line.
    whole = [line for line in lines if line != FIRST_LINE and not TORN.fullmatch(line)]
    if not all(TAG.fullmatch(line) for line in whole):
        raise StorageError(f"{path} is damaged. Put it back from its copy or a backup; nothing was served.")
    return [bytes.fromhex(line) for line in whole]
