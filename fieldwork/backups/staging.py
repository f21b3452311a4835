"""Make an instance out of a backup, apart from the one that stands: checked, with nothing in it that was withdrawn.

All that can go wrong goes wrong here, before anything is put in place (fieldwork/backups/placing.py). The stores are
SQLite files here, whichever engine they go to.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

from errors import BackupRefused
from fieldwork.backups.manifest import Manifest, faults_in, read_manifest
from fieldwork.backups.places import COPIES, SETTINGS, STUDIES, TOMBSTONES, Instance, copies_in
from fieldwork.backups.present import Since, present_office, since, tombstones_since
from fieldwork.destroying import FILE as CERTIFICATE
from fieldwork.ending import Ending, ending_of
from fieldwork.hold import hold_in_force
from fieldwork.instance import open_study, shut
from fieldwork.study import Study
from fieldwork.upkeep import Upkeep, put_right
from storage.doors import forget_recovery_codes, shut_doors, take_over_doors
from storage.engines import checkpoint, open_engine
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_check import verify_journal
from storage.journal_key import fingerprint, signer_in
from storage.meta import SCHEMA
from storage.migrating import migrate_stores
from storage.office import Office
from storage.store_copies import check_copy, check_whole, copy_store, make_durable
from storage.stores import Addresses, close_stores, engines_of, open_stores
from storage.tombstones import remembered, write_tombstones

Doors = Literal["now", "then", "closed"]
KEPT = "office.kept"  # the office of now, until it takes the place of the backup's


@dataclass(frozen=True)
class Wanted:
    """What whoever puts a backup back has decided.

    `doors`: who may come in afterwards; None lets in whom the office of now lets in. `keep_office`: put back the vaults
    alone. `tombstones_lost`: nobody knows any longer who withdrew since. `key_renewed`: the journal's key is another
    one since.
    """

    doors: Doors | None = None
    keep_office: bool = False
    tombstones_lost: bool = False
    key_renewed: bool = False


@dataclass(frozen=True)
class Staged:
    """An instance that is ready to be put in place: the backup's day, what was done to it, and who is let in.

    `lost`: what staff did after the backup, by act, as far as the office of now tells: the journal will not know of it.
    """

    day: date
    upkeep: Upkeep
    doors: Doors
    lost: Mapping[str, int] = field(default_factory=dict)


def stage(instance: Instance, backup: Path, into: Path, wanted: Wanted, today: date) -> Staged:
    """Make it in this new folder. Raises BackupRefused, StorageError, OSError; then the folder is of no use."""
    manifest = _brought(instance, backup, into)
    addresses = copies_in(into, instance.addresses.journal_key)
    _check_journal(addresses, manifest, wanted, today)
    if manifest.schema != SCHEMA:
        # Who withdrew since is remembered in the form of the earlier version where nobody took that forwards.
        list(migrate_stores(addresses, (into / TOMBSTONES, *instance.tombstone_files), today))
    for store, name in COPIES.items():
        check_copy(into / name, store)
    stores = open_stores(addresses)
    try:
        with present_office(instance, stores.office) as present:
            told = since(present, stores.office) if present else None
            doors = _decided(told, stores.office, wanted)
            _refuse_undone_end(instance, told, stores.office, wanted)
            tags = _tombstones(instance, present, into, manifest, wanted)
            if wanted.keep_office and present:
                copy_store(present.engine, "office", into / KEPT)
            elif doors == "now" and present:
                take_over_doors(stores.office, present)
    finally:
        close_stores(stores)
    if wanted.keep_office:
        (into / KEPT).replace(into / COPIES["office"])
    write_tombstones(into / TOMBSTONES, tags)
    return _put_right(instance, into, manifest, told, doors, wanted, today)


def signed_settings(backup: Path, journal_key: Path, wanted: Wanted) -> Path:
    """The file of settings that a backup holds, once it is known that this instance's key signed it.

    They name databases, so nobody else's are followed. Raises BackupRefused, JournalNotWritten.
    """
    manifest = read_manifest(backup)
    _is_renewed(manifest, journal_key, wanted)
    listed = {name: one for name, one in manifest.files.items() if name == SETTINGS}
    if not listed or list(faults_in(backup, replace(manifest, files=listed), thorough=True)):
        raise BackupRefused(f"The backup is damaged: {SETTINGS}. Nothing was changed.")
    return backup / SETTINGS


def _brought(instance: Instance, backup: Path, into: Path) -> Manifest:
    """Copy what the manifest names, and check the copies: what is looked at is what is used."""
    manifest = read_manifest(backup)
    if manifest.study != instance.study:
        raise BackupRefused(f"This backup is of the study {manifest.study!r}, and this instance of {instance.study!r}.")
    for name in manifest.files:
        (into / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (backup / name).is_file():
            shutil.copyfile(backup / name, into / name)
    shut(into)
    if faults := list(faults_in(into, manifest, thorough=True)):
        raise BackupRefused(f"The backup is damaged: {', '.join(faults[:5])}. Nothing was changed.")
    for name in COPIES.values():
        check_whole(into / name)
    return manifest


def _check_journal(addresses: Addresses, manifest: Manifest, wanted: Wanted, today: date) -> None:
    """The journal holds, its last key signed the manifest, and it is this instance's key. Where that was renewed since,
    the journal says so from here on."""
    office = Office(open_engine(addresses.office), addresses.journal_key)
    try:
        if verify_journal(Office(office.engine)).keys[-1][1] != manifest.key:
            raise BackupRefused("The manifest is signed by another key than the backup's journal. Nothing was changed.")
        if _is_renewed(manifest, office.journal_key, wanted):
            new = fingerprint(signer_in(office.journal_key).public)
            write_entry(office, COMMAND_LINE, Act.JOURNAL_KEY_RENEWED, today, 0, "a backup was put back", new)
    finally:
        office.engine.dispose()


def _is_renewed(manifest: Manifest, journal_key: Path | None, wanted: Wanted) -> bool:
    """Whether another key than this instance's signed it, and whoever puts it back knows that. Raises BackupRefused."""
    own, theirs = signer_in(journal_key).public, bytes.fromhex(manifest.key)
    if own != theirs and not wanted.key_renewed:
        raise BackupRefused(
            f"The backup is signed by the journal key {fingerprint(theirs)}, and journal.key here is "
            f"{fingerprint(own)}. Put the right file back; if the key was renewed since and you know the other by "
            "its digits, say --key-renewed."
        )
    return own != theirs


