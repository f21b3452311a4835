"""Refuse what a clock that was set back would date wrongly. Reads no clock: the day is handed in.

A visit that came in under a day of last year would lose its tags and its contact details as soon as the clock is right
again: its receipt would not withdraw it. So it is not taken until then, and the device keeps it.
"""

from __future__ import annotations

from datetime import date, timedelta

from errors import ClockBehind
from fieldwork.study import Study

# Two machines of one study may stand in two time zones.
LEEWAY = timedelta(days=1)


def check_day(study: Study, today: date) -> None:
    """Raises ClockBehind where today lies before the day of the last upkeep."""
    check_after(study.kept_up, today)


def check_after(last: date | None, today: date) -> None:
    """Raises ClockBehind where today lies before this day."""
    if last and today < last - LEEWAY:
        raise ClockBehind(
            f"This machine's clock says {today.isoformat()}, and the last upkeep was on {last.isoformat()}. Set the "
            "clock right; then it goes on by itself. Nothing was kept."
        )
