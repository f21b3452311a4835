"""The commands `flask hold …`: show the legal hold, propose one or its end. Thin, as commands.py is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import click

from commands import opened_study, settings_now
from console import Refusing

CONFIRM = "Proposed. Two administrators must confirm it on the page Proposals within seven days."


@click.group()
def hold() -> None:
    """The legal hold: while one is on, nothing of a participant is erased."""


@hold.command("show", cls=Refusing)
def hold_show() -> None:
    """Say whether a legal hold is on, since when and why, and what people who withdraw read. Changes nothing."""
    from fieldwork.hold import hold_in_force, lacking_words, words_fixed

    study = opened_study(settings_now())
    found = hold_in_force(study.stores.office)
    if found is None:
        if lacking := lacking_words(study):
            click.echo(f"No legal hold is on, and none could be proposed yet. {lacking}")
            return
        click.echo("No legal hold is on. Whoever withdraws during one would read:")
        _show(words_fixed(study))
        return
    click.echo(f"A legal hold is on since {found.since or 'a day that nothing here says'}. Reason: {found.reason}")
    if not found.is_vouched:
        click.echo("The signed journal cannot be relied on: what is left here says so. Put the journal right.")
    click.echo("Whoever withdraws reads:")
    _show(found.words)


def _show(words: Mapping[str, str]) -> None:
    for language, said in words.items():
        click.echo(f"\n[{language}]\n{said}")


@hold.command("set", cls=Refusing)
@click.option("--reason", required=True, help="Why, in 10 to 500 characters: it stands in the journal.")
def hold_set(reason: str) -> None:
    """Propose a legal hold. Two administrators confirm it on the page Proposals."""
    from fieldwork.approvals import propose_hold
    from storage.journal import COMMAND_LINE

    propose_hold(opened_study(settings_now()), COMMAND_LINE, reason, date.today())
    click.echo(CONFIRM)


@hold.command("lift", cls=Refusing)
@click.option("--reason", required=True, help="Why, in 10 to 500 characters: it stands in the journal.")
def hold_lift(reason: str) -> None:
    """Propose that the legal hold ends. Two administrators confirm it; then what waits is erased."""
    from fieldwork.approvals import propose_lift
    from storage.journal import COMMAND_LINE

    propose_lift(opened_study(settings_now()), COMMAND_LINE, reason, date.today())
    click.echo(CONFIRM)
