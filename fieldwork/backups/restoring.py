"""Put a backup back, or rehearse it: the whole instance is made apart first, then its parts are given their names.

Until the mark is written nothing has changed; from then on the next start, or the next command, ends what was begun.
So an interruption leaves the old state or the new one, and nothing is served in between.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from errors import BackupRefused, StoreAway
from fieldwork.backups.alone import alone, only_one, take_part
from fieldwork.backups.keeping import ASIDE
from fieldwork.backups.places import COPIES, SETTINGS, STUDIES, TOMBSTONES, Instance
from fieldwork.backups.staging import Staged, Wanted, stage
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.placing import (
    bring_beside,
    drop_beside,
    file_of,
    give_name,
    is_shut,
    is_there,
    keep_aside,
    let_in,
    loaded,
    refuse_company,
    shut_out,
)
from storage.store_copies import STORES, make_durable
from storage.stores import close_stores, open_stores
from storage.tombstones import remembered, write_tombstones

STAGING, MARK, REHEARSAL = ".restoring", "ready", ".rehearsal-"
PATIENCE = 10.0  # seconds


def restore(instance: Instance, backup: Path, wanted: Wanted, replace: bool, today: date) -> Staged:
    """Put a backup in the place of what stands. Raises BackupRefused, StorageError; then the old state stands.

    `replace`: whether anything may stand there; it is kept aside then.
    """
    with alone(instance.home), _in_words("The backup could not be put back"):
        _end(instance)
        _refuse_unsafe(instance, replace)
        staging = instance.home / STAGING
        staging.mkdir(mode=0o700)
        try:
            done = stage(instance, backup, staging, wanted, today)
            _place(instance, today)
        except BaseException:
            if not (staging / MARK).exists():
                _take_back(instance)
            raise
        return done


def rehearse(instance: Instance, backup: Path, wanted: Wanted, today: date) -> Staged:
    """Do all that a restore does in a folder of its own, and take that away again. The journal says on which day."""
    with _in_words("The backup could not be rehearsed"):
        sweep_rehearsals(instance.home)
        into = Path(tempfile.mkdtemp(prefix=REHEARSAL, dir=instance.home))
        try:
            with only_one(into):
                done = stage(instance, backup, into, wanted, today)
        finally:
            shutil.rmtree(into, ignore_errors=True)
    stores = open_stores(instance.addresses)
    try:
        write_entry(stores.office, COMMAND_LINE, Act.RESTORE_REHEARSED, today, detail=f"backup of {done.day}")
    finally:
        close_stores(stores)
    return done


def begin_to_serve(instance: Instance) -> int:
    """End what an interrupted restore began, then say that this process serves, as `take_part` does."""
    settle(instance)
    held = take_part(instance.home)
    if (instance.home / STAGING).exists():
        os.close(held)
        raise BackupRefused("A backup is being put back into this instance at this moment. Nothing was served.")
    sweep_rehearsals(instance.home)
    return held


def settle(instance: Instance) -> None:
    """End what an interrupted restore began, or take it back where nothing had changed yet. Else nothing.

    Of several that start at once one does it, and the others wait for it.
    """
    if (instance.home / STAGING).exists():
        with alone(instance.home, PATIENCE), _in_words("A restore that was interrupted cannot be ended"):
            _end(instance)


def sweep_rehearsals(home: Path) -> None:
    """Take away what a rehearsal left that was killed: it holds records."""
    for folder in home.glob(f"{REHEARSAL}*"):
        with suppress(BackupRefused, FileNotFoundError), only_one(folder):
            shutil.rmtree(folder, ignore_errors=True)


def asides(instance: Instance) -> tuple[Path, ...]:
    """The folders in which a restore keeps what stood there before."""
    files = (file_of(instance.address(store)) for store in STORES)
    return tuple(dict.fromkeys([instance.home, *(path.parent for path in files if path)]))


def _refuse_unsafe(instance: Instance, replace: bool) -> None:
    if not replace and any(is_there(instance.address(store)) for store in STORES):
        raise BackupRefused("Stores stand here already. Say --replace to put the backup in their place.")
    for store in STORES:
        refuse_company(instance.address(store))
    if not (instance.home / "secret").is_file():
        raise BackupRefused(
            f"There is no secret in {instance.home}: without it no second factor of the staff opens. Put it back from "
            "where it is kept apart (docs/backup.md)."
        )


def _place(instance: Instance, today: date) -> None:
    """Everything that can still fail first; then the mark; then names, which are given or not."""
    staging, aside = instance.home / STAGING, _name_of_aside(instance, today)
    for store in STORES:
        keep_aside(instance.address(store), store, instance.home / aside)
        bring_beside(instance.address(store), staging / COPIES[store])
        shut_out(instance.address(store))
    with loaded({store: (instance.address(store), staging / COPIES[store]) for store in STORES}) as connections:
        _mark(staging, aside)
        with _in_words("The next start or command will go on to put the backup in place, which could not be ended now"):
            for connection in connections:
                connection.commit()
            _give_names(instance, aside)


def _name_of_aside(instance: Instance, today: date) -> str:
    """A folder's name that nothing has yet where something is kept aside: the day, and a number for the second."""
    names = (f"{ASIDE}{today.isoformat()}{number}" for number in ("", *(f"-{count}" for count in range(2, 100))))
    return next(name for name in names if not any((place / name).exists() for place in asides(instance)))


def _mark(staging: Path, aside: str) -> None:
    with os.fdopen(os.open(staging / f"{MARK}.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(aside)
        file.flush()
        os.fsync(file.fileno())
    (staging / f"{MARK}.part").replace(staging / MARK)
    make_durable(staging)
    make_durable(staging.parent)


def _end(instance: Instance) -> None:
    staging = instance.home / STAGING
    if not (staging / MARK).exists():
        _take_back(instance)
        return
    # What is in place already may be in use again elsewhere: it is left alone.
    waiting = [store for store in STORES if is_shut(instance.address(store))]
    with loaded({store: (instance.address(store), staging / COPIES[store]) for store in waiting}) as connections:
        for connection in connections:
            connection.commit()
    _give_names(instance, (staging / MARK).read_text("utf-8"))


def _give_names(instance: Instance, aside: str) -> None:
    """Each step is one that may have been done already."""
    staging = instance.home / STAGING
    tags = remembered(None, (staging / TOMBSTONES,))
    for path in instance.tombstone_files:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_tombstones(path, tags | remembered(None, (path,)))
    for store in STORES:
        give_name(instance.address(store), aside)
    if (staging / STUDIES).exists():
        if instance.studies.exists():
            (instance.home / aside).mkdir(mode=0o700, exist_ok=True)
            instance.studies.rename(instance.home / aside / STUDIES)
        (staging / STUDIES).rename(instance.studies)
    if not instance.settings.exists():
        (staging / SETTINGS).rename(instance.settings)
    make_durable(instance.home)
    _sweep(instance)


def _take_back(instance: Instance) -> None:
    for store in STORES:
        let_in(instance.address(store), store)
    _sweep(instance)


def _sweep(instance: Instance) -> None:
    for store in STORES:
        drop_beside(instance.address(store))
    (instance.home / STAGING / MARK).unlink(missing_ok=True)
    shutil.rmtree(instance.home / STAGING, ignore_errors=True)


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, SQLAlchemyError, sqlite3.Error, StoreAway) as error:
        original = getattr(error, "orig", None) or error
        why = getattr(original, "strerror", None) or str(original).splitlines()[0]
        raise BackupRefused(f"{what} ({why}).") from None
