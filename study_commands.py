"""The commands `flask study …`: check, classify, compare, add and show what a study asks. Thin, as commands.py is."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import EITHER, FILE, FOLDER, addresses_of, opened_study, settings_now
from config import Settings
from console import Refusing
from errors import SettingsError

if TYPE_CHECKING:
    from fieldwork.versions import Comparison
    from instruments.model import Instrument
    from instruments.settings import StudySettings
    from storage.office import Office


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
        more = " Some checks could not be made yet: more may appear once these are mended." * problems.may_be_more
        raise click.ClickException(f"{len(errors)} problem(s) in {path}.{more}")
    click.echo(f"{path}: no problems." + (f" {len(problems)} warning(s)." if problems else ""))


@study.command("reading", cls=Refusing)
@click.argument("path", type=EITHER, metavar="PATH")
@click.option("--most", default=6.0, show_default=True, help="The grade that no text should be above.")
def study_reading(path: Path, most: float) -> None:
    """Say how hard each English text of a study is to read, as a school grade, where it is above --most.

    Grades by Flesch and Kincaid, of texts of eight words and more. Ends with exit code 1 where any is above.
    """
    from instruments.catalogue import load_study
    from instruments.reading_level import graded, texts_of

    found = list(graded(texts_of(load_study(path).instrument)))
    hard = sorted((one for one in found if one.grade > most), key=lambda one: -one.grade)
    for one in hard:
        click.echo(f"{one.grade:5.1f}  {one.name}: {one.text}")
    if hard:
        raise click.ClickException(f"{len(hard)} of {len(found)} texts are above grade {most:g}.")
    click.echo(f"{len(found)} texts, none above grade {most:g}.")


@study.command("classify", cls=Refusing)
@click.argument("form", type=EITHER, metavar="FORM")
@click.option("--write", is_flag=True, help="Write the proposals into the file beside the form, to start from.")
def study_classify(form: Path, write: bool) -> None:
    """Propose how private each question of an XLSForm made elsewhere is, with a reason. A person decides."""
    from instruments.privacy_classes.classify import in_columns, proposals_for, write_proposals

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
    from instruments.reading.starter import write_study

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
    from fieldwork.approvals import adopt_or_propose
    from fieldwork.proposals import Proposal
    from fieldwork.versions import check_adoptable, refusals_written
    from storage.journal import COMMAND_LINE, Pen

    settings = settings_now()
    found = _compared(settings, folder)
    _show(found)
    if found.changes_nothing:
        return
    with refusals_written(Pen(_office(settings), COMMAND_LINE, date.today()), found):
        check_adoptable(found)
    if found.against and not yes:
        _ask("Add this version?", "To add this version without being asked, say --yes.")
    if found.breaking and not breaks:
        _ask(
            "Answers from before and after cannot be compared where it is marked. Add it all the same?",
            "This version breaks comparability where it is marked. To add it all the same, say --breaks-comparability.",
        )
    done = adopt_or_propose(opened_study(settings), found, settings.study_folder, date.today(), COMMAND_LINE, True)
    if isinstance(done, Proposal):
        click.echo("Proposed, not added: two administrators must confirm it on the page Proposals within seven days.")
        return
    click.echo(f"The study collects with version {found.new.version} ({done[:16]}) from now on.")
    click.echo("A field app that is running takes it up by itself within seconds.")


def _ask(question: str, for_scripts: str) -> None:
    """Ask on a terminal; a script is told how to say yes. Raises SettingsError for any answer but yes."""
    if not sys.stdin.isatty():
        raise SettingsError(f"Nothing was changed. {for_scripts}")
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
    from instruments.comparing.differences import in_lines

    for line in in_lines(found.differences):
        click.echo(line)
    for sentence in found.in_words():
        click.echo(sentence)


@study.command("reviewed", cls=Refusing)
@click.argument("language")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option("--version", "digest", required=True, help="The version that was read, by its digest's first digits.")
@click.option("--by", required=True, help="Who reviewed it: a person who speaks the language.")
def study_reviewed(language: str, texts: tuple[str, ...], digest: str, by: str) -> None:
    """Write down that somebody has reviewed texts of the study in a language as a version has them; `all`: every text.

    The page Questionnaires shows the digest beside the preview that is read. Words that were changed since that
    version, or are changed later, are a draft.
    """
    from fieldwork.reviewing import changed_since, review
    from fieldwork.versions import version_named
    from storage.journal import COMMAND_LINE

    settings = settings_now()
    study = opened_study(settings)
    read = replace(study, instrument=version_named(study.stores.office, study.name, digest))
    done = review(read, settings.study_folder, language, texts, by, date.today(), COMMAND_LINE)
    click.echo(f"Reviewed in {language}: {', '.join(done)}. A field app that is running takes it up within seconds.")
    if changed := changed_since(read, study, language, done):
        click.echo(f"The version in use says these otherwise, so there they are a draft: {', '.join(changed)}.")


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
