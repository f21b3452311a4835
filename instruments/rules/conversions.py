"""What a value of an expression counts as: a text, a number, a truth, a date. The page's half: static/expressions.js.

A number is ASCII digits after `fold_digits`. A text that is exactly a valid YYYY-MM-DD, of the years 0001 to 9999,
counts as the number of its days since 1970-01-01, so that dates can be compared and subtracted.
"""

from __future__ import annotations

import math
import re
from datetime import date

Result = bool | float | str
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯", "0123456789" * 3)
EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH


def fold_digits(text: str) -> str:
    """Arabic, Persian and Bengali digits as 0 to 9."""
    return text.translate(DIGITS)


def as_text(value: Result) -> str:
    """A value as text; numbers are spelled as the page's script spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_number(value: Result) -> float:
    """A value as a number; what is none is NaN."""
    if not isinstance(value, str):
        return float(value)
    if DATE.fullmatch(value):
        return _days(value)
    text = fold_digits(value).strip(" \t\r\n")
    return float(text) if NUMBER.fullmatch(text) else math.nan


def is_true(value: Result) -> bool:
    """Whether a value holds: not false, zero, NaN or an empty text."""
    return bool(value) and value == value


def as_date(value: Result) -> str:
    """The ISO date that a value counts as, '' where it is none."""
    days = as_number(value)
    # NaN is in no range.
    return date.fromordinal(EPOCH + math.trunc(days)).isoformat() if FIRST_DAY <= days < LAST_DAY + 1 else ""


def _days(text: str) -> float:
    try:
        return float(date.fromisoformat(text).toordinal() - EPOCH)
    except ValueError:
        return math.nan
