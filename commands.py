"""The flask commands: read words, call the rooms, say one clear line. Rules live elsewhere.

Every command exits 0 on success, 1 with one line on a refusal, 2 on wrong usage. The rooms are imported inside
the commands, so that the field app never loads the desk's.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from config import Settings, home_of, read_settings
from console import Refusing, progress, reporting
from errors import SettingsError

if TYPE_CHECKING:
    from flask import Flask

    from fieldwork.study import Study
    from fieldwork.versions import Comparison
    from instruments.model import Instrument
    from instruments.settings import StudySettings
    from storage.office import Office
    from storage.stores import Addresses

DEFAULT_STUDY = Path(__file__).parent / "instruments" / "definitions" / "working_together"
STUDY_HELP = "The study: its folder, its workbook, or one form that a study is put around."
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
EITHER = click.Path(path_type=Path, exists=True)


def register(app: Flask) -> None:
    """Give the app its commands."""
    kept = (init, demo, desk, simulate, keys, study, certificate, serve, bundle, deliver, release, withdraw)
    for command in (*kept, maintain, journal):
        app.cli.add_command(command)


def settings_now() -> Settings:
    """The settings of the instance that the environment names. Raises SettingsError."""
    return read_settings(home_of(os.environ))


def addresses_of(settings: Settings) -> Addresses:
    """Where the three stores of these settings are."""
    from storage.stores import Addresses

    return Addresses(settings.research_database, settings.identity_database, settings.office_database)


def opened_study(settings: Settings) -> Study:
    """The study of these settings, opened."""
    from fieldwork.instance import open_study

    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


@click.command(cls=Refusing)
@click.option("--study", "source", type=EITHER, default=DEFAULT_STUDY, help=STUDY_HELP)
def init(source: Path) -> None:
    """Make a real instance in $AMANAH_HOME (default ./instance)."""
    from fieldwork.instance import make_folder
    from instruments.catalogue import load_study

    home = home_of(os.environ)
    make_folder(home, load_study(source).instrument.study, demo=False)
    _found(read_settings(home), source, plain_path=False)
    click.echo(f"Made an instance in {home}. Next: make the keys at the desk (`flask keys new --out DIR`), then here")
    click.echo("`flask keys add DIR/keyring.json`. Until then the field app answers that the study is not open yet.")


def _found(settings: Settings, source: Path, plain_path: bool) -> None:
    from fieldwork.instance import add_study, copy_study, found_instance

    copy_study(source, settings.study_folder, plain_path)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, date.today())
    add_study(stores.office, settings.study_folder, date.today())


@click.command(cls=Refusing)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--people", default=240, show_default=True, type=click.IntRange(min=0), help="Synthetic visits.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same people.")
@click.option("--study", "source", type=EITHER, default=DEFAULT_STUDY, help=STUDY_HELP)
def demo(folder: Path, people: int, seed: int, source: Path) -> None:
    """Make a self-contained demo instance in DIR: stores, key files, sign-ins, synthetic visits."""
    from fieldwork.demo import hire_demo_staff, write_demo_note
    from fieldwork.instance import add_keys, make_folder
    from instruments.catalogue import load_study
    from release.custody import make_demo_keys

    home = folder.absolute()
    make_folder(home, load_study(source).instrument.study, demo=True)
    settings = read_settings(home, {})
    _found(settings, source, plain_path=True)
    made = make_demo_keys(settings.study, home / "keys")
    opened = opened_study(settings)
    add_keys(opened.stores.office, settings.study, made.keyring, date.today())
    write_demo_note(home, made.note, hire_demo_staff(opened.stores.office))
    _simulate(settings, people, seed)
    click.echo(f"Made a demo in {home}. Its passphrases and sign-ins are in {home / 'demo.json'}.")


@click.command(cls=Refusing)
@click.option("--people", required=True, type=click.IntRange(min=1), help="How many synthetic visits.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same people.")
def simulate(people: int, seed: int) -> None:
    """Add synthetic visits through the real form, seal and store path (demo instances only)."""
    settings = settings_now()
    if not settings.demo:
        raise SettingsError("This is a real instance: invented people do not belong in it. Use `flask demo DIR`.")
    _simulate(settings, people, seed)


def _simulate(settings: Settings, people: int, seed: int) -> None:
    from app import create_app
    from fieldwork.demo import simulated_visits

    field = create_app(settings)
    visits = simulated_visits(field.extensions["amanah"].instrument, field.test_client().post, people, seed)
    outcomes: dict[str, int] = {}
    for outcome in progress(visits, people, "Synthetic visits"):
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    click.echo(f"{people} synthetic visits: {told or 'none'}.")


@click.command(cls=Refusing)
@click.option("--port", default=8001, show_default=True, type=int)
def desk(port: int) -> None:
    """Serve the desk on this machine only, behind a one-time link."""
    from app import create_desk
    from views.desk.serving import serve_desk

    serve_desk(create_desk(), port)


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
        lines = _lines(file)
        if len(lines) < 2:
            raise SettingsError(f"{file} needs two lines: the research passphrase, then the identity passphrase.")
        return lines[:2]
    return [
        click.prompt(f"Passphrase for the {purpose} key", hide_input=True, confirmation_prompt=True)
        for purpose in ("research", "identity")
    ]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{file} cannot be read.") from None


@keys.command("show", cls=Refusing)
@click.argument("keyring", type=FILE, required=False)
def keys_show(keyring: Path | None) -> None:
    """Show the fingerprint of a keyring file, or of the keys that this instance seals to."""
    from privacy.keys import Keyring
    from storage.office import keyring_json

    data = keyring.read_bytes() if keyring else keyring_json(opened_study(settings_now()).stores.office)
    if not data:
        raise SettingsError("This instance has no public keys yet. Run `flask keys add KEYRING`.")
    ring = Keyring.from_json(data)
    for key in ring.keys:
        click.echo(f"{key.purpose:<9} {key.status:<8} {key.short}")
    click.echo(f"Fingerprint: {ring.fingerprint}\n{' '.join(ring.words)}")


@keys.command("add", cls=Refusing)
@click.argument("keyring", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def keys_add(keyring: Path) -> None:
    """Give this instance the desk's public keyring. Compare the fingerprint with the desk's, in words."""
    from fieldwork.instance import add_keys

    settings = settings_now()
    office = opened_study(settings).stores.office
    ring = add_keys(office, settings.study, keyring.read_bytes(), date.today())
    click.echo(f"Added. Fingerprint: {ring.fingerprint}\n{' '.join(ring.words)}")
    click.echo("A field app that is running takes them up by itself within seconds.")


@click.group()
def study() -> None:
    """Check, add and show a study's sheets."""


