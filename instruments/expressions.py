"""Relevance and constraints: a small part of XLSForm's expressions, as a tree that Python and the page both evaluate.

A tree is nested lists in JSON, tuples here:

    ["text", "yes"]  ["number", 3]  ["ref", "age"]  ["self"]            a value
    ["or" | "and", a, b]  ["not", a]                                    logic
    ["=" | "!=" | "<" | "<=" | ">" | ">=", a, b]                        comparison
    ["+" | "-" | "*" | "div" | "mod", a, b]  ["neg", a]                 arithmetic
    ["call", name, a, ...]                                              FUNCTIONS below

An item without an answer reads as "", a multiple answer as its codes joined by a space. Comparing with "=" is as text
unless both sides are numbers; "<" and its like are false unless both sides are numbers. A number is ASCII digits after
`fold_digits`; string-length counts Unicode code points; regex() must match the whole text, by the patterns that
instruments/patterns.py allows. Nothing is ever executed. The page's half is static/expressions.js.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from errors import ExpressionError, Problem
from instruments.model import Tree, Value
from instruments.patterns import PatternRefused, normal_pattern

Result = bool | float | str
LONGEST_INPUT = 4000  # characters a pattern is tried on
MOST_TOKENS = 300  # so that no expression is nested deeper than Python, or the page, can follow
LONGEST_NUMBER = 15  # digits; more are not exact in the page
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯", "0123456789" * 3)
TOKENS = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|\$\{(?P<ref>[A-Za-z_][\w.-]*)\}|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<word>(?:and|or|div|mod)\b(?!-))|(?P<name>[a-z][a-z-]*[a-z])(?=\s*\()|(?P<sign><=|>=|!=|[=<>+*(),.-]))"
)
# How tightly each operator binds.
BINDS = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip
ARGUMENTS = {
    "selected": 2, "count-selected": 1, "string-length": 1, "regex": 2, "number": 1, "int": 1, "if": 3, "coalesce": 2,
    "not": 1,
}  # fmt: skip


def fold_digits(text: str) -> str:
    """Arabic, Persian and Bengali digits as 0 to 9."""
    return text.translate(DIGITS)


def parse(text: str) -> Tree:
    """The tree of an expression. Raises ExpressionError with a sentence that says what is not understood."""
    reader = _Reader(_tokens(text), text)
    tree = reader.expression(0)
    if reader.token[0] != "end":
        raise _refused(f"did not expect {reader.token[1]!r} in {text!r}")
    return tree


def holds(tree: Tree | None, answers: Mapping[str, Value], own: Value | None = None) -> bool:
    """Whether an expression holds; one that is not there always does."""
    return tree is None or _true(evaluate(tree, answers, own))


def evaluate(tree: Tree, answers: Mapping[str, Value], own: Value | None = None) -> Result:
    """The value of a tree. `own` is what `.` stands for."""
    head = tree[0]
    if head in ("text", "number"):
        return tree[1]  # type: ignore[no-any-return]  # the parser put only text and numbers there
    if head == "ref":
        return _read(answers.get(tree[1]))
    if head == "self":
        return _read(own)
    if head in ("and", "or"):
        first = _true(evaluate(tree[1], answers, own))
        return first if first is (head == "or") else _true(evaluate(tree[2], answers, own))
    values = [evaluate(part, answers, own) for part in tree[2 if head == "call" else 1 :]]
    return FUNCTIONS[tree[1]](*values) if head == "call" else OPERATORS[head](*values)


def names(tree: Tree) -> frozenset[str]:
    """The items that a tree refers to."""
    if tree[0] == "ref":
        return frozenset({tree[1]})
    return frozenset().union(*(names(part) for part in tree[1:] if isinstance(part, tuple)))


def _read(value: Value | None) -> Result:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


def _true(value: Result) -> bool:
    return bool(value) and value == value


def _number(value: Result) -> float:
    if isinstance(value, bool | int | float):
        return float(value)
    text = fold_digits(value).strip(" \t\r\n")
    return float(text) if NUMBER.fullmatch(text) else math.nan


def as_text(value: Result) -> str:
    """A value as text; numbers are spelled as the page's script spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _same(first: Result, second: Result) -> bool:
    one, two = _number(first), _number(second)
    return one == two if one == one and two == two else as_text(first) == as_text(second)


def _divide(first: Result, second: Result) -> float:
    below = _number(second)
    return _number(first) / below if below else math.nan


