"""How often a pattern may try again: a bound from its pieces alone, so that no answer, however it is made, takes long.

A repeat is tried anew for every number of times that it may come, and all that stands behind it each time. Not so where
what it repeats and what can come next have no character in common: then only one number of times can be right. So it is
with alternatives whose first characters differ. Matches nothing and knows no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

END = ""
LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
MEMBER = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)|[^\\]", re.DOTALL)
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
Characters = frozenset[str]


@dataclass(frozen=True)
class Piece:
    """One piece of a pattern: a character or class, or `(`, `|`, `)`; and how often it may come."""

    written: str
    least: int = 1
    most: int = 1

    @property
    def is_mark(self) -> bool:
        """Whether it only says where a group or an alternative begins or ends."""
        return self.written in ("(", "|", ")")


@dataclass(frozen=True)
class _Group:
    branches: list[list[Piece | _Group]]
    is_optional: bool


def tries(pieces: Sequence[Piece]) -> int:
    """At most so many times the last piece is reached, whatever the text. The groups must be closed."""
    kinds = {piece.written for piece in pieces if not piece.is_mark}
    witnesses = "".join(map(chr, sorted(_witnesses(kinds))))
    taken = {kind: frozenset(re.findall(kind, witnesses)) for kind in kinds}
    branches, _ = _branches(iter(pieces))
    return _alternatives(branches, taken, frozenset({END}))[0]


def _witnesses(kinds: set[str]) -> Iterator[int]:
    """A character of every overlap: where two ranges have one in common, they have an end of one of them in common."""
    named = {code for kind in kinds for member in MEMBER.findall(kind) for code in _around(_character(member))}
    return (code for code in named.union(range(128), {LAST}) if 0 <= code <= LAST and code not in SURROGATES)


def _character(member: str) -> int:
    name = member[1:]
    if len(name) > 1:
        return int(name[1:], 16)
    return ord(CONTROLS.get(name, name) or member)


def _around(code: int) -> tuple[int, ...]:
    return (code - 1, code, code + 1)


def _branches(pieces: Iterator[Piece]) -> tuple[list[list[Piece | _Group]], bool]:
    """The alternatives up to the end of their group, and whether the group may be left out."""
    branches: list[list[Piece | _Group]] = [[]]
    for piece in pieces:
        if piece.written == ")":
            return branches, piece.least == 0
        if piece.written == "|":
            branches.append([])
        else:
            branches[-1].append(_Group(*_branches(pieces)) if piece.written == "(" else piece)
    return branches, False


def _alternatives(
    branches: Sequence[list[Piece | _Group]], taken: Mapping[str, Characters], after: Characters
) -> tuple[int, Characters]:
    """How often what comes after can be reached by these, and the characters that they can begin with."""
    told = [_in_a_row(branch, taken, after) for branch in branches]
    first = reduce(or_, (begin for _, begin in told))
    is_clear = sum(len(begin) for _, begin in told) == len(first)
    return (max if is_clear else sum)(ways for ways, _ in told), first


def _in_a_row(row: list[Piece | _Group], taken: Mapping[str, Characters], after: Characters) -> tuple[int, Characters]:
    product = 1
    for part in reversed(row):
        if isinstance(part, _Group):
            ways, after = _alternatives([*part.branches, *([[]] if part.is_optional else [])], taken, after)
        else:
            ways, after = _repeated(part, taken[part.written], after)
        product *= ways
    return product, after


def _repeated(piece: Piece, characters: Characters, after: Characters) -> tuple[int, Characters]:
    ways = piece.most - piece.least + 1 if characters & after else 1
    return ways, characters | after if piece.least == 0 else characters
