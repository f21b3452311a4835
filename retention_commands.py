"""The commands of what is kept for how long: the nightly upkeep, the rules, the end of the study. Thin, as others."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import THERE, instance_of, opened_study, settings_now
from config import Settings, has_instance, home_of
from console import Refusing, bytes_in
from errors import BackupRefused, DestructionRefused, JournalNotWritten, SettingsError, StorageError

if TYPE_CHECKING:
    from fieldwork.destroying import Archive, Destruction
    from fieldwork.study import Study
    from storage.destruction import Certificate

NOBODY_CHECKED = 3  # exit code: it agrees with itself, and nobody has checked whose key it is
CONFIRM = "Proposed. Two administrators must confirm it on the page Proposals within seven days."


@click.command(cls=Refusing)
@click.option("--dry-run", is_flag=True, help="Say what it would do, and change nothing.")
def maintain(dry_run: bool) -> None:
    """Erase tags, links and contact details past their day, replay tombstones, rewrite rows out of their order."""
    from fieldwork.bundles import sweep_bundles
    from fieldwork.upkeep import maintain as keep_up

    settings = settings_now()
    if dry_run:
        _foretell(opened_study(settings), settings)
        return
    sweep_bundles(settings.home, time.time())
    study = opened_study(settings)
    done = keep_up(study, date.today())
    if done.keeps_log:
        click.echo("PostgreSQL's own log still holds rows in the order in which they came: this role may not begin it")
        click.echo("anew. docs/retention.md says how to let it.")
    if done.is_held:
        click.echo("A legal hold is on: nothing was erased and nothing expired. Every table was rewritten.")
        return
    gone = f"{done.links} links and {done.contact} contact details erased on their day"
    click.echo(f"{done.expired} tags expired, {gone}, {done.erased_again} records erased again, every table rewritten.")
    if done.consents:
        click.echo(f"{done.consents} consent records erased: their time after the study's end is over.")
    _tell_due(study)
    if done.unwritten:
        raise JournalNotWritten(
            "What went on its day could not be written into the journal; it is erased all the same, as people were "
            f"promised. Run `flask journal verify`. Not written: {', '.join(done.unwritten)}."
        )
    _end_backups(study, settings)


def _end_backups(study: Study, settings: Settings) -> None:
    """End the backups that lived long enough: `flask backup` does it too, but nobody may be running that any more."""
    from fieldwork.backups.life import destroy_old, how_many

    if settings.backups is None:
        return
    days = study.settings.retention["backup_days"]
    try:
        gone = destroy_old(study.stores.office, instance_of(settings), settings.backups, days, date.today())
    except OSError as error:
        raise BackupRefused(
            f"Backups in {settings.backups} that are older than {days} days could not be destroyed ({error.strerror}). "
            "Destroy them by hand, or let this account write there."
        ) from None
    if gone:
        click.echo(f"Destroyed {how_many(gone)} older than {days} days.")


def _foretell(study: Study, settings: Settings) -> None:
    from fieldwork.foreseeing import foresee, in_lines

    for line in in_lines(foresee(study, settings.home, date.today(), time.time())):
        click.echo(line)
    _foretell_backups(study, settings)
    _tell_due(study)
    click.echo("Nothing was changed.")


def _foretell_backups(study: Study, settings: Settings) -> None:
    from fieldwork.backups.life import how_many, outlived
    from fieldwork.hold import hold_in_force

    if settings.backups and not hold_in_force(study.stores.office):
        days = study.settings.retention["backup_days"]
        old = outlived(instance_of(settings), settings.backups, days, date.today())
        click.echo(f"{how_many(len(old))} older than {days} days would be destroyed.")


def _tell_due(study: Study) -> None:
    from fieldwork.retention import due_tasks

    for due in due_tasks(study, date.today()):
        if due.is_due:
            click.echo(f"Due since {due.day}: {due.rule.what}: {due.rule.then}. `flask retention show` says more.")


@click.command(cls=Refusing)
def links() -> None:
    """Show that links, tags and contact details past their day are gone. Exit code 1 where one is not."""
    from fieldwork.hold import hold_in_force
    from fieldwork.kept import holding_of, in_lines

    study = opened_study(settings_now())
    holding = holding_of(study, date.today())
    for line in in_lines(holding):
        click.echo(line)
    if holding.late and hold_in_force(study.stores.office):
        raise StorageError(f"{holding.late} of them are past their last day: a legal hold keeps them.")
    if holding.late:
        raise StorageError(
            f"{holding.late} of them are past their last day. Run `flask maintain`, and find out why it did not run."
        )
    click.echo("None is past its last day: what had to go is gone.")


@click.group()
def retention() -> None:
    """How long what is kept, what then happens, and who does it."""


@retention.command("show", cls=Refusing)
def retention_show() -> None:
    """Show every rule of this study, which tasks of people are due, and how far its end is. Changes nothing."""
    from fieldwork.destroying import in_lines
    from fieldwork.retention import due_tasks, in_words, rules_of

    study = opened_study(settings_now())
    for rule in rules_of(study):
        click.echo(f"{rule.name}: {rule.what}: {in_words(study, rule)} from the {rule.since}, then {rule.then}.")
    for due in due_tasks(study, date.today()):
        how = "Due since" if due.is_due else "Next due on"
        click.echo(f"{how} {due.day}: {due.rule.name}. Once it is done: `flask retention done {due.rule.name}`.")
    for line in in_lines(study):
        click.echo(line)


@retention.command("done", cls=Refusing)
@click.argument("name")
def retention_done(name: str) -> None:
    """Write down that the task NAME of a person's was done today: it is due again after its time."""
    from fieldwork.retention import write_done

    write_done(opened_study(settings_now()), name, date.today())
    click.echo("Written down in the journal.")


