"""Reads the text of an expression into a tree; instruments/expressions.py says which trees there are.

Executes nothing and looks no answer up. What is not understood is refused with a sentence that says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from errors import ExpressionError, Problem
from instruments.model import Tree
from instruments.rules.functions import ARGUMENTS, MANY, MOST_DIGITS
from instruments.rules.patterns import PatternRefused, normal_pattern
from instruments.rules.trees import MOST_NESTED, is_too_deep
from instruments.rules.unsupported import SIGNS, why_refused

LONGEST = 20_000  # characters, as a cell of a workbook has at most
LONGEST_NUMBER = 15  # digits; more are not exact in the page
NAME = r"[A-Za-z_][\w.-]*"
TOKENS = re.compile(
    rf"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|\$\{{(?P<ref>{NAME})\}}|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    rf"|(?P<word>(?:and|or|div|mod)\b(?!-))|(?P<name>{NAME}(?::{NAME})?)(?=\s*\()|(?P<bare>{NAME})"
    r"|(?P<sign><=|>=|!=|=(?!=)|\.\.|[<>+*(),.-]))"
)
# How tightly each operator binds.
BINDS = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip
TIGHTEST = max(BINDS.values()) + 1  # what needs no brackets anywhere
CHOICE_NAME = re.compile(rf"\$\{{{NAME}\}}")
DATE_PATTERN = re.compile("(?:[^%]|%[Yymnde])*")


def parse(text: str, columns: Collection[str] = ()) -> Tree:
    """The tree of an expression. Raises ExpressionError with a sentence that says what is not understood.

    `columns` are the columns of the choices, which a choice_filter names without ${}.
    """
    if len(text) > LONGEST:
        raise refused(f"{text[:40]!r}… is too long; use at most {LONGEST} characters")
    reader = _Reader(_tokens(text), text, columns)
    tree = reader.expression(0)
    if reader.token[0] != "end":
        raise reader.unexpected(*reader.token)
    if is_too_deep(tree):
        raise _too_deep(text)
    return tree


def refused(message: str) -> ExpressionError:
    """The error that says why an expression cannot be used."""
    return ExpressionError((Problem("expression", message),))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """One after the other, as they are asked for: nothing behind a mistake is looked at."""
    at, end = 0, len(text.rstrip())
    while at < end:
        token = TOKENS.match(text, at)
        if token is None:
            raise _unreadable(text, text[at:].strip())
        kind = str(token.lastgroup)
        yield kind, token.group(kind)
        at = token.end()
    yield "end", "end"


MISPLACED = "join two parts with and, or, = or another sign, and write texts in quotes, as in ${town} = 'Leeds'"
CUT = "write what belongs after its last sign, or take that out"


def _too_deep(text: str) -> ExpressionError:
    told = f"{text[:40]!r}… nests more than {MOST_NESTED} parts in each other, or has as many signs in a row"
    return refused(f"{told}; use sum() or concat(), or put a part of it into a calculate row before")


def _unreadable(text: str, rest: str) -> ExpressionError:
    hint = next((f": {hint}" for sign, hint in SIGNS.items() if rest.startswith(sign)), "")
    return refused(f"cannot read {rest!r} in {text!r}{hint}")


class _Reader:
    """Reads tokens by precedence climbing."""

    def __init__(self, tokens: Iterator[tuple[str, str]], text: str, columns: Collection[str]) -> None:
        self.tokens, self.text, self.columns, self.nested = tokens, text, columns, 0
        self.token = next(tokens)

    def next(self) -> tuple[str, str]:
        found, self.token = self.token, next(self.tokens, self.token)
        return found

    def expect(self, sign: str) -> None:
        found = self.next()
        if found[0] == "bare":
            raise self.unexpected(*found)
        if found != ("sign", sign):
            raise refused(f"expected {sign!r} in {self.text!r}")

    def unexpected(self, kind: str, value: str) -> ExpressionError:
        if kind in ("bare", "name") and value.lower() in BINDS:
            return refused(f"write {value.lower()} in small letters in {self.text!r}")
        hint = f": {SIGNS[value]}" if kind == "sign" and value in SIGNS else f": {CUT if kind == 'end' else MISPLACED}"
        return refused(f"did not expect {value!r} in {self.text!r}{hint}")

    def expression(self, least: int) -> Tree:
        self.nested += 1
        if self.nested > MOST_NESTED:
            raise _too_deep(self.text)
        tree = self.single()
        while self.token[0] in ("sign", "word") and BINDS.get(self.token[1], 0) > least:
            operator = self.next()[1]
            tree = (operator, tree, self.expression(BINDS[operator]))
        self.nested -= 1
        return tree

    def single(self) -> Tree:
        kind, value = self.next()
        if kind == "number":
            return _number(value)
        if kind in ("single", "double"):
            return ("text", value)
        if kind == "ref":
            return ("ref", value)
        if kind == "name":
            return self.call(value)
        if kind in ("bare", "word"):
            return self.column(kind, value)
        return self.signed(kind, value)

    def signed(self, kind: str, value: str) -> Tree:
        if (kind, value) == ("sign", "."):
            return ("self",)
        if (kind, value) == ("sign", "-"):
            return ("neg", self.expression(TIGHTEST))
        if (kind, value) == ("sign", "("):
            tree = self.expression(0)
            self.expect(")")
            return tree
        raise self.unexpected(kind, value)

    def column(self, kind: str, name: str) -> Tree:
        if name in self.columns:
            return ("column", name)
        if name.lower() in BINDS:
            raise self.unexpected(kind, name)
        if name in ARGUMENTS:
            raise refused(f"write {name}() with its brackets in {self.text!r}")
        known = f", or a column of the choices: {', '.join(sorted(self.columns))}" if self.columns else ""
        raise refused(
            f"{name!r} in {self.text!r}: write ${{{name}}} for the answer of an item, '{name}' for the words{known}"
        )

    def call(self, name: str) -> Tree:
        if name not in ARGUMENTS:
            raise self.unknown(name)
        self.expect("(")
        arguments = [] if self.token == ("sign", ")") else [self.argument(name)]
        while self.token == ("sign", ","):
            self.next()
            arguments.append(self.argument(name))
        self.expect(")")
        return _call(name, arguments)

    def argument(self, function: str) -> Tree:
        if function == "position" and self.token == ("sign", ".."):
            self.next()
            return ("parent",)
        return self.expression(0)

    def unknown(self, name: str) -> ExpressionError:
        if name.lower() in BINDS:
            return self.unexpected("name", name)
        if name.lower() in ARGUMENTS:
            return refused(f"write {name.lower()}() in small letters in {self.text!r}")
        reason = why_refused(name)
        if reason:
            return refused(f"{name}() {reason}.")
        return refused(f"the function {name}() is not supported. Supported: {', '.join(ARGUMENTS)}")


def _number(digits: str) -> Tree:
    written = "0" + digits if digits.startswith(".") else digits
    if len(written.replace(".", "")) > LONGEST_NUMBER:
        raise refused(f"the number {digits} has more than {LONGEST_NUMBER} digits")
    return ("number", float(written) if "." in written else int(written))


def _call(name: str, arguments: list[Tree]) -> Tree:
    least, most = ARGUMENTS[name]
    if not least <= len(arguments) <= most:
        raise refused(f"{name}() takes {_range(least, most)} argument(s), not {len(arguments)}")
    if name == "not":
        return ("not", *arguments)
    if name == "today":
        return ("today",)
    if name == "once":
        return ("call", "coalesce", ("self",), *arguments)
    if name == "regex":
        return ("call", name, arguments[0], _normal(arguments[1]))
    wrong = _wrong(name, arguments)
    if wrong:
        raise refused(wrong)
    return ("call", name, *arguments)


def _range(least: int, most: int) -> str:
    if least == most:
        return str(least)
    return f"at least {least}" if most == MANY else f"{least} to {most}"


def _wrong(name: str, arguments: list[Tree]) -> str | None:
    """What is wrong with the arguments of a function that takes some of them as written, not as worked out."""
    heads = [argument[0] for argument in arguments]
    if name == "count" and heads != ["ref"]:
        return "count() counts the rounds of a repeat: write count(${name}) with the repeat's name"
    if name == "position" and heads != ["parent"]:
        return "position() tells the round of the repeat that the item is in: write position(..)"
    if name == "indexed-repeat" and heads[:2] != ["ref", "ref"]:
        return "indexed-repeat() reads an item in one round: write indexed-repeat(${item}, ${repeat}, 1)"
    if name == "jr:choice-name" and not (heads[1] == "text" and CHOICE_NAME.fullmatch(arguments[1][1])):
        return "jr:choice-name() takes the item's name in quotes: write jr:choice-name(${item}, '${item}')"
    if name == "weighted-checklist" and len(arguments) % 2:
        return "weighted-checklist() takes a weight after every answer: write weighted-checklist(1, 2, ${a}, 1)"
    if name == "round" and not _may_round(arguments[1:]):
        return f"round() keeps 0 to {MOST_DIGITS} digits: write round(${{item}}, 2)"
    if name == "format-date":
        return _wrong_pattern(arguments[1])
    return None


def _may_round(digits: list[Tree]) -> bool:
    """What is worked out only later may be any number; then it gives NaN."""
    return all(tree[0] not in ("number", "neg", "text") or tree[1] in range(MOST_DIGITS + 1) for tree in digits)


def _wrong_pattern(pattern: Tree) -> str | None:
    if pattern[0] != "text":
        return "the pattern of a format-date() must be text in quotes"
    if not DATE_PATTERN.fullmatch(pattern[1]):
        return (
            f"format-date() knows %Y %y %m %n %d %e only, not {pattern[1]!r}: "
            "the words of months and days differ by language, and times are never kept"
        )
    return None


def _normal(pattern: Tree) -> Tree:
    if pattern[0] != "text":
        raise refused("the pattern of a regex() must be text in quotes")
    try:
        return ("text", normal_pattern(pattern[1]))
    except PatternRefused as refusal:
        raise refused(f"a regex() {refusal}") from None
