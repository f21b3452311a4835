"""How a study goes, from tallies alone: counts by group, site and month that no record points to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fieldwork.study import Study
from storage.office import Tally, tallies


@dataclass(frozen=True)
class Row:
    """One line of progress: who, where, when, how many finished."""

    group: str
    site: str
    month: str
    finished: int


@dataclass(frozen=True)
class Progress:
    """Finished visits by group, site and month; the other outcomes by group, withdrawals in all."""

    rows: tuple[Row, ...]
    refused: tuple[tuple[str, int], ...]
    not_eligible: tuple[tuple[str, int], ...]
    withdrawn: int


def progress_of(study: Study) -> Progress:
    """The study's progress in counts."""
    found = tallies(study.stores.office)
    finished = sorted((tally for tally in found if tally.outcome == "finished"), key=_place)
    return Progress(
        tuple(Row(tally.group, tally.site, tally.month, tally.count) for tally in finished),
        _by_group(found, "refused"),
        _by_group(found, "not_eligible"),
        sum(tally.count for tally in found if tally.outcome == "withdrawn"),
    )


def _place(tally: Tally) -> tuple[str, str, str]:
    return tally.group, tally.site, tally.month


def _by_group(found: tuple[Tally, ...], outcome: str) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for tally in found:
        if tally.outcome == outcome:
            counts[tally.group] += tally.count
    return tuple(sorted(counts.items()))
