"""What a team decided of a form stays decided of the form that takes its place, for the questions that are the same.

Never where other words or another kind now hint at another class: under that name stands another question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from instruments.privacy_classes.classes import Decision, classes_file, read_classes, write_classes
from instruments.privacy_classes.proposals import Proposal, propose
from instruments.reading.sheets import is_classified
from instruments.workbooks import read_workbook

Hint = tuple[str, ...]


@dataclass(frozen=True)
class Decided:
    """What was decided of a form, and what its words hinted at."""

    decisions: tuple[Decision, ...]
    hints: frozenset[Hint]


def decided_of(form: Path) -> Decided:
    """What the team decided of this form, before another takes its place. Raises InstrumentError."""
    decisions = read_classes(form) or ()
    return Decided(decisions, _hints(propose(read_workbook(form))) if decisions else frozenset())


def carry_over(before: Decided, form: Path) -> None:
    """Write beside the new form what stays decided. One that says it itself, or has a file of its own, keeps that."""
    book = read_workbook(form)
    if not before.decisions or classes_file(form).exists() or is_classified(book["survey"]):
        return
    alike = {one.name for one in propose(book) if _hint(one) in before.hints}
    kept = [one for one in before.decisions if one.name in alike]
    if kept:
        write_classes(form, kept)


def _hints(proposals: Iterable[Proposal]) -> frozenset[Hint]:
    return frozenset(map(_hint, proposals))


def _hint(proposal: Proposal) -> Hint:
    is_text = "text" if proposal.kind == "text" else ""
    return (proposal.name, proposal.privacy, "special" * proposal.special, is_text)