@study.command("check", cls=Refusing)
@click.argument("path", type=EITHER, metavar="PATH")
def study_check(path: Path) -> None:
    """Say everything that is wrong with a study's folder or workbook, or with one XLSForm (.xlsx, .xls, CSV, Markdown).

    What is wrong ends with exit code 1; what a person should look at is said and does not.
    """
    from instruments.catalogue import check_study

    problems = check_study(path)
    for problem in problems:
        click.echo(str(problem), err=True)
    errors = [problem for problem in problems if not problem.is_warning]
    if errors:
        raise click.ClickException(f"{len(errors)} problem(s) in {path}.")
    click.echo(f"{path}: no problems." + (f" {len(problems)} warning(s)." if problems else ""))


@study.command("classify", cls=Refusing)
@click.argument("form", type=EITHER, metavar="FORM")
@click.option("--write", is_flag=True, help="Write the proposals into the file beside the form, to start from.")
def study_classify(form: Path, write: bool) -> None:
    """Propose how private each question of an XLSForm made elsewhere is, with a reason. A person decides."""
    from instruments.classify import in_columns, proposals_for, write_proposals

    proposals = proposals_for(form)
    click.echo(in_columns(proposals))
    if write:
        click.echo(f"\nWrote {write_proposals(form, proposals)}. Read every row and change what is not so; then run")
        click.echo(f"`flask study check {form}`.")
    else:
        click.echo("\nNothing is decided yet: --write makes a file of these to start from, beside the form.")


@study.command("new", cls=Refusing)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--form", required=True, type=EITHER, help="The questionnaire: an XLSForm in any kind of file.")
def study_new(folder: Path, form: Path) -> None:
    """Make a study's folder around a questionnaire: information, consent, contact and settings, to be filled in."""
    from instruments.catalogue import load_study
    from instruments.starter import write_study

    load_study(form)
    write_study(form, folder)
    click.echo(f"Made {folder}. Write what stands in brackets into {folder / 'study.toml'}, then run")
    click.echo(f"`flask study check {folder}` and `flask init --study {folder}`.")


