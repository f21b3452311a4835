"""The commands `flask backup` and `flask restore`. Thin, as commands.py is."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import FOLDER, instance_of, opened_study
from config import Settings, has_instance, home_of, read_settings
from console import Refusing
from errors import BackupRefused, SettingsError

if TYPE_CHECKING:
    from fieldwork.backups.staging import Staged, Wanted

DOORS = {
    "now": "Who is let in: staff, tablets and invitations as they were a moment ago.",
    "then": "Who is let in: staff, tablets and invitations as on the day of the backup. Look through them now.",
    "closed": "Every tablet and invitation is shut out, and all staff but administrators are disabled.",
}


@click.command(cls=Refusing)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--keep-days", type=click.IntRange(min=0), help="Destroy those older than so many days, if sooner.")
@click.option("--verify", is_flag=True, help="Make none: check every backup in DIR, byte by byte.")
def backup(folder: Path, keep_days: int | None, verify: bool) -> None:
    """Back up the instance into DIR, sealed as it is, and destroy what outlived the life that people were promised."""
    from fieldwork.backups.life import destroy_old, how_many
    from fieldwork.backups.making import make_backup

    if verify:
        _verify(folder)
        return
    settings = read_settings(home_of(os.environ))
    study, instance = opened_study(settings), instance_of(settings)
    longest = study.settings.retention["backup_days"]
    if keep_days is not None and keep_days > longest:
        raise SettingsError(f"People are promised that a backup lives {longest} days. Nothing was done.")
    today = date.today()
    was_there = (folder / today.isoformat()).exists()
    made = make_backup(study.stores, instance, folder.absolute(), today)
    click.echo(f"Backed up to {made}. `secret` and `journal.key` are not in it: keep copies of them apart.")
    if was_there:
        click.echo("It took the place of the backup that was made earlier on this day.")
    days = longest if keep_days is None else keep_days
    gone = destroy_old(study.stores.office, instance, folder.absolute(), days, today)
    if gone is None:
        click.echo("A legal hold is on: no backup was destroyed, however old.")
    elif gone:
        click.echo(f"Destroyed {how_many(gone)} older than {days} days.")


def _verify(folder: Path) -> None:
    from fieldwork.backups.keeping import backups_in, why_not_whole
    from fieldwork.backups.life import how_many
    from fieldwork.backups.manifest import read_manifest
    from storage.journal_key import fingerprint

    found = backups_in(folder)
    wrong = [why for path in found if (why := why_not_whole(path, thorough=True))]
    for why in wrong:
        click.echo(why, err=True)
    if not found:
        raise BackupRefused(f"There is no backup in {folder}.")
    if wrong:
        raise BackupRefused(f"{len(found) - len(wrong)} of {len(found)} backups in {folder} are whole.")
    keys = dict.fromkeys(fingerprint(bytes.fromhex(read_manifest(path).key)) for path in found)
    newest = max(found.values())
    click.echo(f"{how_many(len(found))} in {folder}, the newest of {newest}: every byte is as it was written.")
    click.echo(f"Signed by the journal key {', '.join(keys)}.")


@click.command(cls=Refusing)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR")
@click.option("--rehearse", is_flag=True, help="Only try it, in a folder that goes again; the journal says so.")
@click.option("--replace", is_flag=True, help="Put it in the place of stores that stand; those are kept aside.")
@click.option("--keep-office", is_flag=True, help="Put back the two vaults, and leave the office as it is.")
@click.option("--doors", type=click.Choice(["now", "then", "closed"]), help="Who may come in afterwards.")
@click.option("--tombstones-lost", is_flag=True, help="Nobody knows any longer who withdrew since the backup.")
@click.option("--key-renewed", is_flag=True, help="journal.key is another one since the backup.")
def restore(folder: Path, rehearse: bool, replace: bool, **decided: object) -> None:
    """Put the backup DIR back, or the newest in DIR, without anybody who withdrew. Stop every server first."""
    from fieldwork.backups import restoring
    from fieldwork.backups.keeping import chosen
    from fieldwork.backups.staging import Wanted

    wanted = Wanted(**decided)  # type: ignore[arg-type]  # click has checked each
    found = chosen(folder.absolute())
    settings = _settings_for(found, wanted)
    if rehearse:
        _tell(restoring.rehearse(instance_of(settings), found, wanted, date.today()), "could be put back")
        click.echo("Rehearsed: nothing was changed, and the journal says that it was done today.")
        return
    _tell(restoring.restore(instance_of(settings), found, wanted, replace, date.today()), "is put back")
    if wanted.tombstones_lost:
        click.echo(
            "Nobody knows who withdrew after that day, so their records may be here again. Tell whoever answers for "
            "data protection in the study."
        )
    click.echo("Nobody is signed in any longer. Run `flask maintain` and `flask health`, then start the server.")


def _settings_for(found: Path, wanted: Wanted) -> Settings:
    """Those of the instance; where a whole machine was lost, those that the backup holds."""
    from fieldwork.backups.staging import signed_settings

    home = home_of(os.environ)
    if has_instance(home):
        return read_settings(home)
    if not home.is_dir():
        raise SettingsError(f"Make the folder {home} first, with secret and journal.key in it (docs/backup.md).")
    return read_settings(home, file=signed_settings(found, home / "journal.key", wanted))


def _tell(done: Staged, what: str) -> None:
    up = done.upkeep
    click.echo(f"The backup of {done.day} {what}: whole, and its journal holds.")
    if up.is_held:
        click.echo("A legal hold is on in it: what was withdrawn is used no more, and goes when the hold is lifted.")
    else:
        click.echo(
            f"{up.erased_again} records of people who withdrew were erased again, {up.expired} tags expired, "
            f"{up.links} links and {up.contact} contact details went on their day."
        )
    click.echo(DOORS[done.doors])
    if done.lost:
        acts = ", ".join(f"{act} {count}" for act, count in sorted(done.lost.items()))
        click.echo(f"Acts of staff after the backup that its journal does not hold: {acts}.")
