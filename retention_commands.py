"""The commands of what is kept for how long: the nightly upkeep, the rules, the end of the study. Thin, as others."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

import click

from commands import opened_study, settings_now
from config import Settings
from console import Refusing
from errors import JournalNotWritten, StorageError

if TYPE_CHECKING:
    from fieldwork.study import Study


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


def _foretell(study: Study, settings: Settings) -> None:
    from fieldwork.foreseeing import foresee, in_lines

    for line in in_lines(foresee(study, settings.home, date.today(), time.time())):
        click.echo(line)
    _tell_due(study)
    click.echo("Nothing was changed.")


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
    """Show every rule of this study, and which tasks of people are due. Changes nothing."""
    from fieldwork.retention import due_tasks, in_words, rules_of

    study = opened_study(settings_now())
    for rule in rules_of(study):
        click.echo(f"{rule.name}: {rule.what}: {in_words(study, rule)} from the {rule.since}, then {rule.then}.")
    for due in due_tasks(study, date.today()):
        how = "Due since" if due.is_due else "Next due on"
        click.echo(f"{how} {due.day}: {due.rule.name}. Once it is done: `flask retention done {due.rule.name}`.")


@retention.command("done", cls=Refusing)
@click.argument("name")
def retention_done(name: str) -> None:
    """Write down that the task NAME of a person's was done today: it is due again after its time."""
    from fieldwork.retention import write_done

    write_done(opened_study(settings_now()), name, date.today())
    click.echo("Written down in the journal.")
