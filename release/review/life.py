"""How long words that nobody has looked through may be looked at: so many months, as people were told.

Counts from the month of the visit, which is all that a record tells; so it is never longer than promised. Says it of
all answers together, never of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from release.review.answers import Answer
from release.source import Source

MONTHS = 6  # where a study does not say


@dataclass(frozen=True)
class Waiting:
    """How many answers wait for somebody to look at them, until when the first of them may, and how many no longer."""

    count: int
    until: date | None
    over: int


def months_of(source: Source) -> int:
    """For how many months unreviewed words are kept in this study."""
    return source.retention.get("unreviewed_text_months", MONTHS)


def last_day(month: str, months: int) -> date:
    """The last day on which words of this month ("2026-11") may be looked at."""
    year, number = (int(part) for part in month.split("-"))
    whole = year * 12 + number - 1 + months
    return date(whole // 12, whole % 12 + 1, 1) - timedelta(1)


def may_be_seen(answer: Answer, months: int, today: date) -> bool:
    """Whether these words may still be looked at."""
    return not answer.month or today <= last_day(answer.month, months)


def waiting_in(counts: Mapping[str, int], months: int, over: int) -> Waiting:
    """What to say of answers that wait, by the month of their visit, and of those that do no longer."""
    days = [last_day(month, months) for month, count in counts.items() if month and count]
    return Waiting(sum(counts.values()), min(days, default=None), over)