@study.command("compare", cls=Refusing)
@click.argument("path", type=EITHER, metavar="PATH")
@click.option("--with", "digest", default="", help="The first digits of a stored version; else the current one.")
def study_compare(path: Path, digest: str) -> None:
    """Show what sheets (a study's folder, or one form) would change in the study. Nothing is changed."""
    _show(_compared(settings_now(), path, digest))


@study.command("add", cls=Refusing)
@click.argument("folder", type=EITHER, metavar="PATH")
@click.option("--yes", is_flag=True, help="Add it without asking.")
@click.option("--breaks-comparability", "breaks", is_flag=True, help="Agree to what makes answers incomparable.")
def study_add(folder: Path, yes: bool, breaks: bool) -> None:
    """Show what a new version of the study changes and, once that is confirmed, collect with it from now on.

    Versions in use stay as they are, and records answered under them stay whole.
    """
    from fieldwork.versions import adopt, check_adoptable

    settings = settings_now()
    found = _compared(settings, folder)
    _show(found)
    if found.changes_nothing:
        return
    check_adoptable(found)
    if found.against and not yes:
        _ask("Add this version?", "--yes")
    if found.breaking and not breaks:
        _ask("Answers from before and after cannot be compared where it is marked. Add it all the same?",
             "--breaks-comparability")  # fmt: skip
    digest = adopt(_office(settings), found, settings.study_folder, date.today(), "administrator", True)
    click.echo(f"The study collects with version {found.new.version} ({digest[:16]}) from now on.")
    click.echo("A field app that is running takes it up by itself within seconds.")


def _ask(question: str, flag: str) -> None:
    """Ask on a terminal; a script says yes with the flag. Raises SettingsError for any other answer."""
    if not sys.stdin.isatty():
        raise SettingsError(f"Nothing was changed. {question} Then say so with {flag}.")
    if not click.confirm(question):
        raise SettingsError("Nothing was changed.")


def _office(settings: Settings) -> Office:
    from storage.stores import open_stores

    return open_stores(addresses_of(settings)).office


def _compared(settings: Settings, path: Path, digest: str = "") -> Comparison:
    from fieldwork.versions import compare

    return compare(_office(settings), settings.study, settings.study_folder, path, digest)


def _show(found: Comparison) -> None:
    """Say what a comparison found: the differences, what they break, and what the sheets are."""
    from instruments.differences import in_lines

    for line in in_lines(found.differences):
        click.echo(line)
    for sentence in found.in_words():
        click.echo(sentence)


@study.command("versions", cls=Refusing)
def study_versions() -> None:
    """List the stored versions of the study, in the order in which they were added."""
    from fieldwork.versions import versions

    settings = settings_now()
    for one in versions(_office(settings), settings.study):
        mark = "current" if one.is_current else ""
        click.echo(f"{one.instrument.digest[:16]}  {one.instrument.version:<20} {one.items:>4} items  {mark}".rstrip())


@study.command("show", cls=Refusing)
@click.argument("folder", type=EITHER, metavar="PATH", required=False)
@click.option("--version", "digest", help="A stored version, by its digest or the beginning of it.")
@click.option("--xlsx", "file", type=FILE, help="Write it as a workbook to edit, instead of showing it.")
def study_show(folder: Path | None, digest: str | None, file: Path | None) -> None:
    """Show a study's groups, parts and items, with the privacy class of each; or write it as an XLSForm workbook.

    Without PATH it is a version that this instance has stored: the one it collects with, or the one named.
    """
    from instruments.back_out import backed_out
    from instruments.catalogue import describe

    if folder and digest:
        raise click.UsageError("Name a PATH, or a stored version with --version, not both.")
    instrument, at_once = _shown(folder, digest or "")
    if file is None:
        click.echo(describe(instrument))
        return
    _write_new(file, backed_out(instrument, at_once))
    click.echo(f"Wrote version {instrument.digest[:16]} to {file}.")


def _shown(folder: Path | None, digest: str) -> tuple[Instrument, StudySettings]:
    from fieldwork.versions import version_named
    from instruments.catalogue import load_study

    if folder:
        told = load_study(folder)
        return told.instrument, told.settings
    opened = opened_study(settings_now())
    stored = version_named(opened.stores.office, opened.name, digest) if digest else opened.instrument
    return stored, opened.settings


