"""What one group reads before it is asked for consent: the full information sheet, and the same in short lines.

The full sheet is what people agree to, and its version stands in the consent record. The easy-read sheet says the same
and no more; it has a version of its own, so that nobody takes one for the other. Who opened it is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from errors import Problem
from instruments.model import Block, Instrument, PartName

MOST_WORDS = 12  # in a line that is easy to read, before `flask study check` asks for two


@dataclass(frozen=True)
class Sheets:
    """The screens of both sheets that a group is shown, in order. `easy` is empty where the study has none."""

    full: tuple[Block, ...]
    full_version: str
    easy: tuple[Block, ...]
    easy_version: str


def sheets_of(instrument: Instrument, group: str, language: str = "") -> Sheets:
    """Both sheets of this group, as they are called in this language; of a group that there is not, empty ones."""
    language = language or instrument.languages[0]
    return Sheets(
        _screens(instrument, group, "information"),
        instrument.sheet_in(language),
        _screens(instrument, group, "easy_read"),
        f"{instrument.easy_read_version}-{language}",
    )


def easy_read_remarks(instrument: Instrument, file: str) -> Iterator[Problem]:
    """What a person should look at in an easy-read sheet: sections that only one sheet has, and lines that are long."""
    for group in [one.name for one in instrument.groups]:
        sheets = sheets_of(instrument, group)
        if instrument.easy_read_version and len(sheets.easy) != len(sheets.full):
            told = (
                f"for {group} the easy-read sheet has {len(sheets.easy)} sections and the full sheet {len(sheets.full)}"
            )
            yield Problem(file, f"{told}; both should say the same things, in the same order", is_warning=True)
    parts = (part for part in instrument.parts if part.name == "easy_read")
    for item in (item for part in parts for block in part.blocks for item in block.items):
        # A translation may need more words for the same.
        if len(item.label.in_language(instrument.languages[0]).split()) > MOST_WORDS:
            told = f"{item.name} has more than {MOST_WORDS} words in a line; say one thing in a line"
            yield Problem(file, told, is_warning=True)


def _screens(instrument: Instrument, group: str, name: PartName) -> tuple[Block, ...]:
    return tuple(block for part in instrument.visit(group) if part.name == name for block in part.blocks)
