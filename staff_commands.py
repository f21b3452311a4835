"""The commands `flask staff …`: invite, list, sign out, disable. Thin, as commands.py is. They set nobody's factor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from commands import opened_study, settings_now
from config import LOOPBACK
from console import Refusing
from errors import SettingsError
from fieldwork.roles import ROLES, Role
from storage.journal import COMMAND_LINE

DEMO = "http://localhost:8000"


@click.group()
def staff() -> None:
    """Who works with the field app."""


@staff.command("invite", cls=Refusing)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--url", default="", help="Where this instance is reached. By default the first of the setting hosts.")
def staff_invite(name: str, role: Role, url: str) -> None:
    """Print a one-time link by which NAME joins the staff. This is how an instance gets its first administrator."""
    from fieldwork.staff.links import invite_staff, link_at

    settings = settings_now()
    url = url or reached_at(settings.hosts)
    if not url.startswith(("http://", "https://")):
        raise SettingsError("--url is the address of this instance, for example https://study.example.org.")
    token = invite_staff(opened_study(settings).stores.office, COMMAND_LINE, name, role, datetime.now(UTC))
    click.echo("This link works once, and for 72 hours. It is shown only now; hand it over where nobody else sees it:")
    click.echo(link_at(url, token))


def reached_at(hosts: Sequence[str]) -> str:
    """Where an instance with these hosts is most likely reached: the first one, over TLS; or a demo, on this machine.

    A demo is `localhost` and not an address in digits, where browsers have no passkeys.
    """
    return DEMO if hosts[0] in LOOPBACK else f"https://{hosts[0]}"


@staff.command("list", cls=Refusing)
def staff_list() -> None:
    """List the staff and the links that wait: name, role, state."""
    from fieldwork.staff.standing import links_now, staff_now

    office = opened_study(settings_now()).stores.office
    lines = [f"{one.name}\t{one.role}\t{one.state}" for one in staff_now(office)]
    for one in links_now(office, datetime.now(UTC)):
        lines.append(f"{one.name}\t{one.role}\t{one.kind}{', too old' if one.is_over else ''}")
    click.echo("\n".join(lines) or "Nobody is on the staff yet. Run `flask staff invite NAME --role administrator`.")


@staff.command("disable", cls=Refusing)
@click.argument("name")
def staff_disable(name: str) -> None:
    """Shut NAME out at once: no sign-in, and every session ends. An administrator can enable them again."""
    from fieldwork.staff.standing import disable, is_member

    office = opened_study(settings_now()).stores.office
    if not is_member(office, name):
        raise SettingsError("There is nobody of this name on the staff. `flask staff list` shows who is.")
    disable(office, COMMAND_LINE, name, datetime.now(UTC).date())
    click.echo(f"{name} is disabled, and signed out everywhere.")


@staff.command("sign-out", cls=Refusing)
@click.argument("name", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody, whoever they are.")
def staff_sign_out(name: str | None, everybody: bool) -> None:
    """End every session of NAME, or of everybody. They can sign in again, with what they have."""
    from fieldwork.staff.standing import is_member, sign_out_everybody, sign_out_member

    if (name is None) is not everybody:
        raise SettingsError("Say whom: a NAME, or --all.")
    office, today = opened_study(settings_now()).stores.office, datetime.now(UTC).date()
    if name is None:
        sign_out_everybody(office, COMMAND_LINE, today)
    elif is_member(office, name):
        sign_out_member(office, COMMAND_LINE, name, today)
    else:
        raise SettingsError("There is nobody of this name on the staff. `flask staff list` shows who is.")
    click.echo(f"{name or 'Everybody'} is signed out everywhere.")
