"""The commands `flask staff …`, on who works with the field app. Thin, as commands.py is. They set nobody's factor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from commands import opened_study, settings_now
from config import LOOPBACK, Settings
from console import Refusing
from errors import SettingsError
from fieldwork.roles import ROLES, Role
from storage.journal import COMMAND_LINE

if TYPE_CHECKING:
    from storage.office import Office

DEMO = "http://localhost:8000"
REACHED = "Where this instance is reached. By default the first of the setting hosts."


@click.group()
def staff() -> None:
    """Who works with the field app."""


@staff.command("invite", cls=Refusing)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--url", default="", help=REACHED)
def staff_invite(name: str, role: Role, url: str) -> None:
    """Print a one-time link by which NAME joins the staff. This is how an instance gets its first administrator."""
    from fieldwork.staff.links import invite_again

    settings = settings_now()
    address = _address(url, settings)
    token = invite_again(opened_study(settings).stores.office, COMMAND_LINE, name, role, datetime.now(UTC))
    _hand_out(address, token)


@staff.command("reset", cls=Refusing)
@click.argument("name")
@click.option("--url", default="", help=REACHED)
def staff_reset(name: str, url: str) -> None:
    """Take all that NAME signs in with away, and print a link by which they set it anew. Works for the last one too."""
    from fieldwork.staff.links import reset_staff

    settings = settings_now()
    address, office = _address(url, settings), opened_study(settings).stores.office
    _known(office, name)
    token = reset_staff(office, COMMAND_LINE, name, datetime.now(UTC), may_be_last=True)
    click.echo(f"{name} can sign in with nothing that they had, and is signed out everywhere.")
    _hand_out(address, token)


def _hand_out(address: str, token: str) -> None:
    from fieldwork.staff.links import link_at

    click.echo("This link works once, and for 72 hours. It is shown only now; hand it over where nobody else sees it:")
    click.echo(link_at(address, token))


def _address(url: str, settings: Settings) -> str:
    """Where a link leads. Raises SettingsError where that is not known, or is no address."""
    if not url and not settings.demo and settings.hosts == LOOPBACK:
        raise SettingsError(
            "Say where this instance is reached: --url https://study.example.org, or its name in the setting hosts."
        )
    url = url or reached_at(settings.hosts)
    told = urlsplit(url)
    if told.scheme not in ("http", "https") or not told.hostname:
        raise SettingsError("--url is the address of this instance, for example https://study.example.org.")
    if told.path not in ("", "/") or told.query or told.fragment:
        raise SettingsError("--url is the address alone, with no path: for example https://study.example.org.")
    host = f"[{told.hostname}]" if ":" in told.hostname else told.hostname
    if host not in settings.hosts:
        click.echo(f"Warning: {host} is not in the setting hosts, so the field app refuses this link.", err=True)
    return url


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
    """Shut NAME out at once: no sign-in, every session ends, and a link that waits for them is void."""
    from fieldwork.staff.links import withdraw_staff_link
    from fieldwork.staff.standing import disable, is_member, links_now

    office, now = opened_study(settings_now()).stores.office, datetime.now(UTC)
    if any(one.name == name for one in links_now(office, now)):
        withdraw_staff_link(office, COMMAND_LINE, name, now)
        click.echo(f"The link of {name} is void.")
        if not is_member(office, name):
            return
    _known(office, name)
    disable(office, COMMAND_LINE, name, now.date())
    click.echo(f"{name} is disabled, and signed out everywhere.")


@staff.command("enable", cls=Refusing)
@click.argument("name")
def staff_enable(name: str) -> None:
    """Let NAME in again, with what they signed in with before."""
    from fieldwork.staff.standing import enable

    office = opened_study(settings_now()).stores.office
    _known(office, name)
    enable(office, COMMAND_LINE, name, datetime.now(UTC).date())
    click.echo(f"{name} can sign in again, with what they had.")


def _known(office: Office, name: str) -> None:
    from fieldwork.staff.standing import is_member

    if not is_member(office, name):
        raise SettingsError("There is nobody of this name on the staff. `flask staff list` shows who is.")


@staff.command("sign-out", cls=Refusing)
@click.argument("name", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody, whoever they are.")
def staff_sign_out(name: str | None, everybody: bool) -> None:
    """End every session of NAME, or of everybody. They can sign in again, with what they have."""
    from fieldwork.staff.standing import sign_out_everybody, sign_out_member

    if (name is None) is not everybody:
        raise SettingsError("Say whom: a NAME, or --all.")
    office, today = opened_study(settings_now()).stores.office, datetime.now(UTC).date()
    if name is None:
        sign_out_everybody(office, COMMAND_LINE, today)
    else:
        _known(office, name)
        sign_out_member(office, COMMAND_LINE, name, today)
    click.echo(f"{name or 'Everybody'} is signed out everywhere.")
