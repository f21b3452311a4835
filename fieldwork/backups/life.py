"""The end of a backup: none lives longer than people were promised, unless a legal hold keeps all (REQUIREMENTS 58).

What stood in an instance before a restore is a backup by another name, and ends as one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fieldwork.backups.alone import only_one
from fieldwork.backups.keeping import aside_past_their_life, destroy, past_their_life, tidy
from fieldwork.backups.places import Instance
from fieldwork.backups.restoring import asides
from fieldwork.hold import hold_in_force
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.office import Office


def destroy_old(office: Office, instance: Instance, folder: Path, days: int, today: date) -> int | None:
    """Destroy what is older than so many days. Returns how many; None while a legal hold keeps them.

    The newest backup stays, however old: Health says that it is. Raises StorageError, OSError.
    """
    if hold_in_force(office):
        return None
    if not folder.is_dir():
        return 0
    with only_one(folder):
        tidy(folder)
        old = outlived(instance, folder, days, today)
        if old:
            write_entry(office, COMMAND_LINE, Act.BACKUPS_DESTROYED, today, len(old))
            destroy(old)
    return len(old)


def how_many(backups: int) -> str:
    """So many backups, in words."""
    return "1 backup" if backups == 1 else f"{backups} backups"


def outlived(instance: Instance, folder: Path, days: int, today: date) -> tuple[Path, ...]:
    """What is older than so many days, in this folder and beside what stands in the instance."""
    return (*past_their_life(folder, days, today), *aside_past_their_life(asides(instance), days, today))
