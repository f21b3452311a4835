"""What each function of an expression gives. The page's half is static/functions.js; docs/xlsform.md says it in words.

Every function takes values and gives one. None reads an answer, a clock or a file; what a text or a number counts as is
said in instruments/rules/conversions.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from instruments.rules.conversions import Result, as_date, as_number, as_text, is_true
from instruments.rules.patterns import LONGEST_INPUT

HIGHEST_POWER = 64
MOST_DIGITS = 6  # behind the point, in round()
MANY = 10_000  # no expression is long enough for more arguments
# The fewest and the most arguments of every function that can be written.
ARGUMENTS: dict[str, tuple[int, int]] = {
    "true": (0, 0), "false": (0, 0), "not": (1, 1), "boolean": (1, 1), "if": (3, 3), "coalesce": (2, 2), "once": (1, 1),
    "number": (1, 1), "int": (1, 1), "round": (1, 2), "abs": (1, 1), "floor": (1, 1), "ceiling": (1, 1), "pow": (2, 2),
    "min": (1, MANY), "max": (1, MANY), "sum": (1, MANY), "count-non-empty": (1, MANY),
    "string": (1, 1), "concat": (1, MANY), "join": (2, MANY), "substr": (2, 3), "substring-before": (2, 2),
    "substring-after": (2, 2), "contains": (2, 2), "starts-with": (2, 2), "ends-with": (2, 2), "translate": (3, 3),
    "normalize-space": (1, 1), "string-length": (1, 1), "regex": (2, 2),
    "selected": (2, 2), "count-selected": (1, 1), "selected-at": (2, 2), "checklist": (3, MANY),
    "weighted-checklist": (4, MANY),
    "today": (0, 0), "date": (1, 1), "format-date": (2, 2),
    "count": (1, 1), "position": (1, 1), "indexed-repeat": (3, 3), "jr:choice-name": (2, 2),
}  # fmt: skip


def _matches(value: Result, pattern: Result) -> bool:
    text = as_text(value)
    return len(text) <= LONGEST_INPUT and re.fullmatch(as_text(pattern), text) is not None


def _whole(value: Result) -> float:
    return _rounded_by(math.trunc, as_number(value))


def _rounded_by(way: Callable[[float], int], number: float) -> float:
    return float(way(number)) if math.isfinite(number) else number


def _round(value: Result, digits: Result = 0) -> float:
    """Half up, by the digits that the number is written with: 1.005 to two digits is 1.01."""
    number, places = as_number(value), as_number(digits)
    if places not in range(MOST_DIGITS + 1):
        return math.nan
    written, _, exponent = repr(number).partition("e")
    scaled = float(f"{written}e{int(exponent or 0) + int(places)}") if math.isfinite(number) else number
    if not math.isfinite(scaled):
        return number
    whole = math.floor(scaled)
    return (whole + (scaled - whole >= 0.5)) / 10.0 ** int(places)


def _power(base: Result, exponent: Result) -> float:
    """By repeated multiplication, as every machine's own power function differs a little."""
    number, times = as_number(base), as_number(exponent)
    if not abs(times) <= HIGHEST_POWER or not times.is_integer():
        return math.nan
    power = 1.0
    for _ in range(int(abs(times))):
        power *= number
    if times >= 0:
        return power
    return 1 / power if power else math.nan


def _filled(values: tuple[Result, ...]) -> list[Result]:
    return [value for value in values if as_text(value)]


def _numbers(values: tuple[Result, ...]) -> list[float]:
    """Those that are numbers; what is blank, or no number, is left out."""
    return [number for number in map(as_number, values) if not math.isnan(number)]


def _extreme(pick: Callable[[list[float]], float], values: tuple[Result, ...]) -> float:
    numbers = _numbers(values)
    return pick(numbers) if numbers else math.nan


def _sum(*values: Result) -> float:
    """From left to right, as the page adds: Python's own sum() is more exact from 3.12 on."""
    total = 0.0
    for number in _numbers(values):
        total += number
    return total


