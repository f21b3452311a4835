"""Set up an instance, add a study and its public keys, open it to collect. Refuses to overwrite anything."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from errors import JournalBroken, SettingsError, StorageError
from fieldwork.ending import Ending, ending_of
from fieldwork.keyrings import keyring_in_force
from fieldwork.progress import last_upkeep
from fieldwork.study import Study
from fieldwork.terms import approve_retention, approved_retention, settings_in_force
from instruments.catalogue import instrument_from_canonical, load_study
from instruments.plain_files import refuse_links
from instruments.reading.sources import is_whole, load_settings
from instruments.reading.starter import is_form, replace_form, write_study
from instruments.recordings import FOLDER, add_recordings, carry_recordings
from instruments.reviews import REVIEWS, joined, read_reviews, write_reviews
from instruments.settings import FILE
from privacy.keys import Keyring
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_key import FILE as JOURNAL_KEY
from storage.journal_key import fingerprint, new_key_file, signer_in
from storage.office import (
    Office,
    add_instrument,
    add_keyring,
    current_digest,
    current_instrument,
    newest_keyring,
)
from storage.stores import Addresses, Stores, create_stores, open_stores
from storage.tombstones import create_file

AN_HOUR = 3600.0  # seconds
KEPT = "study"  # the name of a study's workbook in an instance
BESIDE_A_WORKBOOK = """# {name} beside this file holds the study: its questions, and its settings in the sheet amanah.
# plain_path, neutral_title, [quotas] and [retention] may be written here and win over that sheet. The first three act
# at once; another retention counts once two administrators have approved it.

workbook = "{name}"
plain_path = false
"""
SETTINGS_HEAD = (
    "# The settings of this instance. docs/settings.md explains each; AMANAH_<SETTING> in the environment wins.\n"
)


def make_folder(home: Path, study: str, demo: bool) -> None:
    """Make the instance's folder (0700), its settings and its journal's key.

    Raises SettingsError where something already stands.
    """
    if home.exists() and any(home.iterdir()):
        raise SettingsError(f"{home} is not empty. Choose a new folder; nothing was changed.")
    home.mkdir(parents=True, exist_ok=True)
    os.chmod(home, 0o700)
    for name in ("stores", "studies"):
        (home / name).mkdir(mode=0o700)
    write_private(home / "secret", secrets.token_urlsafe(48).encode())
    write_private(home / JOURNAL_KEY, new_key_file())
    lines = [f'study = "{study}"', *(("demo = true", "secure_cookies = false") if demo else ())]
    write_private(home / "settings.toml", (SETTINGS_HEAD + "\n".join(lines) + "\n").encode())


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read (0600). Raises SettingsError if it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{path} exists already; nothing was changed.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def found_instance(addresses: Addresses, tombstone_files: tuple[Path, ...], today: date) -> Stores:
    """Create the three stores and the tombstone files, and begin the journal."""
    stores = create_stores(addresses)
    for file in tombstone_files:
        create_file(file)
    write_entry(stores.office, COMMAND_LINE, Act.INIT, today)
    return stores


def copy_study(source: Path, target: Path, plain_path: bool, own: Path | None = None) -> None:
    """Copy a study's sheets into the instance and set `plain_path` in the copy's `study.toml`. Raises SettingsError.

    Around one form a study is made; of a whole study in one workbook that workbook is kept, and beside it the
    recordings of the study `own` that it does not bring itself.
    """
    if source.resolve() != target.resolve():
        refuse_links(source)
        shutil.rmtree(target, ignore_errors=True)
        _keep(source, target)
        if own is not None and is_form(source):
            add_recordings(own, target)
    told, beside = target / FILE, target / f".{FILE}"
    # A new instance never takes plaintext through the server unless its study turns that on by hand. Written at once:
    # a field app that runs may read it at any moment.
    line = f"plain_path = {str(plain_path).lower()}"
    beside.write_text(re.sub(r"(?m)^plain_path *=.*$", line, told.read_text("utf-8")), "utf-8")
    beside.replace(told)
    shut(target)
    if load_settings(target).plain_path is not plain_path:
        raise SettingsError(f"{told} needs a line `plain_path = true` or `plain_path = false`.")


def shut(folder: Path) -> None:
    """Leave a folder and all that is in it to its owner only, whatever the modes that it was copied with."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _keep(source: Path, target: Path) -> None:
    if not is_form(source):
        shutil.copytree(source, target)
    elif is_whole(source):
        name = KEPT if source.is_dir() else f"{KEPT}{source.suffix.lower()}"
        target.mkdir(parents=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns(FOLDER))
        else:
            shutil.copy(source, target / name)
        carry_recordings(source, target)
        (target / FILE).write_text(BESIDE_A_WORKBOOK.format(name=name), "utf-8")
    else:
        write_study(source, target)


