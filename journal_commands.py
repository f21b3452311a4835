"""The commands `flask journal …`: verify it, make a checkpoint of it, renew its key. Thin, as commands.py is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import FILE, FOLDER, office_now, settings_now
from config import Settings
from console import Refusing
from errors import CheckpointRefused, SettingsError

if TYPE_CHECKING:
    from storage.checkpoints import Checkpoint
    from storage.journal_check import Whole


@click.group()
def journal() -> None:
    """The journal of staff acts."""


@journal.command("verify", cls=Refusing)
@click.option("--against", "files", type=FILE, multiple=True, help="A checkpoint that was kept outside; several too.")
@click.option("--releases", type=FOLDER, help="The folder of releases, whose own journal is checked instead.")
def journal_verify(files: tuple[Path, ...], releases: Path | None) -> None:
    """Check the journal from the first entry to the last, and against checkpoints; name what does not hold."""
    from storage.journal_check import verify_journal

    if releases and files:
        raise click.UsageError("A checkpoint is of an instance's journal: say --against or --releases, not both.")
    if releases:
        from release.journal import desk_journal

        with desk_journal(releases, new=False) as office:
            _tell(verify_journal(office), 0)
        return
    settings = settings_now()
    checkpoints = [_read(file, settings) for file in files]
    _tell(verify_journal(office_now(), checkpoints), len(checkpoints))


@journal.command("checkpoint", cls=Refusing)
@click.argument("file", type=FILE)
def journal_checkpoint(file: Path) -> None:
    """Write a signed checkpoint of the journal, to be kept outside: by the ethics board, say."""
    from storage.checkpoints import make_checkpoint
    from storage.journal import COMMAND_LINE

    settings = settings_now()
    if file.exists():
        raise SettingsError(f"{file} exists already. Choose a new file name; nothing was written.")
    office = office_now()
    made = make_checkpoint(office, settings.study, COMMAND_LINE, date.today())
    try:
        file.write_text(made.text, "utf-8", newline="\n")
    except OSError:
        raise SettingsError(f"{file} cannot be written here. See that its folder exists.") from None
    click.echo(f"Wrote {file}: {made.entries} entries, signed by the key {_fingerprint(made.key)}.")
    click.echo("Give it to a witness outside. `flask journal verify --against FILE` checks the journal against it.")


@journal.command("renew", cls=Refusing)
@click.option("--reason", required=True, help="Why the key is renewed: it stands in the journal.")
def journal_renew(reason: str) -> None:
    """Make a new journal.key where the old one is lost or not to be trusted any longer. The journal says so."""
    from fieldwork.instance import renew_journal_key

    settings = settings_now()
    office = office_now()
    new = renew_journal_key(office, settings.journal_key, reason, date.today())
    click.echo(f"Made a new journal.key: {new}. Entries from now on are signed by it. Make a checkpoint now.")


def _tell(whole: Whole, checkpoints: int) -> None:
    against = f", and {checkpoints} checkpoint(s) with it" if checkpoints else ""
    click.echo(f"The chain holds: {whole.entries} entries, signatures right{against}.")
    click.echo(f"Head: {whole.head}")
    for number, key in whole.keys:
        click.echo(f"Signed from entry {number} by the key {_fingerprint(key)}.")


def _read(file: Path, settings: Settings) -> Checkpoint:
    from storage.checkpoints import read_checkpoint

    try:
        return read_checkpoint(file.read_bytes(), settings.study)
    except OSError:
        raise SettingsError(f"{file} cannot be read.") from None
    except CheckpointRefused as refusal:
        raise CheckpointRefused(f"{file}: {refusal}") from None


def _fingerprint(key: str) -> str:
    from storage.journal_key import fingerprint

    return fingerprint(bytes.fromhex(key))
