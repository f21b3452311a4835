"""What a summary's page and PDF are made of: headings, paragraphs, tables, figures. The same blocks give both.

A figure always carries the table that says the same in numbers. Words of the study are marked with their language;
what the software says is in English, as every file of a release is.
"""

from __future__ import annotations

from dataclasses import dataclass

from babel.core import Locale, UnknownLocaleError

from instruments.model import Text

OURS = "en"
# Languages from right to left that Babel does not know, and scripts that say so themselves.
RIGHT_TO_LEFT = {"prs", "uzs", "bal", "glk", "lrc", "mzn", "sdh"}
SCRIPTS = {"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Rohg"}


@dataclass(frozen=True)
class Said:
    """Words and the language that they are in."""

    words: str
    language: str = OURS


@dataclass(frozen=True)
class Cell:
    """A cell of a table. `span`: how many columns it takes."""

    said: Said
    is_number: bool = False
    span: int = 1


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 2 to 4, as 1 is the title's."""

    level: int
    said: Said


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    said: Said
    is_quiet: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list."""

    lines: tuple[Said, ...]


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row heads it. `language`: whose direction its columns follow."""

    caption: Said
    head: tuple[Said, ...]
    rows: tuple[tuple[Cell, ...], ...]
    language: str = OURS


@dataclass(frozen=True)
class Drawn:
    """A line of a plot: what it is of, and the SVG."""

    said: Said
    svg: str


@dataclass(frozen=True)
class Figure:
    """A plot with its key and the table beside it."""

    key: tuple[Drawn, ...]
    lines: tuple[Drawn, ...]
    table: Table


Block = Heading | Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Page:
    """A whole summary as it is shown."""

    title: Said
    blocks: tuple[Block, ...]


def in_study(text: Text, language: str) -> Said:
    """A text of the study in this language, else in the first that it has."""
    return Said(text.in_language(language), language if text.speaks(language) else text.translations[0][0])


def is_leftwards(language: str) -> bool:
    """Whether this language is written from right to left."""
    name, *rest = language.split("-")
    if name in RIGHT_TO_LEFT or SCRIPTS & set(rest):
        return True
    try:
        return Locale.parse(language, sep="-").text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False