def _decided(told: Since | None, backup: Office, wanted: Wanted) -> Doors:
    """Whom to let in. What nobody here can know, whoever puts the backup back must say."""
    if told is None and (wanted.keep_office or wanted.doors == "now"):
        raise BackupRefused("The office that stands here cannot be believed, so nothing of it can be kept.")
    if told is None and wanted.doors is None:
        raise BackupRefused(
            "No office of now can be read here, so nobody knows who was let in or shut out since the backup. Say "
            "--doors then to let in whom it let in, or --doors closed to revoke every tablet and invitation and "
            "disable all staff but administrators."
        )
    if told and told.hold and not wanted.keep_office and not _has_hold(backup, told):
        raise BackupRefused(
            "A legal hold is on here of which the backup knows nothing: putting it back would end the hold. Say "
            "--keep-office to put back the two vaults alone."
        )
    return wanted.doors or "now"


def _has_hold(backup: Office, told: Since) -> bool:
    found = hold_in_force(backup)
    return found is not None and told.hold is not None and found.digest == told.hold.digest


def _refuse_undone_end(instance: Instance, told: Since | None, backup: Office, wanted: Wanted) -> None:
    """What has ended does not go on, and what was destroyed does not come back. Raises BackupRefused."""
    then = ending_of(backup)
    if told and not wanted.keep_office and _steps_of(then) < _steps_of(told.ending):
        raise BackupRefused(
            "The study has ended here, or was destroyed, and the backup does not know it: putting it back would undo "
            "that. Say --keep-office to put back the two vaults alone; what was to be destroyed is erased on the way."
        )
    certificate = instance.home / CERTIFICATE
    if told is None and not (then and then.begun) and certificate.exists():
        raise BackupRefused(
            f"{certificate} says that what this study kept was destroyed: this backup would bring it back. Destroy it."
        )


def _steps_of(ending: Ending | None) -> tuple[bool, bool, bool]:
    return bool(ending), bool(ending and ending.begun), bool(ending and ending.destroyed)


def _tombstones(
    instance: Instance, present: Office | None, into: Path, manifest: Manifest, wanted: Wanted
) -> frozenset[bytes]:
    """Everybody who withdrew: as the backup, the files of now and the office of now remember them."""
    then = remembered(None, (into / TOMBSTONES,))
    now = tombstones_since(present, instance.tombstone_files, then)
    if now is None and not wanted.tombstones_lost:
        raise BackupRefused(
            f"Nothing here knows who withdrew after {manifest.day}: they would come back. Put the newest tombstone "
            f"file to {instance.tombstone_files[0]} first; only where it is lost with its copy, say --tombstones-lost."
        )
    return then | (now or remembered(None, instance.tombstone_files))


def _put_right(
    instance: Instance, into: Path, manifest: Manifest, told: Since | None, doors: Doors, wanted: Wanted, today: date
) -> Staged:
    with _opened(instance, into) as study:
        office = study.stores.office
        _write_down(office, manifest, doors, wanted, today)
        if doors != "now":
            forget_recovery_codes(office)
        if doors == "closed":
            shut_doors(office)
        done = put_right(study, today)
        verify_journal(office)
    for name in COPIES.values():
        make_durable(into / name)
    lost = {} if wanted.keep_office or told is None else told.acts
    return Staged(manifest.day, done, doors, lost)


@contextmanager
def _opened(instance: Instance, into: Path) -> Iterator[Study]:
    """The study as it is staged. Its stores are whole files without a log afterwards."""
    addresses = copies_in(into, instance.addresses.journal_key)
    study = open_study(instance.study, into / STUDIES / instance.study, addresses, (into / TOMBSTONES,))
    try:
        yield study
        for engine in engines_of(study.stores).values():
            checkpoint(engine)
    finally:
        close_stores(study.stores)


def _write_down(office: Office, manifest: Manifest, doors: Doors, wanted: Wanted, today: date) -> None:
    """In the journal that is put back."""
    said = (f"backup of {manifest.day}", "office kept" if wanted.keep_office else f"doors {doors}")
    more = ("tombstones lost",) if wanted.tombstones_lost else ()
    write_entry(office, COMMAND_LINE, Act.BACKUP_RESTORED, today, detail=", ".join((*said, *more)))
