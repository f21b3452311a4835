"""The command `flask order`: carry out what the custodians signed. Thin, as commands.py is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands import FILE, opened_study, settings_now
from console import Refusing, bytes_in


@click.command(cls=Refusing)
@click.argument("file", type=FILE)
def order(file: Path) -> None:
    """Erase what a signed order of the custodians names. The answer is the same whatever of it was found."""
    from fieldwork.orders import carry_out, read
    from storage.journal import COMMAND_LINE

    study, data = opened_study(settings_now()), bytes_in(file)
    held = read(study, data)
    click.echo(f"The order {held.mark} is whole, and the custodians' key signed it. It erases")
    click.echo(f"- answers, consent and contact details, of so many people: {held.withdrawals}")
    click.echo(f"- contact details alone, in so many entries: {len(held.forget)}")
    if not click.confirm("Erase it, for good?"):
        click.echo("Nothing was erased.")
        return
    if carry_out(study, data, date.today(), COMMAND_LINE).hold:
        click.echo(f"A legal hold is on: what the order {held.mark} names is used for nothing and erased when it ends.")
        return
    click.echo(f"Carried out. Tell the custodians its mark, {held.mark}, and delete the file.")
