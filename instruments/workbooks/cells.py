"""What stands in a cell, as plain text, the same from every kind of file. Changes nothing that a person sees."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby

LONGEST_CELL = 20_000  # characters
LONGEST_RUN = 30  # marks on one letter; sorting more of them takes time that grows with the square
SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f", " "))
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
LAST_SERIAL = 2_958_465  # 31 December 9999, as spreadsheets count


@dataclass(frozen=True)
class Wrong:
    """A cell that cannot be read, why not and what to do, and what stands in it."""

    message: str
    text: str | None = None


Cell = str | Wrong


@dataclass(frozen=True)
class Line:
    """One row of a sheet: its number in the file, and its cells by the number of their column, from 1."""

    number: int
    cells: Mapping[int, Cell]


@lru_cache(maxsize=20_000)  # a study is read again whenever somebody compares, and its cells are mostly the same
def cleaned(text: str) -> Cell:
    """The text trimmed, with plain spaces and line breaks, in Unicode's form NFC."""
    if len(text) > LONGEST_CELL:
        return Wrong(f"a cell may hold {LONGEST_CELL:,} characters and this one holds {len(text):,}; shorten it", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(SPACES)
    found = CONTROL.search(text)
    if found:
        told = f"a character that nobody can see stands in this cell (U+{ord(found.group()):04X}); type the cell again"
        return Wrong(told, text)
    if not text.isascii() and _longest_run(text) > LONGEST_RUN:
        return Wrong(f"more than {LONGEST_RUN} marks stand on one letter of this cell; type it again", text)
    return unicodedata.normalize("NFC", text).strip()


def boolean_text(value: object) -> str:
    """TRUE or FALSE, as XLSForm writes them."""
    return "TRUE" if value else "FALSE"


def number_text(value: str | float) -> Cell:
    """A number as a person would type it: 1.0 is 1."""
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return str(int(value))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return Wrong("this cell should hold a number and does not; type it again", str(value))
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def date_text(value: str | float, from_1904: bool) -> Cell:
    """A date that a spreadsheet keeps as a count of days, in ISO 8601: the day, the hour, or both."""
    try:
        serial = float(value)
    except ValueError:
        serial = math.nan
    if not 0 <= serial < LAST_SERIAL - (1462 if from_1904 else 0):
        return Wrong("this cell should hold a date and does not; type it as text", str(value))
    # Spreadsheets believe that 1900 was a leap year, so before March of it they are one day ahead.
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if serial < 60 else 30)
    seconds = round(serial * 86_400)
    when = start + timedelta(seconds=seconds)
    if serial < 1:
        return when.time().isoformat()
    return when.date().isoformat() if seconds % 86_400 == 0 else when.isoformat()


def column_letters(column: int) -> str:
    """The name that a spreadsheet gives to a column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, last = divmod(column - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def column_number(letters: str) -> int:
    """The number of the column that a spreadsheet names so."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _longest_run(text: str) -> int:
    runs = groupby(text, key=lambda letter: unicodedata.combining(letter) > 0)
    return max((sum(1 for _ in run) for marks, run in runs if marks), default=0)
