"""Make the sealed bundle: one file with one vault's envelopes, safe to carry. Opens nothing."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

from errors import SettingsError
from fieldwork.study import Study
from storage.bundle import write_bundle
from storage.journal import Act, order_of_instruments, write_entry
from storage.office import instruments, keyring_json, retention_in_force, tallies
from storage.reporting import Report, unheard

WAITING = ".bundle-"  # a folder of its own for each that waits to be saved; nobody guesses the rest of its name
WAITS = 600.0  # seconds


def make_bundle(
    study: Study,
    path: Path,
    actor: str,
    today: date,
    purpose: Literal["research", "identity"],
    report: Report = unheard,
) -> int:
    """Write the bundle and return how many envelopes it holds. Raises SettingsError, StorageError.

    `report` hears how far it is; what it raises ends the work, and nothing of the bundle stays.

    The journal comes first: a bundle that cannot be written down is not made (REQUIREMENTS 37).
    """
    if path.exists():
        raise SettingsError(f"{path} exists already. Choose a new file name; nothing was written.")
    office = study.stores.office
    write_entry(office, actor, Act.BUNDLE_MADE, today, detail=purpose)
    vault = study.stores.research if purpose == "research" else study.stores.identity
    kept = instruments(office)
    added = {digest: kept[digest] for digest in order_of_instruments(office)}
    retention = retention_in_force(office, study.name)
    told = (keyring_json(office), added, tallies(office), retention)
    return write_bundle(path, study.name, vault, office, *told, report=report)


def sweep_bundles(home: Path, now: float) -> None:
    """Take away bundles that waited for too long in the instance's folder, also where their process ended meanwhile.

    A bundle holds the records of its day: one that stayed would keep what was withdrawn since. `now`: seconds.
    """
    for folder in stale_bundles(home, now):
        shutil.rmtree(folder, ignore_errors=True)


def drop_bundles(home: Path) -> None:
    """Take away every bundle that waits to be saved, however young."""
    for folder in home.glob(f"{WAITING}*"):
        shutil.rmtree(folder, ignore_errors=True)


def stale_bundles(home: Path, now: float) -> tuple[Path, ...]:
    """The folders of bundles that waited for too long. `now`: seconds."""
    return tuple(folder for folder in home.glob(f"{WAITING}*") if _is_stale(folder, now))


def _is_stale(folder: Path, now: float) -> bool:
    with suppress(FileNotFoundError):  # saved meanwhile
        # One that is still being written is as young as its last byte.
        return now - max(path.stat().st_mtime for path in (folder, *folder.iterdir())) > WAITS
    return False