@contextmanager
def staged(source: Path, target: Path) -> Iterator[Path]:
    """The study's folder as these sheets would make it, beside the one in use, and gone afterwards unless moved.

    A form alone takes the place of the one that the study was made around; `plain_path` stays as it is. A workbook
    brings the recordings beside it, and the study's own stay, which it names by file or by content.
    Raises InstrumentError, SettingsError.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        made = Path(scratch) / target.name
        if is_form(source) and not is_whole(source):
            shutil.copytree(target, made)
            replace_form(source, made)
            shut(made)
        else:
            told = load_settings(target)
            copy_study(source, made, told.plain_path, target)
            # A review that was written down in the instance is not lost when sheets come from elsewhere.
            if kept := joined(told.reviews, read_reviews(made)):
                write_reviews(made, kept)
        yield made


def swap(made: Path, target: Path) -> None:
    """Put what was staged in the place of the folder in use."""
    # The old one goes where the staged one was, and with it.
    old = made.with_name(f"{target.name}.old")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise


def put_back(target: Path, now: float) -> None:
    """Put the study's folder back where a process fell in the middle of `swap`, and take away what others left.

    `now`: seconds. What is younger than an hour may still be somebody's work.
    """
    staged_ones = f".{target.name}-*"
    if not target.exists():
        for old in target.parent.glob(f"{staged_ones}/{target.name}.old"):
            old.rename(target)
            break
    for folder in target.parent.glob(staged_ones):
        if now - folder.stat().st_mtime > AN_HOUR:
            shutil.rmtree(folder, ignore_errors=True)


def add_study(office: Office, folder: Path, today: date, actor: str = COMMAND_LINE) -> str:
    """Compile the study in this folder, collect for it from now on, return its digest. Raises InstrumentError."""
    found = load_study(folder)
    instrument = found.instrument
    write_entry(office, actor, Act.STUDY_ADDED, today, detail=instrument.digest)
    approve_retention(office, instrument.study, found.settings.retention)
    add_instrument(office, instrument.digest, instrument.study, instrument.canonical)
    return instrument.digest


def keyring_for(study: str, data: bytes) -> Keyring:
    """The keyring of this file. Raises EnvelopeError for a damaged one, SettingsError for another study's."""
    keyring = Keyring.from_json(data)
    if keyring.study != study:
        raise SettingsError(f"This keyring belongs to the study {keyring.study!r}, not to {study!r}.")
    return keyring


def add_keys(office: Office, study: str, data: bytes, today: date, actor: str = COMMAND_LINE) -> Keyring:
    """Take the desk's public keyring in. Where there is one already, fieldwork/approvals.py asks two people first.

    Raises EnvelopeError for a damaged file, SettingsError for another study's.
    """
    keyring = keyring_for(study, data)
    write_entry(office, actor, Act.KEYS_ADDED, today, detail=keyring.fingerprint)
    add_keyring(office, data)
    return keyring


def renew_journal_key(office: Office, file: Path, reason: str, today: date) -> str:
    """Put a new key in the place of the journal's; the first entry that it signs says so. Returns its fingerprint.

    Raises JournalNotWritten; then the old key stays.
    """
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    write_private(beside, new_key_file())
    new = fingerprint(signer_in(beside).public)
    # The entry first: a key that no entry announced could not be told from a stranger's.
    try:
        write_entry(replace(office, journal_key=beside), COMMAND_LINE, Act.JOURNAL_KEY_RENEWED, today, 0, reason, new)
    except StorageError:
        beside.unlink()
        raise
    beside.replace(file)
    return new


def open_study(name: str, folder: Path, addresses: Addresses, tombstone_files: tuple[Path, ...]) -> Study:
    """The study of an instance, ready to collect. Raises SettingsError, StorageError, InstrumentError."""
    stores = open_stores(addresses)
    canonical = current_instrument(stores.office, name)
    if canonical is None:
        raise SettingsError(f"The study {name!r} has not been added. Run `flask study add {folder}`.")
    instrument = instrument_from_canonical(canonical)
    try:
        ring = keyring_in_force(stores.office).data
    except JournalBroken:
        ring = None  # nobody can say what to seal to; withdrawal and the staff's pages go on, and Health says stop
    settings, asked = settings_in_force(stores.office, name, folder)
    keyring, kept_up = Keyring.from_json(ring) if ring else None, last_upkeep(stores.office)
    return Study(instrument, settings, keyring, stores, tombstone_files, asked, kept_up, ending_of(stores.office))


Mark = tuple[str | None, int, str | None, date | None, Ending | None, int]


def mark_of(study: Study, folder: Path) -> Mark:
    """What changes whenever the study must be read anew: version, keys, retention, upkeep, end, settings' files."""
    office, told = study.stores.office, [path for name in (FILE, REVIEWS) if (path := folder / name).is_file()]
    changed = sum(path.stat().st_mtime_ns for path in told)
    kept = current_digest(office, study.name), newest_keyring(office), approved_retention(office, study.name)
    return *kept, last_upkeep(office), ending_of(office), changed


def reread(study: Study, folder: Path) -> Study:
    """The study as the office and its settings tell it now, with the same open stores.

    Raises InstrumentError where its settings cannot be read, StorageError and EnvelopeError for what is damaged, or
    where the journal does not hold.
    """
    canonical, ring = current_instrument(study.stores.office, study.name), keyring_in_force(study.stores.office).data
    settings, asked = settings_in_force(study.stores.office, study.name, folder)
    return replace(
        study,
        instrument=instrument_from_canonical(canonical) if canonical else study.instrument,
        settings=settings,
        asked_retention=asked,
        keyring=Keyring.from_json(ring) if ring else None,
        kept_up=last_upkeep(study.stores.office),
        ending=ending_of(study.stores.office),
    )
