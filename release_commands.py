"""The commands `flask release …`: make a release at the desk, verify one anywhere, print a specification to begin with.

Thin, as commands.py is. A passphrase is no word of a command line.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click

from commands import EITHER, FOLDER, THERE
from config import home_of
from console import Refusing, RefusingGroup, bytes_in, phrases_for, reporting

NEEDED = ("--source", "--key", "--spec", "--out")

UNKNOWN = 3  # an exit code of its own: a script that goes on after 0 must not go on here
WHOSE = (
    "NOBODY HAS CHECKED WHOSE KEY THAT IS. Whoever changed every file could have signed them again with a key of their "
    "own, and it would look like this. Ask the team for the fingerprint of its desk key, by another way than these "
    "files, and give it with --key."
)
CHANGED = "This release is not as it was signed. Do not use it; ask the team for another copy."
OTHER_KEY = (
    "The files are whole and unchanged since they were signed, but another key signed them. Do not use them before the "
    "team has told you whose key that is."
)


@click.group(cls=RefusingGroup, invoke_without_command=True)
@click.option("--source", type=EITHER, help="An instance folder or a sealed bundle.")
@click.option("--key", "keys", type=THERE, multiple=True, help="A research key file; several times too.")
@click.option("--passphrase-file", type=THERE, help="A line for each key, in the same order; else they are asked for.")
@click.option("--spec", type=THERE, help="The specification, a TOML file (docs/specification.md).")
@click.option("--out", type=FOLDER, help="A new folder for the files; what was released before is known anyway.")
@click.pass_context
def release(
    context: click.Context,
    source: Path | None,
    keys: tuple[Path, ...],
    passphrase_file: Path | None,
    spec: Path | None,
    out: Path | None,
) -> None:
    """Open sealed records at the desk and write a pseudonymised, signed release for one purpose."""
    given = (source, keys, spec, out)
    if context.invoked_subcommand is not None:
        if any((*given, passphrase_file)):
            raise click.UsageError(f"{context.invoked_subcommand} has options of its own, after its name.")
        return
    if not (source and keys and spec and out):
        missing = next(name for name, value in zip(NEEDED, given, strict=True) if not value)
        raise click.UsageError(f"Missing option '{missing}'.")
    _make(source, keys, passphrase_file, spec, out)


def _make(source: Path, keys: tuple[Path, ...], passphrase_file: Path | None, spec: Path, out: Path) -> None:
    from release.making import Way, release_to
    from release.memory import releases_of

    files = [(bytes_in(file), phrase) for file, phrase in zip(keys, phrases_for(keys, passphrase_file), strict=True)]
    releases = releases_of(source, home_of(os.environ))
    with reporting("Release") as report:
        way = Way(out.absolute(), releases, date.today(), report)
        told = release_to(source, files, spec, way)
    click.echo(told)


@release.command("verify", cls=Refusing)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--key", "expected", default="", help="The fingerprint of the desk key, as the team told it to you.")
def release_verify(folder: Path, expected: str) -> None:
    """Check that a release is whole and unchanged, and that the team's desk key signed it.

    Exit code 1 where it is not; 3 where it is whole but nobody said whose key it must be.
    """
    from release.manifest import verify

    found = verify(folder, expected)
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.signer:
        click.echo(f"Desk key: {found.signer}", err=bool(found.faults))
    if found.faults:
        click.echo(OTHER_KEY if found.is_whole else CHANGED, err=True)
        raise SystemExit(1)
    click.echo(f"Whole and unchanged: {found.files} files, and the signature holds.")
    if not found.is_known:
        click.echo(WHOSE, err=True)
        raise SystemExit(UNKNOWN)
    click.echo("It is the key that you gave.")


@release.command("spec", cls=Refusing)
@click.argument("preset", type=click.Choice(["team", "archive", "public"]))
@click.option("--source", type=EITHER, help="An instance folder or a sealed bundle: its groups and language are named.")
def release_spec(preset: str, source: Path | None) -> None:
    """Print a specification to begin with: fill in what it is for, then give it to `flask release --spec`."""
    from release.source import open_source
    from release.specification_start import start_of, usual_language

    if source is None:
        click.echo("Name the groups before you use it. With --source SOURCE they are filled in.", err=True)
        click.echo(start_of(preset), nl=False)
        return
    found = open_source(source)
    named = [group.name for group in found.groups]
    click.echo(start_of(preset, named, usual_language(found.newest.languages)), nl=False)
