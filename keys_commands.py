"""The commands `flask keys …`: make keys at the desk, show them, give the public ones to an instance. Thin, as
commands.py is. No private key comes near an instance."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands import FILE, FOLDER, opened_study, settings_now
from console import Refusing, bytes_in, lines_in
from errors import SettingsError


@click.group()
def keys() -> None:
    """Make and show the study's keys (desk side), and add the public ones here."""


@keys.command("new", cls=Refusing)
@click.option("--study", "name", default="working_together", show_default=True)
@click.option("--out", type=FOLDER, required=True, help="A new folder for key files and the public keyring.")
@click.option("--passphrase-file", type=FILE, help="First line: research passphrase; second: identity passphrase.")
def keys_new(name: str, out: Path, passphrase_file: Path | None) -> None:
    """Make the research and identity keys. The key files stay at the desk; only keyring.json goes to the field app."""
    from release.custody import make_keys

    research, identity = _phrases(passphrase_file)
    keyring = make_keys(name, out.absolute(), {"research": research, "identity": identity})
    click.echo(f"Wrote research.key, identity.key and keyring.json to {out}.")
    click.echo(f"Fingerprint: {keyring.fingerprint}\n{' '.join(keyring.words)}")


def _phrases(file: Path | None) -> list[str]:
    if file is not None:
        lines = lines_in(file)
        if len(lines) < 2:
            raise SettingsError(f"{file} needs two lines: the research passphrase, then the identity passphrase.")
        return lines[:2]
    return [
        click.prompt(f"Passphrase for the {purpose} key", hide_input=True, confirmation_prompt=True)
        for purpose in ("research", "identity")
    ]


@keys.command("show", cls=Refusing)
@click.argument("keyring", type=FILE, required=False)
def keys_show(keyring: Path | None) -> None:
    """Show the fingerprints of a keyring file, or of the keys that this instance seals to, as the page Keys does."""
    from fieldwork.keyrings import lines_of
    from privacy.keys import Keyring
    from storage.office import keyring_json
    from views.office.keys_words import PURPOSES, STATUSES, SUITES

    data = bytes_in(keyring) if keyring else keyring_json(opened_study(settings_now()).stores.office)
    if not data:
        raise SettingsError("This instance has no public keys yet. Run `flask keys add KEYRING`.")
    ring = Keyring.from_json(data)
    click.echo(f"The whole keyring\n  {' '.join(ring.words)}\n  {ring.fingerprint}")
    for one in lines_of(ring):
        click.echo(f"{PURPOSES[one.key.purpose]}, {STATUSES[one.key.status]}")
        click.echo(f"  Suite {one.suite.value}, {SUITES[one.suite.value]}")
        click.echo(f"  {' '.join(one.digest.words)}\n  {one.digest.groups}")


@keys.command("add", cls=Refusing)
@click.argument("keyring", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def keys_add(keyring: Path) -> None:
    """Give this instance the desk's public keyring. Compare the fingerprint with the desk's, in words."""
    from fieldwork.approvals import bring_keys
    from privacy.keys import Keyring

    data = bytes_in(keyring)
    proposal = bring_keys(opened_study(settings_now()), data, date.today())
    ring = Keyring.from_json(data)
    click.echo(f"{'Proposed' if proposal else 'Added'}. Fingerprint: {ring.fingerprint}\n{' '.join(ring.words)}")
    if proposal:
        click.echo("Two administrators must confirm these words on the page Proposals within seven days.")
    else:
        click.echo("A field app that is running takes them up by itself within seconds.")
