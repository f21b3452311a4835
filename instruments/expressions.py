"""Relevance, constraints, calculations: XLSForm's expressions as a tree that Python and the page both evaluate.

A tree is nested lists in JSON, tuples here:

    ["text", "yes"]  ["number", 3]  ["ref", "age"]  ["self"]  ["today"]  a value
    ["column", "region"]                                                a column of the choice, in a choice_filter
    ["or" | "and", a, b]  ["not", a]                                    logic
    ["=" | "!=" | "<" | "<=" | ">" | ">=", a, b]                        comparison
    ["+" | "-" | "*" | "div" | "mod", a, b]  ["neg", a]                 arithmetic
    ["call", name, a, ...]                                              a function of instruments/rules/functions.py

once(a) is read as ["call", "coalesce", ["self"], a]. Four shapes are only read, and cannot be evaluated: whoever
compiles a study puts something else in their place.

    ["call", "count", ["ref", repeat]]
    ["call", "position", ["parent"]]
    ["call", "indexed-repeat", ["ref", item], ["ref", repeat], a]
    ["call", "jr:choice-name", a, ["text", "${item}"]]

An item without an answer reads as "", a multiple answer as its codes joined by a space. "=" compares truths where one
side is a truth, numbers where both are numbers, else texts; "<" and its like are false unless both sides are numbers.
What counts as a number is said in instruments/rules/conversions.py; string-length and substr count Unicode code points;
regex() must match the whole text, by the patterns that instruments/rules/patterns.py allows. Nothing is ever executed.
The page's half is static/expressions.js.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from instruments.model import Tree, Value
from instruments.rules.conversions import Result, as_number, as_text, fold_digits, is_true
from instruments.rules.functions import ARGUMENTS, FUNCTIONS
from instruments.rules.parsing import BINDS, parse, refused
from instruments.rules.spelling import spell

__all__ = [
    "ARGUMENTS", "BINDS", "Result", "as_text", "evaluate", "fold_digits", "holds", "names", "needs_functions", "parse",
    "spell", "uses_today",
]  # fmt: skip
NOTHING: Mapping[str, str] = {}
# The functions that static/expressions.js has itself; a page fetches static/functions.js for the others.
IN_EVERY_PAGE = frozenset(
    {"selected", "count-selected", "string-length", "regex", "number", "int", "if", "coalesce"}
)  # fmt: skip


@dataclass(frozen=True)
class _Given:
    """What an expression may read."""

    answers: Mapping[str, Value]
    own: Value | None
    today: str
    columns: Mapping[str, str]


def holds(
    tree: Tree | None,
    answers: Mapping[str, Value],
    own: Value | None = None,
    today: str = "",
    columns: Mapping[str, str] = NOTHING,
) -> bool:
    """Whether an expression holds; one that is not there always does."""
    return tree is None or is_true(evaluate(tree, answers, own, today, columns))


def evaluate(
    tree: Tree,
    answers: Mapping[str, Value],
    own: Value | None = None,
    today: str = "",
    columns: Mapping[str, str] = NOTHING,
) -> Result:
    """The value of a tree. `own` is what `.` stands for, `today` the ISO date that today() gives.

    `columns` are those of the choice that a choice_filter is asked about.
    """
    return _value(tree, _Given(answers, own, today, columns))


def names(tree: Tree) -> frozenset[str]:
    """The items that a tree refers to."""
    waiting, found = [tree], set()
    while waiting:
        part = waiting.pop()
        if part[0] == "ref":
            found.add(part[1])
        else:
            waiting += [inner for inner in part if isinstance(inner, tuple)]
    return frozenset(found)


def uses_today(tree: Tree) -> bool:
    """Whether a tree's value depends on the day."""
    return tree[0] == "today" or any(uses_today(part) for part in tree[1:] if isinstance(part, tuple))


def needs_functions(tree: Tree) -> bool:
    """Whether a page needs static/functions.js for this tree."""
    if tree[0] == "call" and tree[1] not in IN_EVERY_PAGE:
        return True
    return any(needs_functions(part) for part in tree[1:] if isinstance(part, tuple))


def _value(tree: Tree, given: _Given) -> Result:
    head = tree[0]
    if head in LEAVES:
        return LEAVES[head](tree, given)
    if head in ("and", "or"):
        first = is_true(_value(tree[1], given))
        return first if first is (head == "or") else is_true(_value(tree[2], given))
    if head == "call" and tree[1] not in FUNCTIONS:
        raise refused(f"{tree[1]}() has no value of its own: whoever compiles a study puts something in its place")
    values = [_value(part, given) for part in tree[2 if head == "call" else 1 :]]
    return FUNCTIONS[tree[1]](*values) if head == "call" else OPERATORS[head](*values)


def _read(value: Value | None) -> Result:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


def _same(first: Result, second: Result) -> bool:
    if isinstance(first, bool) or isinstance(second, bool):
        return is_true(first) == is_true(second)
    one, two = as_number(first), as_number(second)
    return one == two if one == one and two == two else as_text(first) == as_text(second)


def _divide(first: Result, second: Result) -> float:
    below = as_number(second)
    return as_number(first) / below if below else math.nan


def _remainder(first: Result, second: Result) -> float:
    whole, below = as_number(first), as_number(second)
    return math.fmod(whole, below) if below and math.isfinite(whole) else math.nan


LEAVES: dict[str, Callable[[Tree, _Given], Result]] = {
    "text": lambda tree, given: tree[1],
    "number": lambda tree, given: tree[1],
    "ref": lambda tree, given: _read(given.answers.get(tree[1])),
    "column": lambda tree, given: _read(given.columns.get(tree[1])),
    "self": lambda tree, given: _read(given.own),
    "today": lambda tree, given: given.today,
}
OPERATORS: dict[str, Callable[..., Result]] = {
    "not": lambda value: not is_true(value),
    "neg": lambda value: -as_number(value),
    "=": _same,
    "!=": lambda one, two: not _same(one, two),
    "<": lambda one, two: as_number(one) < as_number(two),
    "<=": lambda one, two: as_number(one) <= as_number(two),
    ">": lambda one, two: as_number(one) > as_number(two),
    ">=": lambda one, two: as_number(one) >= as_number(two),
    "+": lambda one, two: as_number(one) + as_number(two),
    "-": lambda one, two: as_number(one) - as_number(two),
    "*": lambda one, two: as_number(one) * as_number(two),
    "div": _divide,
    "mod": _remainder,
}
