"""Gather what the rules of fieldwork/health.py look at: disks, files, stores, the study. Judges nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from errors import JournalBroken
from fieldwork.backups.keeping import backups_in, kept_aside, why_not_whole
from fieldwork.health import Backups, Certificate, Disk, Facts
from fieldwork.hold import hold_in_force, is_cut, lacking_words
from fieldwork.kept import holding_of, shown_to_staff
from fieldwork.keyrings import keyring_in_force, known_keyrings, since_when
from fieldwork.progress import last_upkeep
from fieldwork.retention import due_tasks
from fieldwork.study import Study
from fieldwork.upkeep import consents_are_due
from privacy.keys import Status
from storage.engines import is_sqlite, size_of
from storage.journal import Act, read_journal
from storage.journal_check import verify_journal
from storage.meta import told
from storage.office import Office
from storage.stores import engines_of
from storage.vaults import count_unlimited


@dataclass(frozen=True)
class Around:
    """What the settings of an instance tell of it. Where nobody told, a path is None and `hosts` are ()."""

    home: Path
    backups: Path | None
    certificate: Path | None
    demo: bool
    secure_cookies: bool
    hosts: tuple[str, ...] = ()
    security_contact: str = ""


def examine(study: Study, around: Around, today: date, with_chain: bool = False) -> Facts:
    """How this instance is on this day. `with_chain`: every signature of the journal and every byte of the newest
    backup is checked, which takes time."""
    engines, shown = engines_of(study.stores), shown_to_staff(study)
    ending = study.ending
    journal_holds, newest_day, rehearsed = _journal(study.stores.office, with_chain)
    return Facts(
        disks=tuple(_disks(study, around.home)),
        sizes={store: size_of(engine) for store, engine in engines.items()},
        schemas={store: told(engine, "schema") for store, engine in engines.items()},
        backups=_backups(around, engines.values(), with_chain),
        backup_days=study.settings.retention["backup_days"],
        rehearsed=rehearsed,
        maintained=last_upkeep(study.stores.office),
        certificate=_certificate(around),
        journal_holds=journal_holds,
        journal_checked=with_chain,
        newest_day=newest_day,
        newest_file=_newest(around.home / "stores", *study.tombstone_files),
        loose=_loose(around.home, study.tombstone_files) if os.name == "posix" else None,
        has_keys=study.is_open,
        keys_vouched=_keys_vouched(study.stores.office),
        keys_active=tuple(_keys(study, "active")),
        keys_retired=tuple(_keys(study, "retired")),
        unfilled=study.open_brackets,
        links=shown.links,
        contact=shown.contact,
        late=holding_of(study, today).late + _consents_late(study, today),
        plain_path=study.settings.plain_path,
        demo=around.demo,
        secure_cookies=around.secure_cookies,
        hosts=around.hosts,
        security_contact=around.security_contact,
        hold=hold_in_force(study.stores.office),
        hold_is_cut=is_cut(study.stores.office),
        hold_words_ready=not lacking_words(study),
        due=tuple(due.rule.name for due in due_tasks(study, today) if due.is_due),
        ended=ending.day if ending else None,
        interrupted=bool(ending and ending.begun and not ending.destroyed),
        destroyed=ending.destroyed if ending else None,
    )


def _consents_late(study: Study, today: date) -> int:
    return count_unlimited(study.stores.identity) if consents_are_due(study, today) else 0


def _disks(study: Study, home: Path) -> Iterator[Disk]:
    """Each file system once, by what stands on it first."""
    seen: set[int] = set()
    for holds, path in (("instance", home), *(("tombstones", file.parent) for file in study.tombstone_files)):
        if path.is_dir() and (device := path.stat().st_dev) not in seen:
            seen.add(device)
            usage = shutil.disk_usage(path)
            yield Disk(holds, usage.free, usage.total)


def _backups(around: Around, engines: Iterable[Engine], thorough: bool) -> Backups | None:
    folder = around.backups
    if folder is None:
        return None
    found = backups_in(folder) if folder.is_dir() else {}
    if not found:
        return Backups(folder.is_dir())
    # What stood here before a restore is a copy of the same people.
    beside = {Path(str(engine.url.database)).parent for engine in engines if is_sqlite(engine)}
    days = (*found.values(), *(day for day, _ in kept_aside((around.home, *beside))))
    newest, day = list(found.items())[-1]
    return Backups(True, day, min(days), not why_not_whole(newest, thorough))


def _certificate(around: Around) -> Certificate | None:
    # Loaded only where somebody asks: the field app starts without it.
    from cryptography.x509 import load_pem_x509_certificates

    from fieldwork.certificate import CERTIFICATE, FOLDER

    pilots = around.home / FOLDER / CERTIFICATE
    path = around.certificate or (pilots if pilots.is_file() else None)
    if path is None:
        return None
    try:
        # Of a chain the server's own stands first.
        return Certificate(load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc)
    except (OSError, ValueError):
        return Certificate(None)


def _journal(office: Office, with_chain: bool) -> tuple[bool, date | None, date | None]:
    """Whether it holds, its newest day, and the newest on which a restore was rehearsed."""
    try:
        if with_chain:
            verify_journal(office)
        days = [(date.fromisoformat(entry.day), entry.act) for entry in read_journal(office)]
    except (JournalBroken, ValueError):
        return False, None, None
    rehearsed = (day for day, act in days if act == Act.RESTORE_REHEARSED)
    return True, max((day for day, _ in days), default=None), max(rehearsed, default=None)


def _keys_vouched(office: Office) -> bool:
    try:
        return keyring_in_force(office).is_vouched
    except JournalBroken:
        return False


def _keys(study: Study, status: Status) -> Iterator[str]:
    """Each public key in this state as it is told apart: purpose, id, and since when where the journal says it."""
    since = since_when(known_keyrings(study.stores.office).keyrings)
    for key in study.keyring.keys if study.keyring else ():
        if key.status == status:
            yield " ".join(filter(None, (key.purpose, key.short, getattr(since[key.short], status))))


def _newest(*places: Path) -> datetime | None:
    return max((when for place in places for when in _written(place)), default=None)


def _written(place: Path) -> Iterator[datetime]:
    """When each file here was written. A file may go while we look: SQLite's do."""
    for path in (place, *place.rglob("*")):
        try:
            if path.is_file():
                yield datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            continue


def _loose(home: Path, tombstone_files: tuple[Path, ...]) -> tuple[str, ...]:
    """What others than the owner may read. The sheets under `studies/` are shown to everybody anyway."""
    inside = [path for path in home.rglob("*") if "studies" not in path.relative_to(home).parts]
    found = {path for path in (home, *inside, *tombstone_files) if _others_may(path)}
    return tuple(sorted(path.relative_to(home).as_posix() if home in path.parents else str(path) for path in found))


def _others_may(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & 0o077) and not path.is_symlink()
    except FileNotFoundError:
        return False
