"""How commands speak on a terminal: a refusal is one line, long work shows progress, nothing else is said."""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from errors import AmanahError, SettingsError

# A disk that is full, can only be read or does not answer; too many open files.
PASSING = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE))
Thing = TypeVar("Thing")


class Refusing(click.Command):
    """A command whose refusals are one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn our own errors into that line."""
        with _in_one_line():
            return super().invoke(ctx)


class RefusingGroup(click.Group):
    """The same of a group that is a command too."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command or the one below it; turn our own errors into that line."""
        with _in_one_line():
            return super().invoke(ctx)


@contextmanager
def _in_one_line() -> Iterator[None]:
    # What of a broken connection could not be closed any more: the refusal says in words that it broke.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        yield
    except AmanahError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.errno not in PASSING:
            raise
        raise click.ClickException(f"{error.strerror}. Mend that, then run this command again.") from None


def progress(things: Iterable[Thing], length: int, label: str) -> Iterator[Thing]:
    """Go through things with a progress bar, on a terminal only."""
    if not sys.stderr.isatty():
        yield from things
        return
    with click.progressbar(things, length=length, label=label, file=sys.stderr) as bar:
        yield from bar


@contextmanager
def reporting(label: str) -> Iterator[Callable[[int, int], None]]:
    """A callback `(done, whole)` that moves a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, whole: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def report(done: int, whole: int) -> None:
            bar.length = max(whole, 1)
            bar.update(done - bar.pos)

        yield report


def bytes_in(file: Path) -> bytes:
    """The bytes of a file that a command was given. Raises SettingsError."""
    try:
        return file.read_bytes()
    except OSError:
        raise SettingsError(f"{file} cannot be read.") from None


def lines_in(file: Path) -> list[str]:
    """The lines of a small text file that a command was given. Raises SettingsError."""
    try:
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{file} cannot be read.") from None


def phrases_for(files: Sequence[Path], told: Path | None) -> list[str]:
    """The passphrase of each of these key files: as many lines of a file, in the same order; asked for without one.

    Raises SettingsError.
    """
    if told is None:
        return [str(click.prompt(f"Passphrase of {file.name}", hide_input=True, err=True)) for file in files]
    lines = lines_in(told)
    if len(lines) < len(files):
        raise SettingsError(f"{told} needs {len(files)} lines: a passphrase for each key file, in the same order.")
    return lines[: len(files)]
