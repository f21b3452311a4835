"""Classify a form from the command line: propose, show, write the file to start from. Overwrites nobody's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from errors import SettingsError
from instruments.privacy_classes.classes import classes_file, write_classes
from instruments.privacy_classes.proposals import Proposal, propose
from instruments.reading.sheets import is_classified
from instruments.workbooks import read_workbook


def proposals_for(form: Path) -> tuple[Proposal, ...]:
    """The proposals for the form in this file or folder. Raises InstrumentError; SettingsError where there is none."""
    sheets = read_workbook(form)
    if is_classified(sheets["survey"]):
        told = "says itself how private its questions are, in bind::amanah:privacy. There is nothing to propose."
        raise SettingsError(f"{form.name} {told}")
    return propose(sheets)


def write_proposals(form: Path, proposals: Iterable[Proposal]) -> Path:
    """Write the proposals beside the form as a start. Raises SettingsError where the team has a file already."""
    if classes_file(form).exists():
        raise SettingsError(f"{classes_file(form)} exists already. Edit it, or take it away; nothing was written.")
    return write_classes(form, [one.decision for one in proposals])


def in_columns(proposals: Sequence[Proposal]) -> str:
    """The proposals in lines of text: name, class, where it is kept, reason."""
    rows = [("name", "class", "kept", "reason")]
    rows += [(one.name, one.privacy + ", special" * one.special, one.stored, one.reason) for one in proposals]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[3]]) for row in rows)
