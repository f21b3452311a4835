"""The study's sheets on every machine: where they are changed they go into the office, and the others fetch them there.

A study on SQLite has one machine, and nothing to share. What is fetched is signed by the instance's own journal key:
whoever has the database alone puts nothing into any machine's folder. Each machine keeps its own `plain_path`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path

from errors import StorageError
from fieldwork.instance import staged, swap
from fieldwork.packed import pack, unpacked
from storage.engines import is_sqlite
from storage.journal_key import is_signed, public_in, signer_in
from storage.meta import tell_all, told
from storage.office import Office

SIGNED = "amanah sheets 1"
MARK, SHEETS = "sheets mark", "sheets"
DAMAGED = "The sheets that another machine put into the office are damaged, or of another instance. Nothing changed."


def share_sheets(office: Office, study: str, folder: Path) -> None:
    """Put the sheets in this folder into the office, for the other machines. Raises JournalNotWritten."""
    if is_sqlite(office.engine):
        return
    data = pack(folder)
    digest = hashlib.sha256(data).hexdigest()
    signature = signer_in(office.journal_key).sign(_message(study, digest))
    facts = {MARK: f"{digest} {signature.hex()}", SHEETS: base64.b64encode(data).decode()}
    tell_all(office.engine, {f"{name} {study}": value for name, value in facts.items()})
    _noted(folder).write_text(digest)


def fetch_sheets(office: Office, study: str, folder: Path) -> bool:
    """Put the sheets that another machine shared in the place of this folder's; whether there were any.

    Raises StorageError for damaged ones, or another instance's; then the folder is as it was.
    """
    mark = None if is_sqlite(office.engine) else told(office.engine, f"{MARK} {study}")
    if mark is None:
        return False
    digest, _, signature = mark.partition(" ")
    noted = _noted(folder)
    if noted.is_file() and noted.read_text() == digest:
        return False
    with unpacked(_checked(office, study, digest, signature), folder.name) as sheets, staged(sheets, folder) as made:
        swap(made, folder)
    noted.write_text(digest)
    return True


def _checked(office: Office, study: str, digest: str, signature: str) -> bytes:
    own = public_in(office.journal_key)
    try:
        is_ours = own is not None and is_signed(own, bytes.fromhex(signature), _message(study, digest))
        data = base64.b64decode(told(office.engine, f"{SHEETS} {study}") or "", validate=True) if is_ours else b""
    except (ValueError, binascii.Error):
        raise StorageError(DAMAGED) from None
    if not is_ours or hashlib.sha256(data).hexdigest() != digest:
        raise StorageError(DAMAGED)
    return data


def _message(study: str, digest: str) -> bytes:
    return f"{SIGNED}\n{study}\n{digest}".encode()


def _noted(folder: Path) -> Path:
    """Where a machine notes which sheets it has; beside them, so that nothing of it gets into them."""
    return folder.with_name(f".{folder.name}.shared")
