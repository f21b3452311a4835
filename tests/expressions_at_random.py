"""Expressions, answers and patterns at random: every function and operator, and values on the edge of each."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from instruments.rules.functions import ARGUMENTS, MANY

NAMES = ("age", "kinds", "words", "text", "none", "yes", "born", "share", "missing")
COLUMNS = ("region", "size", "since", "div")
PIECES = (
    "", "0", "1", "-2", "17", "٣", "۴۲", "৭", "1.50", " 3 ", "yes", "no", "a b  c", "سلام", "😀", "é", "e\u0301",
    "it's", "x\u00a0y", "\u2003", "\x1f", "\ufeff1", "1e5", "NaN", "nan", "inf", "true", "00", "-0", ".5",
    "123456789012345", "9" * 400, "1970-01-01", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "0000-01-01",
    "1969-12-31",
    "-1", "2024-2-9", "2024-03-09T10:00", "-0.5", "2.5", "0.49999999999999994", "-719162", "2932896", "2932897",
    "a1 b2 c3", "aba", "\U0001d538\U0001d539", "x\ny", "\u2028",
)  # fmt: skip
NUMBERS = ("0", "1", "2", "3", "6", "17", "64", "65", "0.1", "0.5", "2.5", "100000", "0.00003", "123456789012345")
OPERATORS = ("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod")
PATTERNS = ("[0-9]+", "..", "a.*", "[^a]", "yes|no", "-?[0-9]{1,3}", "(a|b)?c", r"\\S+ \\w*", ".*")
DATE_PATTERNS = ("%Y-%m-%d", "%d/%n/%y", "%e %m", "", "no part", "سلام %Y", "😀%e")
MOST_ARGUMENTS = 5
Chance = random.Random


def some_answers(chance: Chance) -> dict[str, Any]:
    """Answers of every kind that a record has, some of them not given."""
    values: dict[str, Any] = {
        "age": chance.choice((0, 5, 17, 25, -2, 999_999_999)),
        "kinds": tuple(sorted(chance.sample(range(1, 12), chance.randint(1, 4)))),
        "words": tuple(chance.sample(("yes", "a-b", "x.1", "_"), chance.randint(1, 3))),
        "text": chance.choice(PIECES),
        "none": -8,
        "yes": chance.choice(("yes", "no")),
        "born": chance.choice(("2001-09-09", "1950-12-31", "2024-02-29")),
        "share": chance.choice(("0.5", "123.000001", "7")),
    }
    return {name: value for name, value in values.items() if chance.random() < 0.85}


def some_own(chance: Chance) -> Any:
    """What `.` may stand for."""
    return chance.choice((None, None, 3, "٤", "a b", "2024-02-29", (1, 2)))


def some_columns(chance: Chance) -> dict[str, str]:
    """The columns of a choice."""
    return {name: chance.choice(PIECES) for name in COLUMNS if chance.random() < 0.85}


def some_expression(chance: Chance, depth: int = 0, read_only: bool = False) -> str:
    """An expression. `read_only`: with the functions that are read and replaced, and have no value of their own."""
    if depth > 3 or chance.random() < 0.2:
        return _leaf(chance)
    if chance.random() < 0.3:
        one, two = (some_expression(chance, depth + 1, read_only) for _ in range(2))
        return f"{one} {chance.choice(OPERATORS)} {two}"
    if chance.random() < 0.15:
        return chance.choice(("-{}", "({})")).format(some_expression(chance, depth + 1, read_only))
    if read_only and chance.random() < 0.1:
        return _read_only(chance, depth)
    name = chance.choice([name for name in ARGUMENTS if name not in READ_ONLY])
    return f"{name}({', '.join(_arguments(chance, name, lambda: some_expression(chance, depth + 1, read_only)))})"


def _leaf(chance: Chance) -> str:
    piece = chance.choice((chance.choice(PIECES), _some_number(chance), _some_date(chance)))
    quoted = f'"{piece}"' if "'" in piece else f"'{piece}'"
    name = chance.choice((f"${{{chance.choice(NAMES)}}}", chance.choice(COLUMNS)))
    return chance.choice((quoted, quoted, chance.choice(NUMBERS), name, ".", "today()"))


def _some_number(chance: Chance) -> str:
    return f"{chance.uniform(-1, 1) * 10 ** chance.randint(-3, 12):.{chance.randint(0, 8)}f}"


def _some_date(chance: Chance) -> str:
    year = chance.choice((1, 1969, 1970, 2000, 2024, 9999))
    return f"{year:04}-{chance.randint(1, 12):02}-{chance.randint(1, 31):02}"


def _arguments(chance: Chance, name: str, any_one: Callable[[], str]) -> list[str]:
    least, most = ARGUMENTS[name]
    given = [any_one() for _ in range(chance.randint(least, min(most, max(least, MOST_ARGUMENTS))))]
    if name == "regex":
        return [given[0], f"'{chance.choice(PATTERNS)}'"]
    if name == "format-date":
        return [given[0], f"'{chance.choice(DATE_PATTERNS)}'"]
    if name in ("pow", "round", "substr", "selected-at") and chance.random() < 0.7:
        return [given[0], *(chance.choice((*NUMBERS, "-1", "-2", "'x'")) for _ in given[1:])]
    return given[: len(given) // 2 * 2] if most == MANY and name.startswith("weighted") else given


def _read_only(chance: Chance, depth: int) -> str:
    inner = some_expression(chance, depth + 1)
    return chance.choice(READ_ONLY_EXAMPLES).format(inner)


READ_ONLY = ("count", "position", "indexed-repeat", "jr:choice-name")
READ_ONLY_EXAMPLES = (
    "count(${{members}})", "position(..)", "indexed-repeat(${{age}}, ${{members}}, {})",
    "jr:choice-name({}, '${{yes}}')",
)  # fmt: skip
