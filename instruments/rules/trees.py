"""Rewriting of expression trees when a study is compiled: what hangs on repeats or labels becomes plain expressions.

Keeps trees within bounds: neither Python nor the page ever follows one deeper than it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from instruments.model import Choice, Tree

MOST_NESTED = 150  # parts in each other; Python and every browser can follow as many
MOST_PARTS = 20_000
NOTHING: Tree = ("text", "")
TRUE: Tree = ("=", ("number", 1), ("number", 1))


def rewrite(tree: Tree, change: Callable[[Tree], Tree | None]) -> Tree:
    """The tree with every part for which `change` gives another replaced by it, from the top down."""
    changed = change(tree)
    if changed is not None:
        return changed
    return tuple(rewrite(part, change) if isinstance(part, tuple) else part for part in tree)


def is_too_deep(tree: Tree) -> bool:
    """Whether a tree has more parts, or more in each other, than can be followed. Counts by levels, and stops early."""
    level, parts, depth = [tree], 0, 0
    while level and parts <= MOST_PARTS and depth <= MOST_NESTED:
        parts, depth = parts + len(level), depth + 1
        level = [part for one in level for part in one if isinstance(part, tuple)]
    return bool(level) or parts > MOST_PARTS or depth > MOST_NESTED


def all_of(trees: Sequence[Tree | None]) -> Tree | None:
    """That all of these hold; those that are not there always do."""
    wanted = [tree for tree in trees if tree is not None]
    return reduce(lambda one, two: ("and", one, two), wanted) if wanted else None


def renamed(tree: Tree | None, names: Mapping[str, str]) -> Tree | None:
    """The tree with items called by other names."""

    def change(part: Tree) -> Tree | None:
        return ("ref", names[part[1]]) if part[0] == "ref" and part[1] in names else None

    return rewrite(tree, change) if tree else None


def chosen_words(value: Tree, choices: Sequence[Choice], language: str) -> Tree:
    """An expression for the words of the choice that a value names, as jr:choice-name() asks for."""
    # Side by side and not one in the other: a long list would nest deeper than Python, or the page, can follow.
    parts = (
        ("call", "if", ("call", "selected", value, ("text", code)), text_of(words), NOTHING)
        for code, words in ((choice.code, choice.label.in_language(language)) for choice in choices)
    )
    return ("call", "concat", NOTHING, *parts)


def text_of(words: str) -> Tree:
    """An expression for these words. It has one kind of quotes around it, so what holds both kinds is put together."""
    if "'" not in words or '"' not in words:
        return ("text", words)
    parts: list[Tree] = [("text", part) for part in words.split("'")]
    return ("call", "join", ("text", "'"), *parts)