def _write_new(file: Path, data: bytes) -> None:
    try:
        with file.open("xb") as written:
            written.write(data)
    except FileExistsError:
        raise SettingsError(f"{file} exists already; nothing was changed.") from None
    except OSError:
        raise SettingsError(f"{file} cannot be written here. See that its folder exists.") from None


@click.command(cls=Refusing)
@click.argument("file", type=FILE)
@click.option("--identities", is_flag=True, help="The identity vault's bundle, for the custodians.")
def bundle(file: Path, identities: bool) -> None:
    """Write the sealed bundle of the research records: one file, safe to carry."""
    from fieldwork.bundles import make_bundle

    purpose: Literal["research", "identity"] = "identity" if identities else "research"
    count = make_bundle(opened_study(settings_now()), file, "administrator", date.today(), purpose)
    click.echo(f"{count} sealed records in {file}.")


@click.command(cls=Refusing)
@click.option("--source", type=EITHER, required=True, help="An instance folder or a sealed bundle.")
@click.option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--passphrase-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--spec", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--out", type=FOLDER, required=True)
def release(source: Path, key: Path, passphrase_file: Path, spec: Path, out: Path) -> None:
    """Open sealed records at the desk and write a pseudonymised release for one purpose."""
    from release.build import release_to

    phrase = (_lines(passphrase_file) or [""])[0]
    with reporting("Release") as report:
        told = release_to(source, key.read_bytes(), phrase, spec, out.absolute(), report)
    click.echo(told)


@click.command(cls=Refusing)
@click.argument("code", nargs=-1, required=True)
def withdraw(code: tuple[str, ...]) -> None:
    """Erase what a receipt stands for. The answer is the same whether or not the code was known."""
    from fieldwork.withdrawal import withdraw as erase_by_receipt

    erase_by_receipt(opened_study(settings_now()), " ".join(code), date.today())
    click.echo("If this code was still in use, what it stood for is erased now.")


@click.command(cls=Refusing)
def maintain() -> None:
    """Expire tags past their cut-off, replay tombstones, rewrite rows so that their order tells nothing."""
    from fieldwork.upkeep import maintain as keep_up

    done = keep_up(opened_study(settings_now()), date.today())
    click.echo(f"{done.expired} tags expired, {done.erased_again} records erased again, every table rewritten.")


@click.command(cls=Refusing)
@click.option("--host", "hosts", multiple=True, required=True, help="This machine's address on the router.")
def certificate(hosts: tuple[str, ...]) -> None:
    """Make a local authority and a certificate, so that tablets on a project router may seal."""
    from fieldwork.certificate import AUTHORITY, issue, keep_certificate

    home = settings_now().home
    issued = issue(hosts, datetime.now(UTC))
    folder = keep_certificate(home, issued)
    click.echo(f"Made {folder}. Bring {folder / AUTHORITY} to each tablet and trust it there (README, pilot).")
    click.echo(f"Its SHA-256 fingerprint, to compare on the tablet:\n{issued.fingerprint}")
    click.echo("Then serve the tablets: flask serve")


@click.command(cls=Refusing)
@click.option("--address", default="0.0.0.0", show_default=True, help="Where to listen.")  # noqa: S104 (tablets come from the router)
@click.option("--port", default=8443, show_default=True)
def serve(address: str, port: int) -> None:
    """Serve the field app over https with the certificate that `flask certificate` made."""
    from app import create_app, serve_tablets

    settings = settings_now()
    click.echo(f"Field app: https, port {port}. Ctrl-C stops it.")
    serve_tablets(create_app(settings), settings.home, address, port)


@click.command(cls=Refusing)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def deliver(file: Path) -> None:
    """Take in a sealed outbox file that was carried from a tablet by hand."""
    from fieldwork.outbox_files import take_in_file

    done = take_in_file(opened_study(settings_now()), file.read_bytes(), date.today())
    click.echo(f"{done.new} visits taken in, {done.known} were here already, {done.withdrawn} had been withdrawn.")
    for sentence, count in done.refused:
        click.echo(f"{count} refused: {sentence}", err=True)
    if done.refused:
        raise SystemExit(1)


@click.group()
def journal() -> None:
    """The journal of staff acts."""


@journal.command("verify", cls=Refusing)
def journal_verify() -> None:
    """Check the journal's chain from the first entry to the last."""
    from storage.journal import head, verify_journal

    office = opened_study(settings_now()).stores.office
    count = verify_journal(office)
    click.echo(f"{count} entries, the chain holds. Head: {head(office)[1]}")
