"""The command `flask grants`: what a role may do on PostgreSQL, as SQL or done at once. Thin, as commands.py is."""

from __future__ import annotations

import click

from commands import addresses_of, settings_now
from console import Refusing
from errors import SettingsError
from storage.grants import ROLES, grant, grants_for


@click.command(cls=Refusing)
@click.argument("kind", type=click.Choice(tuple(ROLES)))
@click.argument("database_role", metavar="ROLE")
@click.option("--apply", "is_applied", is_flag=True, help="Do it, with the addresses of the settings: the owner's.")
def grants(kind: str, database_role: str, is_applied: bool) -> None:
    """Print the SQL that leaves a PostgreSQL ROLE what it needs in each store and no more; --apply runs it."""
    try:
        statements = {store: grants_for(kind, store, database_role) for store in ROLES[kind]}
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if is_applied:
        _apply(kind, database_role)
        click.echo(f"{database_role} has the rights of {kind} in the three stores, and no others.")
        return
    for store, told in statements.items():
        click.echo(f"-- the {store} store, as the owner of its tables")
        click.echo("".join(f"{statement};\n" for statement in told))


def _apply(kind: str, role: str) -> None:
    from storage.engines import is_sqlite
    from storage.stores import close_stores, engines_of, open_stores

    stores = open_stores(addresses_of(settings_now()))
    try:
        engines = engines_of(stores)
        if any(is_sqlite(engine) for engine in engines.values()):
            raise SettingsError("A SQLite store knows no roles: its file belongs to the account of the field app.")
        for store in ROLES[kind]:
            with engines[store].begin() as connection:
                grant(connection, kind, store, role)
    finally:
        close_stores(stores)