@click.command("end-study", cls=Refusing)
@click.option("--destroy", is_flag=True, help="Destroy what the study kept. It must have ended before.")
@click.option("--archive", type=THERE, help="manifest.json of the release that was archived, manifest.sig beside it.")
@click.option("--without-archive", is_flag=True, help="Nothing is archived: then nothing has to be waited for.")
@click.option("--consents", is_flag=True, help="Destroy the consent records too, before their years are over.")
@click.option("--verify", type=THERE, help="Check a certificate of destruction instead.")
@click.option("--key", default="", help="The fingerprint of the journal's key that must have signed it.")
def end_study(
    destroy: bool, archive: Path | None, without_archive: bool, consents: bool, verify: Path | None, key: str
) -> None:
    """End the study; later, destroy what it kept, archived or not, and write a certificate."""
    if key and not verify:
        raise click.UsageError("--key belongs to --verify FILE.")
    if not destroy and (archive or without_archive or consents):
        raise click.UsageError("--archive, --without-archive and --consents belong to --destroy. Nothing was changed.")
    if verify and destroy:
        raise click.UsageError("Say either --destroy or --verify FILE. Nothing was changed.")
    if verify:
        _verify(verify, key)
    elif not destroy:
        _end(opened_study(settings_now()))
    elif (archive is None) is not without_archive:
        raise click.UsageError("Say either --archive MANIFEST or --without-archive.")
    else:
        _destroy(opened_study(settings_now()), settings_now(), archive, consents)


def _end(study: Study) -> None:
    from fieldwork import destroying
    from fieldwork.approvals import administrators, propose_end
    from fieldwork.destroying import in_lines
    from storage.journal import COMMAND_LINE

    if study.ending:
        for line in in_lines(study):
            click.echo(line)
        return
    click.echo("From then on no visit can be begun. What was sealed before is taken for two weeks more. It cannot be")
    click.echo("undone: whoever goes on makes a new instance.")
    _ask_name(study)
    if administrators(study) < 2:
        destroying.end_study(study, COMMAND_LINE, date.today())
        click.echo("The study has ended. `flask retention show` says what is kept, and how long.")
        return
    propose_end(study, COMMAND_LINE, date.today())
    click.echo(CONFIRM)


