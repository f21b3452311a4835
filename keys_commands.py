"""The commands `flask keys …`: make, recover, rotate and share out keys at the desk; add the public ones here.

Thin, as commands.py is. No private key comes near an instance; no secret is a word of a command line. What is asked on
the terminal can also come through a pipe: a line for each question, in the same order.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from ceremony_console import (
    ask_custodians,
    ask_new_phrase,
    ask_phrase,
    ask_two,
    forgotten,
    given_in,
    hold,
    keep_anew,
    tell,
    until_right,
)
from commands import FILE, FOLDER, opened_study, settings_now
from console import Refusing, bytes_in
from errors import SettingsError

KEPT = click.Path(path_type=Path, exists=True, dir_okay=False)
OUT = click.option("--out", type=FOLDER, required=True, help="A new folder for key files, keyring and record.")
RING = click.option("--keyring", "keyring", type=KEPT, required=True, help="The study's public keyring.json.")
CUSTODIAN = click.option("--custodian", "custodians", multiple=True, help="Name or initials; twice, or three times.")
PHRASES = click.option(
    "--passphrase-file", "phrases", type=KEPT, help="Passphrases, one a line, in the order of the questions."
)
JOURNAL = click.option(
    "--releases", type=FOLDER, help="The folder with the desk's journal.  [default: releases, beside --out]"
)
BESIDE = click.option(
    "--releases",
    type=FOLDER,
    help="The desk's journal's folder.  [default: releases, beside the keyring's folder]",
)


@click.group()
def keys() -> None:
    """Make, recover, rotate and show the study's keys (desk side), and add the public ones here."""


@keys.command("new", cls=Refusing)
@click.option("--study", "name", default="working_together", show_default=True)
@CUSTODIAN
@OUT
@PHRASES
@JOURNAL
def keys_new(name: str, custodians: Sequence[str], out: Path, phrases: Path | None, releases: Path | None) -> None:
    """Make the research and identity keys, with three sheets each. The sheets' words are shown once, then asked back.

    Only keyring.json goes to the field app. Nothing is written before two sheets of each key were typed back.
    """
    from privacy.keys import PURPOSES
    from release.ceremony import begin

    made = begin(name, PURPOSES, custodians or ask_custodians(), secrets.token_bytes)
    hold(made, out, phrases, releases)


@keys.command("rotate", cls=Refusing)
@RING
@click.option("--key", "which", type=click.Choice(["research", "identity", "both"]), required=True)
@CUSTODIAN
@OUT
@PHRASES
@JOURNAL
def keys_rotate(
    keyring: Path, which: str, custodians: Sequence[str], out: Path, phrases: Path | None, releases: Path | None
) -> None:
    """Make a new key in the place of an old one. The old one goes on opening what was sealed to it: keep its files."""
    from privacy.keys import PURPOSES, Keyring
    from release.ceremony import begin

    ring = Keyring.from_json(bytes_in(keyring))
    tell(ring, keyring)
    purposes = tuple(purpose for purpose in PURPOSES if which in (purpose, "both"))
    named = custodians or (ask_custodians() if "identity" in purposes else ())
    hold(begin(ring.study, purposes, named, secrets.token_bytes, ring), out, phrases, releases)


@keys.command("recover", cls=Refusing)
@RING
@CUSTODIAN
@OUT
@PHRASES
@JOURNAL
def keys_recover(
    keyring: Path, custodians: Sequence[str], out: Path, phrases: Path | None, releases: Path | None
) -> None:
    """Rebuild a key from two of its sheets, and lock it anew: a passphrase or a key file was lost."""
    from privacy.keys import Keyring
    from release.ceremony import recover
    from storage.journal import Act

    ring = Keyring.from_json(bytes_in(keyring))
    tell(ring, keyring)
    with forgotten(until_right(lambda: recover(ring, *ask_two("the lost key")))) as key:
        click.echo(f"These two sheets rebuild the {key.purpose} key {key.public().short}.")
        named = (custodians or ask_custodians()) if key.purpose == "identity" else ()
        keep_anew(key, named, ring, out, given_in(phrases), releases, Act.KEY_RECOVERED)


@keys.command("custodians", cls=Refusing)
@click.argument("files", type=KEPT, nargs=2)
@RING
@CUSTODIAN
@OUT
@PHRASES
@JOURNAL
def keys_custodians(
    files: tuple[Path, Path],
    keyring: Path,
    custodians: Sequence[str],
    out: Path,
    phrases: Path | None,
    releases: Path | None,
) -> None:
    """Give the identity key to other custodians, with the files of two present ones. Passphrases: theirs come first."""
    from privacy.keys import Keyring
    from release.custody import key_file, unlock_identity
    from storage.journal import Act

    given = given_in(phrases)
    ring = Keyring.from_json(bytes_in(keyring))
    tell(ring, keyring)
    old = [ask_phrase(f"Passphrase of {file.name}", given) for file in files]
    opened = unlock_identity([(key_file(file), phrase) for file, phrase in zip(files, old, strict=True)])
    with forgotten(opened.key) as key:
        keep_anew(key, custodians or ask_custodians(), ring, out, given, releases, Act.CUSTODIANS_CHANGED)
    click.echo("The former files still open the key together: destroy every copy of at least all but one of them.")


@keys.command("passphrase", cls=Refusing)
@click.argument("file", type=KEPT)
@PHRASES
@JOURNAL
def keys_passphrase(file: Path, phrases: Path | None, releases: Path | None) -> None:
    """Change the passphrase of one key file. With --passphrase-file: the old one, then the new one."""
    from release.custody import change_passphrase

    given = given_in(phrases)
    old, new = ask_phrase("Present passphrase", given), ask_new_phrase("New passphrase", given)
    journal = releases or file.absolute().parent.parent / "releases"
    change_passphrase(file.absolute(), old, new, date.today(), releases=journal)
    click.echo(f"{file.name} has another passphrase. Copies of the old file, if there are any, keep the old one.")


@keys.command("rehearse", cls=Refusing)
@RING
@click.option("--key", "files", type=KEPT, multiple=True, help="A key file, a custodian's too; repeatable.")
@click.option("--sheets", count=True, help="Also rebuild a key from two typed sheets; once for each key.")
@PHRASES
@BESIDE
def keys_rehearse(
    keyring: Path, files: tuple[Path, ...], sheets: int, phrases: Path | None, releases: Path | None
) -> None:
    """Prove on invented test data that the study's keys still open, and write the day down. Opens no real record."""
    from privacy.keys import Keyring
    from rehearsing_console import rehearse

    ring = Keyring.from_json(bytes_in(keyring))
    tell(ring, keyring)
    rehearse(ring, files, sheets, given_in(phrases), _journal_of(keyring, releases))


@keys.command("show", cls=Refusing)
@click.argument("keyring", type=FILE, required=False)
@BESIDE
def keys_show(keyring: Path | None, releases: Path | None) -> None:
    """Show the fingerprints of a keyring file, or of the keys that this instance seals to, as the page Keys does.

    At the desk it also says when all its keys were last proven to open.
    """
    from fieldwork.keyrings import lines_of
    from privacy.keys import Keyring
    from rehearsing_console import remind
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
    if keyring and (journal := _journal_of(keyring, releases)).is_dir():
        remind(ring, journal)


def _journal_of(keyring: Path, releases: Path | None) -> Path:
    return (releases or keyring.absolute().parent.parent / "releases").absolute()


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
        click.echo(
            "Compare these words with the desk's record now. If one differs, begin no visit, and ask who made the keys."
        )
        click.echo("A field app that is running takes them up by itself within seconds.")
