"""Numbers and dates as they are stored: one spelling for each, and the same as static/answers.js gives."""

from __future__ import annotations

import re
from datetime import date

DECIMAL = re.compile(r"([0-9]{1,9})(?:[.,\u066b]([0-9]{1,6}))?")
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
DAY_FIRST = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})")
PLACES = 6  # digits after the point


def plain_decimal(text: str) -> str | None:
    """A typed number as it is stored: a point, no needless zeros. None where it is none.

    Numbers below zero stand for what is missing, so nobody can type one.
    """
    found = DECIMAL.fullmatch(text)
    if not found:
        return None
    whole, part = found.group(1).lstrip("0") or "0", (found.group(2) or "").rstrip("0")
    return f"{whole}.{part}" if part else whole


def plain_date(text: str) -> str | None:
    """A typed day as ISO 8601. Takes the year first, or the day first as it is written in Britain; None for no date."""
    if found := ISO_DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def is_on_scale(number: str, lowest: str, highest: str, step: str) -> bool:
    """Whether a stored number is one of those from `lowest` to `highest` by `step`."""
    value, low, high, by = map(_millionths, (number, lowest, highest, step))
    return low <= value <= high and (value - low) % by == 0


def scale_of(lowest: str, highest: str, step: str, most: int) -> list[str]:
    """Every number of a scale, as it is stored; none where they are more than `most`."""
    low, high, by = map(_millionths, (lowest, highest, step))
    numbers = range(low, high + 1, by)  # which may be a billion: none is made before they are counted
    return [_spelled(number) for number in numbers] if len(numbers) <= most else []


def _millionths(number: str) -> int:
    whole, _, part = number.partition(".")
    return int(whole + part.ljust(PLACES, "0"))


def _spelled(millionths: int) -> str:
    whole, part = divmod(millionths, 10**PLACES)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")
