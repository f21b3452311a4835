"""A rehearsal on a terminal: each key file in turn, then sheets; what was proven, and what was not. Holds no rule
(release/rehearsal.py does), and keeps no passphrase and no word."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ceremony_console import ask_phrase, ask_two, until_right
from errors import AmanahError

if TYPE_CHECKING:
    from privacy.keys import Keyring
    from release.rehearsal import Proof, Rehearsal


def rehearse(ring: Keyring, files: Sequence[Path], sheets: int, given: Iterator[str] | None, releases: Path) -> None:
    """The whole rehearsal. Exits with 1 where something that was brought does not open."""
    from release.custody import key_file
    from release.rehearsal import Brought, Rehearsal, attempts, by_sheets, write_rehearsal

    done, failed = Rehearsal(ring), 0
    brought = [Brought(file.name, key_file(file), ask_phrase(f"Passphrase of {file.name}", given)) for file in files]
    for name, attempt in attempts(ring, brought, secrets.token_bytes):
        try:
            proof = attempt()
        except AmanahError as error:
            failed += 1
            click.echo(f"Not proven with {name}: {error}")
        else:
            done = done.with_proof(proof)
            click.echo(f"Proven with {name}: {_told(proof)}")
    for _ in range(sheets):
        proof = until_right(lambda: by_sheets(ring, *ask_two("one key"), secrets.token_bytes))
        done = done.with_proof(proof)
        click.echo(f"Proven: {_told(proof)}")
    write_rehearsal(releases, done, date.today())
    _end(done)
    if failed:
        raise SystemExit(1)


def remind(ring: Keyring, releases: Path) -> None:
    """Say when everything was last proven, and that it is time to do it again."""
    from release.rehearsal import reminder

    found = reminder(releases, date.today(), ring)
    last = f"Everything was last proven to open on {found.last}." if found.last else "These keys were never rehearsed."
    click.echo(f"{last}{' It is time for a rehearsal: flask keys rehearse' if found.is_due else ''}")


def _told(proof: Proof) -> str:
    names = f" ({' and '.join(proof.names)})" if proof.names else ""
    return f"the {proof.key.purpose} key {proof.key.short} opens, by {proof.way}{names}."


def _end(done: Rehearsal) -> None:
    for key in done.unproven:
        click.echo(f"NOT PROVEN: the {key.purpose} key {key.short} ({key.status}): its key files were not brought.")
    click.echo("Everything opens." if done.is_whole else "This rehearsal was not whole.")
