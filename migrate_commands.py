"""The command `flask migrate`: take the stores forwards to this Amanah's tables. Thin, as commands.py is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from commands import addresses_of, instance_of, settings_now
from console import Refusing

if TYPE_CHECKING:
    from storage.stores import Addresses


@click.command(cls=Refusing)
@click.option("--check", is_flag=True, help="Say where each store stands, and change nothing.")
def migrate(check: bool) -> None:
    """Take the stores forwards to the tables of this Amanah. Stop the field app and make a backup first."""
    from fieldwork.backups.restoring import settle
    from storage.meta import SCHEMA
    from storage.migrating import migrate_stores

    settings = settings_now()
    settle(instance_of(settings))
    addresses = addresses_of(settings)
    if check:
        _check(addresses)
        return
    moved = False
    for stood in migrate_stores(addresses, settings.tombstone_files, date.today()):
        moved = True
        click.echo(f"The {stood.store} store went from version {stood.version} to {SCHEMA}.")
    click.echo(f"All three stores have version {SCHEMA}.")
    if moved and addresses.research.startswith("postgresql"):
        click.echo("Give the field app's role its rights anew: new tables are closed to it (docs/grants.md).")


def _check(addresses: Addresses) -> None:
    from storage.meta import refuse_others
    from storage.migrating import standings

    found = standings(addresses)
    for stood in found:
        click.echo(f"{stood.store}: version {stood.version}")
    refuse_others(found)
