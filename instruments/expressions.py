"""Relevance and constraints: a small part of XLSForm's expressions, as a tree that Python and the page both evaluate.

A tree is nested lists in JSON, tuples here:

    ["text", "yes"]  ["number", 3]  ["ref", "age"]  ["self"]            a value
    ["or" | "and", a, b]  ["not", a]                                    logic
    ["=" | "!=" | "<" | "<=" | ">" | ">=", a, b]                        comparison
    ["+" | "-" | "*" | "div" | "mod", a, b]  ["neg", a]                 arithmetic
    ["call", name, a, ...]                                              FUNCTIONS below

An item without an answer reads as "", a multiple answer as its codes joined by a space. Comparing with "=" is as text
unless both sides are numbers; "<" and its like are false unless both sides are numbers. Nothing is ever executed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from errors import ExpressionError, Problem
from instruments.model import Tree, Value

Result = bool | float | str
LONGEST_INPUT = 4000  # characters a pattern is tried on
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯", "0123456789" * 3)
TOKENS = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|\$\{(?P<ref>[A-Za-z_][\w.-]*)\}|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<word>(?:and|or|div|mod)\b(?!-))|(?P<name>[a-z][a-z-]*[a-z])(?=\s*\()|(?P<sign><=|>=|!=|[=<>+*(),.-]))"
)
# How tightly each operator binds.
BINDS = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
}
ARGUMENTS = {
    "selected": (2, 2),
    "count-selected": (1, 1),
    "string-length": (1, 1),
    "regex": (2, 2),
    "number": (1, 1),
    "int": (1, 1),
    "if": (3, 3),
    "coalesce": (2, 2),
    "not": (1, 1),
}


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
    text = fold_digits(value).strip()
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else float("nan")


def _text(value: Result) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _same(first: Result, second: Result) -> bool:
    one, two = _number(first), _number(second)
    return one == two if one == one and two == two else _text(first) == _text(second)


def _divide(first: Result, second: Result) -> float:
    below = _number(second)
    return _number(first) / below if below else float("nan")


def _remainder(first: Result, second: Result) -> float:
    import math

    below = _number(second)
    return math.fmod(_number(first), below) if below else float("nan")


def _matches(value: Result, pattern: Result) -> bool:
    return re.fullmatch(_text(pattern).removeprefix("^").removesuffix("$"), _text(value)[:LONGEST_INPUT]) is not None


def _whole(value: Result) -> float:
    number = _number(value)
    return float(int(number)) if number == number else number


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
    "selected": lambda chosen, code: _text(code) in _text(chosen).split(),
    "count-selected": lambda chosen: float(len(_text(chosen).split())),
    "string-length": lambda value: float(len(_text(value))),
    "regex": _matches,
    "number": _number,
    "int": _whole,
    "if": lambda condition, then, other: then if _true(condition) else other,
    "coalesce": lambda one, two: one if _text(one) else two,
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
    least, most = ARGUMENTS[name]
    if not least <= len(arguments) <= most:
        raise _refused(f"{name}() takes {least} argument(s)")
    if name == "not":
        return ("not", arguments[0])
    if name == "regex":
        _refuse_unsafe(arguments[1])
    return ("call", name, *arguments)


def _refuse_unsafe(pattern: Tree) -> None:
    # A quantified group, or a reference back, can take exponential time: refuse them rather than wait.
    if pattern[0] != "text" or re.search(r"\)[*+?{]|\\\d|\(\?", pattern[1]):
        raise _refused("a regex() must be plain text without repeated groups and without references back")
    try:
        re.compile(pattern[1])
    except re.error:
        raise _refused(f"the pattern {pattern[1]!r} cannot be read") from None
