"""Make a backup: the three stores as they are sealed, the sheets, the settings and the tombstones. Never a key.

Neither `secret` nor `journal.key` goes along: beside the stores they would undo what they are for.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from errors import BackupRefused, InstrumentError, StoreAway
from fieldwork.backups.alone import only_one
from fieldwork.backups.keeping import PART, put_in_place, tidy
from fieldwork.backups.manifest import write_manifest
from fieldwork.backups.places import COPIES, SETTINGS, STUDIES, TOMBSTONES, Instance
from instruments.plain_files import refuse_links
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_key import signer_in
from storage.office import Office
from storage.store_copies import STORES, copy_store, make_durable
from storage.stores import Stores, engines_of
from storage.tombstones import remembered, write_tombstones


def make_backup(stores: Stores, instance: Instance, folder: Path, today: date) -> Path:
    """Write a backup into this folder under the day's name; one of the same day is replaced. Returns its place.

    Raises BackupRefused, StorageError; then what stood there stands there still.
    """
    signer = signer_in(stores.office.journal_key)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(folder):
            tidy(folder)
            write_entry(stores.office, COMMAND_LINE, Act.BACKUP_MADE, today)
            part = folder / f"{today.isoformat()}{PART}"
            try:
                part.mkdir(mode=0o700)
                _fill(part, stores, instance)
                write_manifest(part, instance.study, today, signer)
                _settle(part)
                return put_in_place(part)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except InstrumentError as refusal:
        raise BackupRefused(f"{refusal}. No backup was made.") from None
    except (OSError, SQLAlchemyError, sqlite3.Error, StoreAway) as error:
        raise BackupRefused(
            f"The backup could not be written whole into {folder} ({_said(error)}). Nothing there was changed: see "
            "that the disk has room and may be written."
        ) from None


def _fill(part: Path, stores: Stores, instance: Instance) -> None:
    """Each store in turn. The order is what keeps two promises, whatever comes between.

    A visit is kept in the identity vault first, so answers that are copied first have their consent record in the copy
    that follows. A withdrawal writes its tombstones before it erases, so the office and the files, copied last, know of
    each withdrawal of which a vault's copy still holds something.
    """
    engines = engines_of(stores)
    for store in STORES:
        copy_store(engines[store], store, part / COPIES[store])
    _copy_sheets(instance, part)
    _copy_tombstones(stores.office, instance.tombstone_files, part / TOMBSTONES)


def _copy_sheets(instance: Instance, part: Path) -> None:
    refuse_links(instance.studies)
    # A folder that begins with a point is what a page is about to bring, and gone soon.
    shutil.copytree(instance.studies, part / STUDIES, ignore=shutil.ignore_patterns(".*"))
    shutil.copyfile(instance.settings, part / SETTINGS)


def _copy_tombstones(office: Office, files: Sequence[Path], path: Path) -> None:
    # In tag order: as they came they would tell when, and which two belong to one receipt.
    write_tombstones(path, remembered(office, files))


def _settle(part: Path) -> None:
    """Leave all of it to its owner only, and have it on the disk before it gets its name."""
    for path in (*part.rglob("*"), part):
        os.chmod(path, 0o700 if path.is_dir() else 0o600)
        make_durable(path)


def _said(error: Exception) -> str:
    """What went wrong, without a statement or a parameter."""
    original = getattr(error, "orig", None) or error
    return getattr(original, "strerror", None) or str(original).splitlines()[0]
