"""Times as they are kept: in whole minutes or more, so that no row of the staff's dates what lies beside it.

The files of a store keep the order in which things were written for a while. A row with an exact time would tell when
the visit or withdrawal before it and after it came.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MINUTE, FIVE_MINUTES, DAY = timedelta(minutes=1), timedelta(minutes=5), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rounded_down(when: datetime, step: timedelta) -> datetime:
    """The last whole step that is not after this, in UTC."""
    return when.astimezone(UTC) - (when - EPOCH) % step


def rounded_up(when: datetime, step: timedelta) -> datetime:
    """The first whole step that is not before this, in UTC."""
    return when.astimezone(UTC) + (EPOCH - when) % step