def _destroy(study: Study, settings: Settings, manifest: Path | None, consents: bool) -> None:
    from fieldwork.approvals import administrators, propose_destruction
    from fieldwork.destroying import Destruction, check_destruction, destroy_study, reminders
    from storage.journal import COMMAND_LINE

    if study.ending and study.ending.destroyed:
        click.echo(f"What the study kept was destroyed on {study.ending.destroyed}. Its certificate: destruction.json.")
        return
    ended = study.ending.day.isoformat() if study.ending else ""
    wanted = Destruction(ended, _archive_in(manifest) if manifest else None, consents)
    ending = check_destruction(study, wanted, date.today())
    _describe(wanted)
    _ask_name(study)
    if administrators(study) >= 2 and wanted.digest not in ending.agreed:
        propose_destruction(study, COMMAND_LINE, wanted, date.today())
        click.echo(f"{CONFIRM} Then run this command again, with the same words.")
        return
    made = destroy_study(study, settings.home, wanted, date.today())
    _tell(made)
    click.echo(f"Wrote {settings.home / 'destruction.json'}. Give a copy to whoever must be able to show it.")
    for line in reminders(made):
        click.echo(line)


def _describe(wanted: Destruction) -> None:
    click.echo(
        "This destroys every record, contact detail and link for good" + (", consent records too." * wanted.consents)
    )
    if not wanted.consents:
        click.echo("but the consent records: they stay for as long as the study promised.")
    if wanted.archive:
        click.echo(f"Archived: {wanted.archive.manifest}, signed by the desk key {_desk_key(wanted.archive)}.")
        click.echo("Compare that fingerprint with the desk's, and see that the archive has taken all of it.")
    else:
        click.echo("Nothing is archived.")


def _archive_in(manifest: Path) -> Archive:
    from fieldwork.destroying import Archive
    from release.archived import archived_by

    found = archived_by(manifest)
    return Archive(found.digest, found.key.hex(), found.instruments)


def _desk_key(archive: Archive) -> str:
    from release.signing import fingerprint

    return fingerprint(bytes.fromhex(archive.key))


def _ask_name(study: Study) -> None:
    if (
        click.prompt(f"Type the study's name, {study.name}, if you want this", default="", show_default=False)
        != study.name
    ):
        raise SettingsError("That is not the study's name. Nothing was changed.")


def _verify(file: Path, key: str) -> None:
    from storage.destruction import read_certificate
    from storage.journal_key import fingerprint

    found = read_certificate(bytes_in(file))
    _tell(found)
    signer = fingerprint(bytes.fromhex(found.key))
    # Whoever has the whole public key, as the certificate spells it, has more than its fingerprint.
    if key and key.replace(" ", "").lower() not in (signer.replace(" ", ""), found.key):
        raise DestructionRefused(f"It was signed by another key: {signer}.")
    if key or _is_named_here(found):
        click.echo(f"Signed by the journal's key {signer}.")
        return
    click.echo(f"It is whole, and signed by the key {signer}. Nobody has checked whose that is: say --key, or run this")
    click.echo("in its instance.")
    raise SystemExit(NOBODY_CHECKED)


def _is_named_here(found: Certificate) -> bool:
    """Whether the signed journal of the instance here, if there is one, names this very certificate."""
    import hashlib
    import os

    if not has_instance(home_of(os.environ)):
        return False
    ending = opened_study(settings_now()).ending
    return ending is not None and ending.certificate == hashlib.sha256(found.data).hexdigest()


def _tell(certificate: Certificate) -> None:
    from storage.destruction import in_lines

    for line in in_lines(certificate):
        click.echo(line)
