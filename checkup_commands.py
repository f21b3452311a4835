"""`flask checkup` and `flask manifest …`: for somebody's own machine, never for the server. Thin, as commands.py is."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console import Refusing
from errors import ManifestError, SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).parent
NEW = click.Path(path_type=Path, dir_okay=False)
KEPT = click.Path(path_type=Path, dir_okay=False, exists=True)
PHRASE_HELP = "Its first line is the passphrase; without it you are asked."


@click.group()
def manifest() -> None:
    """The signed list of everything that a site serves. Keep its key off every server."""


@manifest.command("key", cls=Refusing)
@click.argument("file", type=NEW)
@click.option("--passphrase-file", "phrase", type=KEPT, help=PHRASE_HELP)
def manifest_key(file: Path, phrase: Path | None) -> None:
    """Make the team's release key: FILE, locked by a passphrase. Prints the public key that others keep."""
    from checkup.signing import lock, new_signing_key, public_hex

    key = new_signing_key(secrets.token_bytes)
    _write_new(file, lock(key, _phrase(phrase, confirm=True), secrets.token_bytes), 0o600)
    click.echo(f"Wrote {file}. Keep it, and its passphrase, away from every server.")
    click.echo("Its public key, for the ethics board and for everybody who checks:")
    click.echo(public_hex(key))


@manifest.command("show", cls=Refusing)
@click.argument("file", type=KEPT)
@click.option("--signer", required=True, help="The public key: 64 hexadecimal digits, or a file that holds them.")
def manifest_show(file: Path, signer: str) -> None:
    """Say which version a signed manifest is of, and whether this signer signed it."""
    from checkup.manifest import believed

    told = believed(file.read_bytes(), _signer(signer))
    click.echo(f"{told.named}: {len(told.files)} files. The signature holds.")


@manifest.command("sign", cls=Refusing)
@click.option("--key", "file", type=KEPT, required=True, help="The release key's file.")
@click.option("--out", type=NEW, required=True, help="The new file for the signed manifest.")
@click.option("--passphrase-file", "phrase", type=KEPT, help=PHRASE_HELP)
def manifest_sign(file: Path, out: Path, phrase: Path | None) -> None:
    """List every file that this version serves, with its SHA-256, and sign the list."""
    from checkup.manifest import manifest_of, signed
    from checkup.signing import unlock
    from supply.project import commit_of, name_and_version, refuse_unsaved

    refuse_unsaved(ROOT, "static", "templates")
    told = manifest_of(ROOT, name_and_version(ROOT)[1], commit_of(ROOT))
    key: Ed25519PrivateKey = unlock(file.read_bytes(), _phrase(phrase))
    _write_new(out, signed(told, key), 0o644)
    click.echo(f"Wrote {out}: {told.named}, {len(told.files)} files.")


@click.command(cls=Refusing)
@click.argument("url")
@click.option("--manifest", "file", type=KEPT, required=True, help="The signed manifest of the version served.")
@click.option("--signer", required=True, help="The team's public key: 64 hexadecimal digits, or a file with them.")
@click.option("--log", "logs", type=KEPT, multiple=True, help="On the server: a log to look into. May be repeated.")
@click.option("--keyring", type=KEPT, help="The desk's keyring.json, to compare the keys that devices seal to.")
@click.option("--plain", is_flag=True, help="This study has chosen the plain path: visits without script, too.")
@click.option("--authority", type=KEPT, help="A pilot's authority.crt, where the site's certificate is its own.")
def checkup(
    url: str,
    file: Path,
    signer: str,
    logs: tuple[Path, ...],
    keyring: Path | None,
    plain: bool,
    authority: Path | None,
) -> None:
    """Check a deployed site from outside: headers, cookies, TLS, logs, and every script against a signed manifest."""
    from checkup.client import site_at
    from checkup.findings import all_well, table
    from checkup.manifest import believed
    from checkup.whole import Order, check

    told = believed(file.read_bytes(), _signer(signer))
    order = Order(site_at(url, authority), told, logs, keyring.read_bytes() if keyring else None, plain)
    click.echo(f"Checking {order.site.origin} against {told.named} ...")
    findings = check(order, datetime.now(UTC), secrets.token_bytes)
    click.echo(table(findings))
    if not all_well(findings):
        count = sum(one.outcome == "WRONG" for one in findings)
        raise click.ClickException(f"{count} thing(s) there are not as they should be: see WRONG above.")
    click.echo("All that was looked at is as it should be.")


def _signer(told: str) -> str:
    from checkup.manifest import read_signer

    path = Path(told)
    try:
        return read_signer(path.read_text("utf-8") if len(told) != 64 and path.is_file() else told)
    except (OSError, UnicodeDecodeError):
        raise ManifestError(f"{told} holds no public key that can be read.") from None


def _phrase(file: Path | None, confirm: bool = False) -> str:
    if file is not None:
        return (file.read_text("utf-8").splitlines() or [""])[0]
    return str(click.prompt("Passphrase of the release key", hide_input=True, confirmation_prompt=confirm))


def _write_new(file: Path, data: bytes, mode: int) -> None:
    import os

    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as written:
            written.write(data)
    except FileExistsError:
        raise SettingsError(f"{file} exists already; nothing was changed.") from None
    except OSError:
        raise SettingsError(f"{file} cannot be written here. See that its folder exists.") from None
