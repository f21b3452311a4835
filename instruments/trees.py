"""Rewriting of expression trees when a study is compiled: what hangs on repeats or labels becomes plain expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from instruments.model import Choice, Tree

NOTHING: Tree = ("text", "")
TRUE: Tree = ("=", ("number", 1), ("number", 1))


def rewrite(tree: Tree, change: Callable[[Tree], Tree | None]) -> Tree:
    """The tree with every part for which `change` gives another replaced by it, from the top down."""
    changed = change(tree)
    if changed is not None:
        return changed
    return tuple(rewrite(part, change) if isinstance(part, tuple) else part for part in tree)


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
        ("call", "if", ("call", "selected", value, ("text", choice.code)), _words(choice, language), NOTHING)
        for choice in choices
    )
    return ("call", "concat", NOTHING, *parts)


def _words(choice: Choice, language: str) -> Tree:
    words = choice.label.in_language(language)
    if "'" not in words or '"' not in words:
        return ("text", words)
    # An expression has no way to write both kinds of quotes in one text.
    return ("call", "concat", *(("text", part) for part in re.split('(")', words) if part))
