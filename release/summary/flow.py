"""How many began, refused, could not take part, withdrew: from the tallies that a source carries, in steps.

Tallies are exact, and two summaries a week apart would tell of one person between them. So each is told in whole
steps: "at least 35", and "fewer than 5" also where it is nought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.office import Tally

NOT_COUNTED = (
    "How many were invited is not counted: the software never knows who was asked. Nobody can work out a response "
    "rate from this table.",
    "Refusals and people who could not take part are counted where somebody said so on a screen. Those who said so at "
    "the door, or closed the page, are counted nowhere.",
    "People who withdrew are counted for the study as a whole and not by group: which group it was is not kept.",
)


@dataclass(frozen=True)
class FlowRow:
    """One group. Each number is already in steps; None: fewer than one step."""

    group: str
    finished: int | None
    refused: int | None
    not_eligible: int | None


@dataclass(frozen=True)
class Flow:
    """The sample flow of these groups. `is_told` is False for a source that carries no tallies."""

    rows: tuple[FlowRow, ...]
    withdrawn: int | None
    step: int
    is_told: bool


def flow_of(tallies: Iterable[Tally], groups: Sequence[str], step: int) -> Flow:
    """The flow of these groups, in steps of as many people."""
    counts: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        counts[tally.outcome, "" if tally.outcome == "withdrawn" else tally.group] += tally.count
    rows = [FlowRow(group, *(in_steps(counts[one, group], step) for one in OUTCOMES)) for group in groups]
    return Flow(tuple(rows), in_steps(counts["withdrawn", ""], step), step, bool(counts))


OUTCOMES = ("finished", "refused", "not_eligible")


def in_steps(count: int, step: int) -> int | None:
    """The greatest whole number of steps in it; None below one step."""
    return count // step * step or None