def _remainder(first: Result, second: Result) -> float:
    whole, below = _number(first), _number(second)
    return math.fmod(whole, below) if below and math.isfinite(whole) else math.nan


def _matches(value: Result, pattern: Result) -> bool:
    text = as_text(value)
    return len(text) <= LONGEST_INPUT and re.fullmatch(as_text(pattern), text) is not None


def _whole(value: Result) -> float:
    number = _number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


OPERATORS: dict[str, Callable[..., Result]] = {
    "not": lambda value: not _true(value),
    "neg": lambda value: -_number(value),
    "=": _same,
    "!=": lambda one, two: not _same(one, two),
    "<": lambda one, two: _number(one) < _number(two),
    "<=": lambda one, two: _number(one) <= _number(two),
    ">": lambda one, two: _number(one) > _number(two),
    ">=": lambda one, two: _number(one) >= _number(two),
    "+": lambda one, two: _number(one) + _number(two),
    "-": lambda one, two: _number(one) - _number(two),
    "*": lambda one, two: _number(one) * _number(two),
    "div": _divide,
    "mod": _remainder,
}
FUNCTIONS: dict[str, Callable[..., Result]] = {
    "selected": lambda chosen, code: as_text(code) in as_text(chosen).split(),
    "count-selected": lambda chosen: float(len(as_text(chosen).split())),
    "string-length": lambda value: float(len(as_text(value))),
    "regex": _matches,
    "number": _number,
    "int": _whole,
    "if": lambda condition, then, other: then if _true(condition) else other,
    "coalesce": lambda one, two: one if as_text(one) else two,
}


def _refused(message: str) -> ExpressionError:
    return ExpressionError((Problem("expression", message),))


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        token = TOKENS.match(text, at)
        if token is None:
            raise _refused(f"cannot read {text[at:].strip()!r} in {text!r}")
        kind = str(token.lastgroup)
        found.append((kind, token.group(kind)))
        at = token.end()
    if len(found) > MOST_TOKENS:
        raise _refused(f"{text[:40]!r}… is too long; use at most {MOST_TOKENS} names, values and signs")
    return [*found, ("end", "end")]


class _Reader:
    """Reads tokens by precedence climbing."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens, self.text, self.at = tokens, text, 0

    @property
    def token(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def next(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str) -> None:
        if self.next() != ("sign", sign):
            raise _refused(f"expected {sign!r} in {self.text!r}")

    def expression(self, least: int) -> Tree:
        tree = self.single()
        while self.token[0] in ("sign", "word") and BINDS.get(self.token[1], 0) > least:
            operator = self.next()[1]
            tree = (operator, tree, self.expression(BINDS[operator]))
        return tree

    def single(self) -> Tree:
        kind, value = self.next()
        if kind == "number":
            if len(value.replace(".", "")) > LONGEST_NUMBER:
                raise _refused(f"the number {value} has more than {LONGEST_NUMBER} digits")
            return ("number", float(value) if "." in value else int(value))
        if kind in ("single", "double"):
            return ("text", value)
        if kind == "ref":
            return ("ref", value)
        if kind == "name":
            return self.call(value)
        if (kind, value) == ("sign", "."):
            return ("self",)
        if (kind, value) == ("sign", "-"):
            return ("neg", self.expression(BINDS["*"]))
        if (kind, value) == ("sign", "("):
            tree = self.expression(0)
            self.expect(")")
            return tree
        raise _refused(f"did not expect {value!r} in {self.text!r}")

    def call(self, name: str) -> Tree:
        self.expect("(")
        arguments = [self.expression(0)]
        while self.token == ("sign", ","):
            self.next()
            arguments.append(self.expression(0))
        self.expect(")")
        return _call(name, arguments)


def _call(name: str, arguments: list[Tree]) -> Tree:
    if name not in ARGUMENTS:
        raise _refused(f"the function {name}() is not supported. Supported: {', '.join(ARGUMENTS)}")
    if len(arguments) != ARGUMENTS[name]:
        raise _refused(f"{name}() takes {ARGUMENTS[name]} argument(s), not {len(arguments)}")
    if name == "not":
        return ("not", arguments[0])
    if name == "regex":
        return ("call", name, arguments[0], _normal(arguments[1]))
    return ("call", name, *arguments)


def _normal(pattern: Tree) -> Tree:
    if pattern[0] != "text":
        raise _refused("the pattern of a regex() must be text in quotes")
    try:
        return ("text", normal_pattern(pattern[1]))
    except PatternRefused as refusal:
        raise _refused(f"a regex() {refusal}") from None
