"""The most that the count of a repeat can come to, as far as its expression tells. Knows no answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from instruments.expressions import evaluate, holds, names, uses_today
from instruments.model import Item, Tree
from instruments.rules.conversions import as_number

MOST_TRIED = 200  # more rounds than any repeat has room for
NO_LARGER = ("number", "int", "floor", "coalesce", "max")  # functions that give no more than one of their arguments


def largest(tree: Tree, items: Mapping[str, Item]) -> float:
    """The most that an expression can come to; infinity where nothing tells."""
    if _is_constant(tree):
        return as_number(evaluate(tree, {}))
    if tree[0] == "ref":
        return _largest_answer(items.get(tree[1]), items)
    if tree[0] == "+":
        return largest(tree[1], items) + largest(tree[2], items)
    if tree[0] == "-" and _is_constant(tree[2]) and largest(tree[2], items) >= 0:
        return largest(tree[1], items) - largest(tree[2], items)
    return _largest_call(tree[1], tree[2:], items) if tree[0] == "call" else math.inf


def _is_constant(tree: Tree) -> bool:
    heads = {part[0] for part in _parts(tree)}
    return not heads & {"ref", "self", "today", "column", "parent"}


def _parts(tree: Tree) -> Iterator[Tree]:
    yield tree
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from _parts(part)


def _largest_call(name: str, arguments: Tree, items: Mapping[str, Item]) -> float:
    if name == "count-selected" and arguments[0][0] == "ref" and arguments[0][1] in items:
        return len(items[arguments[0][1]].choices)
    if name == "if":
        return _largest_if(arguments, items)
    bounds = [largest(argument, items) for argument in arguments if name in (*NO_LARGER, "min")]
    if name == "min":  # of those that are not blank, which a number never is
        numbers = [bound for bound, argument in zip(bounds, arguments, strict=True) if _is_constant(argument)]
        return min(numbers) if numbers else max(bounds)
    return max(bounds, default=math.inf)


def _largest_if(arguments: Tree, items: Mapping[str, Item]) -> float:
    """The most of both branches; if(a > 5, 5, a) is never more than 5."""
    condition, then, other = arguments
    first, second = largest(then, items), largest(other, items)
    if len(condition) == 3 and _is_constant(condition[2]):
        limit = largest(condition[2], items)
        if condition[0] in (">", ">=") and condition[1] == other:
            second = min(second, limit)
        if condition[0] in ("<", "<=") and condition[1] == then:
            first = min(first, limit)
    return max(first, second)


def _largest_answer(item: Item | None, items: Mapping[str, Item]) -> float:
    if item is None or item.kind not in ("integer", "decimal", "calculate", "select_one"):
        return math.inf
    if item.kind == "calculate":
        return largest(item.calculation, items) if item.calculation else math.inf
    if item.kind == "select_one":
        numbers = [as_number(choice.code) for choice in item.choices]
        return max((number for number in numbers if number == number), default=0)
    if item.highest:
        return float(item.highest)
    rules = [rule for rule in all_that_must_hold(item.constraint) if not names(rule) and not uses_today(rule)]
    kept = [number for number in range(MOST_TRIED + 1) if all(holds(rule, {}, number) for rule in rules)]
    return math.inf if MOST_TRIED in kept else max(kept, default=0)


def all_that_must_hold(rule: Tree | None) -> Iterator[Tree]:
    """The rules that `and` joins into this one, each alone."""
    if rule is not None and rule[0] == "and":
        yield from (part for half in rule[1:] for part in all_that_must_hold(half))
    elif rule is not None:
        yield rule
