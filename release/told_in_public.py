"""Of whom figures were told to anybody, and which: tables and summaries that leave the team know of each other by it.

What one withholds the other may tell: a count that a summary shows is the margin that a table left out so that others
cannot be worked out. So of the same people only one of them is ever made: tables without noise, tables with noise, or
summaries. Kept sealed beside the releases, written before what it is about.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import ReleaseError
from release.budget import Ledger
from release.desk_notes import keep_note, notes
from release.ledger import LABEL

KIND, SUMMARY = "tables", "summary"  # the notes' kind; the shape of a summary
TABLES_BEFORE = (
    "Public tables of some of these people were made before. A summary that leaves the team tells counts that those "
    "tables withhold or blur, so of the same people only one of the two is ever made. Use the tables, make this a "
    'summary for the team (preset = "team"), or wait for other people, such as another wave.'
)
SUMMARY_BEFORE = (
    "A group summary that leaves the team was made of some of these people before. It tells counts that these tables "
    "would withhold or blur, so of the same people only one of the two is ever made. Use the summary, or ask for "
    "tables of other people, such as another wave."
)


@dataclass(frozen=True)
class InPublic:
    """Figures of before: of whom, which (the shape of tables, or SUMMARY), and whether they had noise."""

    people: frozenset[bytes] = field(repr=False)
    shape: Any
    noisy: bool = False


def told_before(ledger: Ledger) -> tuple[InPublic, ...]:
    """Everything that was told in public of this study. Raises ReleaseError where a note cannot be read."""
    return tuple(map(_read, notes(ledger.releases, ledger.keys, ledger.study, KIND)))


def refuse_after_tables(people: frozenset[bytes], before: Sequence[InPublic]) -> None:
    """Refuse a summary for anybody where there are tables of some of these people. Raises ReleaseError."""
    if any(one.shape != SUMMARY and one.people & people for one in before):
        raise ReleaseError(TABLES_BEFORE)


def remember_told(ledger: Ledger, told: InPublic, before: Sequence[InPublic]) -> None:
    """Write it down, once. If this raises, nothing may be told. Raises ReleaseError."""
    if told not in before:
        people = base64.b64encode(b"".join(sorted(told.people))).decode("ascii")
        document = {"people": people, "shape": told.shape, "noisy": told.noisy}
        keep_note(ledger.releases, ledger.keys[-1].public(), ledger.study, KIND, document)


def _read(told: Mapping[str, Any]) -> InPublic:
    try:
        labels = base64.b64decode(told["people"], validate=True)
        people = frozenset(labels[at : at + LABEL] for at in range(0, len(labels), LABEL))
        return InPublic(people, told["shape"], bool(told["noisy"]))
    except (LookupError, TypeError, ValueError):
        raise ReleaseError(
            "A note of earlier public tables has a form that this version does not know. No tables and no summary for "
            "anybody are made until it is clear what was told before."
        ) from None
