"""The folder of backups: which are there, what a killed run left behind, and the end of those that lived long enough.

Each backup is a folder named by its day. How old one is its signed manifest says, and neither that name nor a file's
time.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from errors import BackupRefused
from fieldwork.backups.manifest import FILE, faults_in, read_manifest
from storage.store_copies import make_durable

DAY = re.compile(r"\d{4}-\d\d-\d\d")
PART, OLD = ".part", ".old"  # what is being written, and what makes room for it
ASIDE = "before-restore-"  # what stood in an instance before a backup was put back, and the day of that


def backups_in(folder: Path) -> dict[Path, date]:
    """Every backup in this folder with the day that is signed in it, the oldest first.

    Where a manifest cannot be read the folder's name must do: what is damaged holds records all the same, and ends.
    """
    found = (path for path in folder.glob("*-*-*") if DAY.fullmatch(path.name) and (path / FILE).is_file())
    days = {path: day for path in found if (day := _signed_day(path) or _day(path.name))}
    return dict(sorted(days.items(), key=lambda told: (told[1], told[0])))


def chosen(folder: Path) -> Path:
    """The backup that somebody names: itself, or the newest in a folder of several. Raises BackupRefused."""
    if (folder / FILE).is_file():
        return folder
    found = backups_in(folder) if folder.is_dir() else {}
    if not found:
        raise BackupRefused(f"There is no backup in {folder}.")
    return list(found)[-1]


def why_not_whole(backup: Path, thorough: bool) -> str:
    """What is wrong with a backup, in words; "" where it is whole. `thorough`: every byte is looked at."""
    try:
        faults = list(faults_in(backup, read_manifest(backup), thorough))
    except BackupRefused as refusal:
        return str(refusal)
    return f"The backup in {backup} is damaged: {', '.join(faults[:5])}." if faults else ""


def tidy(folder: Path) -> None:
    """Take away what a run left behind that was killed, and put back the backup that it was about to replace."""
    for path in folder.glob(f"*{OLD}"):
        whole = path.with_name(path.name.removesuffix(OLD))
        if DAY.fullmatch(whole.name) and not whole.exists():
            path.rename(whole)
        elif DAY.fullmatch(whole.name):
            shutil.rmtree(path)
    for path in folder.glob(f"*{PART}"):
        if DAY.fullmatch(path.name.removesuffix(PART)):
            shutil.rmtree(path)


def put_in_place(part: Path) -> Path:
    """Give what was written whole its name; one of the same day goes. At each moment one of both stands there whole."""
    named = part.with_name(part.name.removesuffix(PART))
    old = named.with_name(f"{named.name}{OLD}")
    if named.exists():
        named.rename(old)
    part.rename(named)
    make_durable(named.parent)
    shutil.rmtree(old, ignore_errors=True)
    return named


def past_their_life(folder: Path, days: int, today: date) -> tuple[Path, ...]:
    """The backups that are older than so many days, and never the newest: an instance without any is not safer."""
    found = backups_in(folder)
    return tuple(path for path, day in list(found.items())[:-1] if day < today - timedelta(days=days))


def aside_past_their_life(places: Iterable[Path], days: int, today: date) -> tuple[Path, ...]:
    """What stood in these folders before a restore, and is older than a backup may be."""
    return tuple(path for day, path in kept_aside(places) if day < today - timedelta(days=days))


def kept_aside(places: Iterable[Path]) -> Iterator[tuple[date, Path]]:
    """What stood in these folders before a restore, and the day of that."""
    for path in (path for place in places for path in place.glob(f"{ASIDE}*")):
        if day := _day(path.name.removeprefix(ASIDE)[:10]):
            yield day, path


def destroy(backups: tuple[Path, ...]) -> None:
    """Take backups away. One that is half gone is no backup any longer, and bears a name by which `tidy` finds it."""
    for path in backups:
        going = path.with_name(f"{path.name}{PART}")
        path.rename(going)
        shutil.rmtree(going)


def _signed_day(backup: Path) -> date | None:
    try:
        return read_manifest(backup).day
    except BackupRefused:
        return None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
