"""The flask commands: read words, call the rooms, say one clear line. Rules live elsewhere.

Every command exits 0 on success, 1 with one line on a refusal, 2 on wrong usage. The rooms are imported inside
the commands, so that the field app never loads the desk's.
"""

from __future__ import annotations

import os
import weakref
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from config import Settings, home_of, read_settings
from console import Refusing, progress
from errors import SchemaOther, SettingsError

if TYPE_CHECKING:
    from flask import Flask

    from fieldwork.backups.places import Instance
    from fieldwork.study import Study
    from storage.office import Office
    from storage.stores import Addresses

DEFAULT_STUDY = Path(__file__).parent / "instruments" / "definitions" / "working_together"
STUDY_HELP = "The study: its folder, its workbook, or one form that a study is put around."
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
THERE = click.Path(path_type=Path, exists=True, dir_okay=False)
EITHER = click.Path(path_type=Path, exists=True)


def register(app: Flask) -> None:
    """Give the app its commands."""
    from backup_commands import backup, restore
    from checkup_commands import checkup, manifest
    from grants_commands import grants
    from hold_commands import hold
    from journal_commands import journal
    from keys_commands import keys
    from migrate_commands import migrate
    from order_commands import order
    from release_commands import release
    from retention_commands import end_study, links, maintain, retention
    from staff_commands import staff
    from study_commands import study

    kept = (init, demo, code, desk, simulate, keys, study, certificate, serve, bundle, deliver, release, withdraw)
    tended = (grants, order, maintain, links, retention, end_study, backup, restore, migrate, health, hold, staff)
    for command in (*kept, *tended, journal, manifest, checkup):
        app.cli.add_command(command)


def settings_now() -> Settings:
    """The settings of the instance that the environment names. Raises SettingsError."""
    return read_settings(home_of(os.environ))


def addresses_of(settings: Settings) -> Addresses:
    """Where the three stores of these settings are."""
    from storage.stores import Addresses

    stores = (settings.research_database, settings.identity_database, settings.office_database)
    return Addresses(*stores, settings.journal_key)


def office_now() -> Office:
    """The office of the instance that the environment names."""
    from fieldwork.backups.restoring import settle
    from storage.stores import open_stores

    settings = settings_now()
    settle(instance_of(settings))
    return open_stores(addresses_of(settings)).office


def instance_of(settings: Settings) -> Instance:
    """Where the parts of the instance of these settings lie."""
    from fieldwork.backups.places import Instance

    return Instance(settings.home, settings.study, addresses_of(settings), settings.tombstone_files)


def opened_study(settings: Settings) -> Study:
    """The study of these settings, opened. As long as it is, no backup is put in its place."""
    from fieldwork.backups.restoring import begin_to_serve
    from fieldwork.instance import open_study

    held = begin_to_serve(instance_of(settings))
    try:
        study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    except BaseException:
        os.close(held)
        raise
    # Not with the study itself: that is read anew whenever something of it changes, and the stores stay.
    weakref.finalize(study.stores, os.close, held)
    return study


@click.command(cls=Refusing)
@click.option("--study", "source", type=EITHER, default=DEFAULT_STUDY, help=STUDY_HELP)
def init(source: Path) -> None:
    """Make a real instance in $AMANAH_HOME (default ./instance)."""
    from fieldwork.instance import make_folder
    from instruments.catalogue import load_study

    home = home_of(os.environ)
    make_folder(home, load_study(source).instrument.study, demo=False)
    settings = read_settings(home)
    _found(settings, source, plain_path=False)
    click.echo(f"Made an instance in {home}. Next: make the keys at the desk (`flask keys new --out DIR`), then here")
    click.echo("`flask keys add DIR/keyring.json`. Until then the field app answers that the study is not open yet.")
    if not settings.security_contact:
        click.echo("Nobody is named yet whom to tell of a weakness: set security_contact in its settings.toml.")


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
    from fieldwork.staff.office_keys import office_keys
    from instruments.catalogue import load_study
    from release.demo_keys import make_demo_keys

    home = folder.absolute()
    make_folder(home, load_study(source).instrument.study, demo=True)
    settings = read_settings(home, {})
    _found(settings, source, plain_path=True)
    made = make_demo_keys(settings.study, home / "keys", date.today())
    opened = opened_study(settings)
    add_keys(opened.stores.office, settings.study, made.keyring, date.today())
    keys = office_keys((home / "secret").read_text("utf-8"))
    write_demo_note(home, made.note, hire_demo_staff(opened.stores.office, keys, date.today()))
    _simulate(settings, people, seed)
    click.echo(f"Made a demo in {home}. Its passphrases and sign-ins are in {home / 'demo.json'}.")