def _place(value: Result) -> int:
    """A place in a text or list; what is no number is 0, and what is beyond any text stays so."""
    number = as_number(value)
    return 0 if math.isnan(number) else int(max(-1e15, min(1e15, number)))


def _substr(value: Result, start: Result, end: Result | None = None) -> str:
    return as_text(value)[_place(start) : None if end is None else _place(end)]


def _after(value: Result, mark: Result) -> str:
    return as_text(value).partition(as_text(mark))[2] if as_text(mark) else as_text(value)


def _before(value: Result, mark: Result) -> str:
    text, sought = as_text(value), as_text(mark)
    return text[: text.index(sought)] if sought in text else ""


def _translate(value: Result, source: Result, target: Result) -> str:
    becomes: dict[str, str] = {}
    letters = as_text(target)
    for at, letter in enumerate(as_text(source)):
        becomes.setdefault(letter, letters[at : at + 1])
    return "".join(becomes.get(letter, letter) for letter in as_text(value))


def _selected_at(chosen: Result, place: Result) -> str:
    codes, at = as_text(chosen).split(), _place(place)
    return codes[at] if 0 <= at < len(codes) else ""


def _checklist(least: Result, most: Result, *values: Result) -> bool:
    """A limit below zero is none."""
    low, high, count = as_number(least), as_number(most), sum(map(is_true, values))
    return (low < 0 or count >= low) and (high < 0 or count <= high)


def _weighted_checklist(least: Result, most: Result, *pairs: Result) -> bool:
    weight = 0.0
    for value, weighs in zip(pairs[::2], pairs[1::2], strict=True):
        weight += as_number(weighs) if is_true(value) else 0
    return as_number(least) <= weight <= as_number(most)


def _format_date(value: Result, pattern: Result) -> str:
    day = as_date(value)
    if not day:
        return ""
    year, month, of_month = day.split("-")
    parts = {"Y": year, "y": year[2:], "m": month, "n": str(int(month)), "d": of_month, "e": str(int(of_month))}
    return re.sub("%([Yymnde])", lambda found: parts[found[1]], as_text(pattern))


FUNCTIONS: dict[str, Callable[..., Result]] = {
    "true": lambda: True,
    "false": lambda: False,
    "boolean": is_true,
    "if": lambda condition, then, other: then if is_true(condition) else other,
    "coalesce": lambda one, two: one if as_text(one) and one == one else two,
    "number": as_number,
    "int": _whole,
    "round": _round,
    "abs": lambda value: abs(as_number(value)),
    "floor": lambda value: _rounded_by(math.floor, as_number(value)),
    "ceiling": lambda value: _rounded_by(math.ceil, as_number(value)),
    "pow": _power,
    "min": lambda *values: _extreme(min, values),
    "max": lambda *values: _extreme(max, values),
    "sum": _sum,
    "count-non-empty": lambda *values: float(len(_filled(values))),
    "string": as_text,
    "concat": lambda *values: "".join(map(as_text, values)),
    "join": lambda between, *values: as_text(between).join(map(as_text, values)),
    "substr": _substr,
    "substring-before": _before,
    "substring-after": _after,
    "contains": lambda value, sought: as_text(sought) in as_text(value),
    "starts-with": lambda value, sought: as_text(value).startswith(as_text(sought)),
    "ends-with": lambda value, sought: as_text(value).endswith(as_text(sought)),
    "translate": _translate,
    "normalize-space": lambda value: " ".join(as_text(value).split()),
    "string-length": lambda value: float(len(as_text(value))),
    "regex": _matches,
    "selected": lambda chosen, code: as_text(code) in as_text(chosen).split(),
    "count-selected": lambda chosen: float(len(as_text(chosen).split())),
    "selected-at": _selected_at,
    "checklist": _checklist,
    "weighted-checklist": _weighted_checklist,
    "date": as_date,
    "format-date": _format_date,
}
