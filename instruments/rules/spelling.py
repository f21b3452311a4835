"""Writes a tree back as the text of an expression: what `parse` reads from it is the same tree. Evaluates nothing."""

from __future__ import annotations

from decimal import Decimal

from errors import ExpressionError
from instruments.model import Tree
from instruments.rules.parsing import BINDS, TIGHTEST, parse, refused
from instruments.rules.trees import MOST_NESTED, is_too_deep


def can_be_written(tree: Tree) -> bool:
    """Whether `parse` can read the tree again from its text: what a study is compiled to can grow beyond that."""
    if is_too_deep(tree):
        return False
    try:
        written = spell(tree)
        # What is shorter cannot nest too deep.
        if len(written) > MOST_NESTED:
            parse(written, columns_of(tree))
    except ExpressionError:
        return False
    return True


def columns_of(tree: Tree) -> frozenset[str]:
    """The columns of the choices that a tree names."""
    if tree[0] == "column":
        return frozenset({tree[1]})
    return frozenset().union(*(columns_of(part) for part in tree[1:] if isinstance(part, tuple)))


def spell(tree: Tree) -> str:
    """The text of an expression, with brackets only where they are needed."""
    head = tree[0]
    if head in BINDS:
        return f"{_side(tree[1], BINDS[head])} {head} {_side(tree[2], BINDS[head] + 1)}"
    if head == "neg":
        return "-" + _side(tree[1], TIGHTEST)
    if head == "not":
        return f"not({spell(tree[1])})"
    if head == "call":
        return _call(tree[1], tree[2:])
    return _leaf(tree)


def _side(tree: Tree, least: int) -> str:
    written = spell(tree)
    return written if BINDS.get(tree[0], TIGHTEST) >= least else f"({written})"


def _leaf(tree: Tree) -> str:
    if tree[0] in LEAVES:
        return LEAVES[tree[0]]
    if tree[0] == "text":
        return _quoted(tree[1])
    if tree[0] == "number":
        return format(Decimal(repr(tree[1])), "f")
    return f"${{{tree[1]}}}" if tree[0] == "ref" else str(tree[1])


LEAVES = {"self": ".", "today": "today()", "parent": ".."}


def _call(name: str, arguments: Tree) -> str:
    # once() is read as this.
    if name == "coalesce" and arguments[0] == ("self",):
        return f"once({spell(arguments[1])})"
    if name == "regex":
        return f"regex({spell(arguments[0])}, {_pattern(arguments[1][1])})"
    return f"{name}({', '.join(map(spell, arguments))})"


def _pattern(pattern: str) -> str:
    """A pattern may name a quote by its number, and only so can it hold both kinds."""
    return _quoted(pattern.replace("'", r"\x27") if '"' in pattern else pattern)


def _quoted(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise refused(f"the text {text!r} has both kinds of quotes, and cannot be written in an expression")
