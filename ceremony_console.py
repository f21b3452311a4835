"""A ceremony of keys on a terminal, or through a pipe: what is shown, what is asked, again and again until it is right.

Holds no rule (release/ceremony.py does). Passphrases are typed unseen; sheets are shown once, and nothing is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from console import lines_in
from errors import CeremonyError, SettingsError, ShareError

if TYPE_CHECKING:
    from privacy.keys import Keyring, Purpose
    from release.ceremony import Ceremony, Holder, Sheet
    from release.ceremony_record import Record
    from release.custody import PrivateKey
    from storage.journal import Act

WORDS_IN_ROW = 3
Thing = TypeVar("Thing")


@contextmanager
def forgotten(key: PrivateKey) -> Iterator[PrivateKey]:
    """A key for as long as it is needed."""
    try:
        yield key
    finally:
        key.forget()


def hold(ceremony: Ceremony, out: Path, phrases: Path | None, releases: Path | None) -> None:
    """A ceremony from the passphrases to the end, or to nothing."""
    from release.ceremony import finish
    from release.folders import refuse_taken

    try:
        refuse_taken(out.absolute())
        chosen = _passphrases(ceremony.holders, ceremony.study, given_in(phrases))
        for sheet in ceremony.sheets:
            _show(sheet)
        click.echo("Copy or print each sheet and give each to another trustee. They are not shown again.")
        for purpose in ceremony.unproven():
            until_right(partial(_prove, ceremony, purpose))
            click.echo(f"The {purpose} key was rebuilt from two sheets.")
        record = finish(ceremony, out.absolute(), chosen, date.today(), releases=_journal(out, releases))
    finally:
        ceremony.forget()
    _tell(record, out)


def keep_anew(
    key: PrivateKey,
    custodians: Sequence[str],
    ring: Keyring,
    out: Path,
    given: Iterator[str] | None,
    releases: Path | None,
    act: Act,
) -> None:
    from release.ceremony import holders_of, keep

    chosen = _passphrases(holders_of((key.purpose,), custodians), ring.study, given)
    home, journal = out.absolute(), _journal(out, releases)
    record = keep(key, custodians, ring, home, chosen, date.today(), secrets.token_bytes, act=act, releases=journal)
    _tell(record, out)


def _ask_sheet(question: str, before: str = "", printed: Sequence[Sheet] = ()) -> str:
    """The words of one sheet as they were typed; a mistake in them is told at once. `before`: a sheet that is right.

    `printed`: the sheets of the key, where they are known, so that every wrong word is told by its place.
    """
    from release.ceremony import read_share
    from release.retyping import check_typed

    typed = str(click.prompt(question))
    check_typed(typed, before, printed)
    read_share(typed)
    return typed


def _prove(ceremony: Ceremony, purpose: Purpose) -> None:
    from release.ceremony import prove

    printed = [sheet for sheet in ceremony.sheets if sheet.purpose == purpose]
    prove(ceremony, purpose, *ask_two(f"the {purpose} key", printed))


def _journal(out: Path, releases: Path | None) -> Path:
    return (releases or out.absolute().parent / "releases").absolute()


def _show(sheet: Sheet) -> None:
    click.echo(f"\nSheet {sheet.number} of 3 of the {sheet.purpose} key, number {sheet.code}")
    for at in range(0, len(sheet.words), WORDS_IN_ROW):
        row = enumerate(sheet.words[at : at + WORDS_IN_ROW], at + 1)
        click.echo("  " + "".join(f"{number:>3}. {word:<12}" for number, word in row).rstrip())
    click.echo("Trustee: ____________________")


def _tell(record: Record, out: Path) -> None:
    click.echo(f"\nWrote {', '.join(file for file, _ in record.files)}, keyring.json and ceremony.txt to {out}.")
    click.echo(record.text)


def ask_custodians() -> list[str]:
    named = [click.prompt(f"{which} custodian (name or initials)") for which in ("First", "Second")]
    third = click.prompt("A substitute (empty for none)", default="", show_default=False)
    return [*named, *([third] if third.strip() else [])]


def ask_two(what: str, printed: Sequence[Sheet] = ()) -> tuple[str, str]:
    """The words of two sheets. The first stays typed while the second is put right."""
    click.echo(f"Type the words of two sheets of {what}, each on one line. Four letters of a word are enough.")
    first = until_right(partial(_ask_sheet, "One sheet", "", printed))
    return first, until_right(partial(_ask_sheet, "Another sheet", first, printed))


def until_right(deed: Callable[[], Thing]) -> Thing:
    """Ask again until the words are right, or nobody answers any more."""
    while True:
        try:
            return deed()
        except ShareError as error:
            click.echo(str(error))


def tell(ring: Keyring, file: Path) -> None:
    """Which keyring this is about, to compare before anything secret is typed; what beside its file speaks against."""
    from release.custody import strangers_to

    click.echo(f"The keyring has these words; compare them with the field app's page Keys: {' '.join(ring.words)}")
    if strangers := strangers_to(ring, file.absolute().parent):
        click.echo(
            f"These files here know a key that this keyring has not: {', '.join(strangers)}. Take the newest one."
        )


def given_in(file: Path | None) -> Iterator[str] | None:
    return iter(lines_in(file)) if file else None


def _passphrases(holders: Sequence[Holder], study: str, given: Iterator[str] | None) -> list[str]:
    from release.ceremony import refuse_passphrases

    if given is not None:
        chosen = [ask_phrase("", given) for _ in holders]
        refuse_passphrases(holders, chosen, study)
        return chosen
    chosen = []
    for at, holder in enumerate(holders, 1):
        while True:
            phrase = ask_new_phrase(f"New passphrase {holder.whose}", None)
            try:
                refuse_passphrases(holders[:at], [*chosen, phrase], study)
            except CeremonyError as error:
                click.echo(str(error))
            else:
                chosen.append(phrase)
                break
    return chosen


def ask_phrase(question: str, given: Iterator[str] | None) -> str:
    if given is None:
        return str(click.prompt(question, hide_input=True))
    line = next(given, None)
    if line is None:
        raise SettingsError("The passphrase file has too few lines: one for each passphrase is needed.")
    return line


def ask_new_phrase(question: str, given: Iterator[str] | None) -> str:
    if given is not None:
        return ask_phrase(question, given)
    return str(click.prompt(question, hide_input=True, confirmation_prompt=True))