@click.command(cls=Refusing)
@click.argument("name")
def code(name: str) -> None:
    """Print the code of now of one of the demo's sign-ins, for want of a telephone (demo instances only)."""
    from fieldwork.demo import demo_code

    click.echo(demo_code(home_of(os.environ), name, datetime.now(UTC)))


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
    from fieldwork.upkeep import maintain as keep_up
    from instruments.synthetic import MOST_TRIES
    from storage.journal import COMMAND_LINE, Act, write_entry

    field = create_app(settings)
    write_entry(field.extensions["amanah"].stores.office, COMMAND_LINE, Act.PEOPLE_SIMULATED, date.today(), people)
    visits = simulated_visits(field.extensions["amanah"].instrument, field.test_client().post, people, seed)
    outcomes: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for outcome, unanswered in progress(visits, people, "Synthetic visits"):
        outcomes[outcome] += 1
        missed.update(unanswered)
    # Staff are shown counts as of the last upkeep; a trial should not have to wait for the night.
    keep_up(field.extensions["amanah"], date.today())
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    click.echo(f"{people} synthetic visits: {told or 'none'}.")
    for name, count in missed.items():
        who = "1 person" if count == 1 else f"{count} people"
        click.echo(f"{who} could not answer {name}: its constraint was not met by {MOST_TRIES} tries.")


@click.command(cls=Refusing)
@click.option("--port", default=8001, show_default=True, type=int)
def desk(port: int) -> None:
    """Serve the desk on this machine only, behind a one-time link."""
    from app import create_desk
    from serving import serve_desk

    serve_desk(create_desk(), port)


@click.command(cls=Refusing)
@click.argument("file", type=FILE)
@click.option("--identities", is_flag=True, help="The identity vault's bundle, for the custodians.")
def bundle(file: Path, identities: bool) -> None:
    """Write the sealed bundle of the research records: one file, safe to carry."""
    from fieldwork.bundles import make_bundle
    from storage.journal import COMMAND_LINE

    purpose: Literal["research", "identity"] = "identity" if identities else "research"
    count = make_bundle(opened_study(settings_now()), file, COMMAND_LINE, date.today(), purpose)
    click.echo(f"{count} sealed records in {file}.")


@click.command(cls=Refusing)
@click.argument("code", nargs=-1, required=True)
def withdraw(code: tuple[str, ...]) -> None:
    """Erase what a receipt stands for. The answer is the same whether or not the code was known."""
    from fieldwork.withdrawal import withdraw as erase_by_receipt

    if erase_by_receipt(opened_study(settings_now()), " ".join(code), date.today()):
        click.echo("A legal hold is on. If this code was still in use, what it stands for is used no more, and is")
        click.echo("erased by itself when the hold is lifted. Tell the person what `flask hold show` prints.")
        return
    click.echo("If this code was still in use, what it stood for is erased now.")


@click.command(cls=Refusing)
def health() -> None:
    """Say how the instance is. Exit code 1 where somebody should look."""
    from fieldwork.health import is_wrong, stores_behind
    from views.office.health import examined, in_words
    from views.office.health_words import STATES, SUBJECTS

    settings = settings_now()
    try:
        found = examined(opened_study(settings), settings, datetime.now(UTC), with_chain=True)
    except SchemaOther as other:
        # Nothing was opened, so this is all that can be said.
        found = tuple(stores_behind(other.found))
    for finding in found:
        click.echo(f"{STATES[finding.state]}: {SUBJECTS[finding.subject]}: {in_words(finding)}")
    if is_wrong(found):
        raise SystemExit(1)


@click.command(cls=Refusing)
@click.option("--host", "hosts", multiple=True, required=True, help="This machine's address on the router.")
def certificate(hosts: tuple[str, ...]) -> None:
    """Make a local authority and a certificate, so that tablets on a project router may seal."""
    from fieldwork.certificate import AUTHORITY, issue, keep_certificate
    from storage.journal import COMMAND_LINE, Act, write_entry

    home = settings_now().home
    issued = issue(hosts, datetime.now(UTC))
    write_entry(office_now(), COMMAND_LINE, Act.CERTIFICATE_MADE, date.today(), detail=issued.fingerprint)
    folder = keep_certificate(home, issued)
    click.echo(f"Made {folder}. Bring {folder / AUTHORITY} to each tablet and trust it there (README, pilot).")
    click.echo(f"Its SHA-256 fingerprint, to compare on the tablet:\n{issued.fingerprint}")
    click.echo("Then serve the tablets: flask serve")


@click.command(cls=Refusing)
@click.option("--address", default="0.0.0.0", show_default=True, help="Where to listen.")  # noqa: S104 (tablets come from the router)
@click.option("--port", default=8443, show_default=True)
def serve(address: str, port: int) -> None:
    """Serve the field app over https with the certificate that `flask certificate` made."""
    from app import create_app
    from serving import serve_tablets, settings_for_tablets

    settings = settings_for_tablets(settings_now())
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
