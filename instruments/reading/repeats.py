"""Repeats become groups that are asked up to so many times: each round has items of its own, and a record one length.

A round's items carry its number (`age_1`, `age_2`). Functions over a repeat become plain ones over all its rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from errors import ExpressionError, Problem
from instruments.model import Item, Text, Tree
from instruments.rules.trees import NOTHING, chosen_words, is_too_deep, rewrite

MOST = 10  # rounds, where a sheet does not say
# What an expression may have become too long by, and what to do.
WRITTEN_OUT = (
    "once every round, choice and group around it is written out; put a part of it into a row of type calculate before,"
    " or show the words of an answer by its ${name} in a label"
)
OVER_ALL = ("sum", "min", "max", "count-non-empty", "join")  # functions that take every round's value


@dataclass(frozen=True)
class Repeat:
    """A repeat: how often it can be gone through, the items in it, and when each round is there (filled in order)."""

    name: str
    most: int
    members: frozenset[str]
    is_classified: bool
    conditions: list[Tree] = field(default_factory=list)

    def names(self, number: int) -> Mapping[str, str]:
        """What its items are called in this round."""
        return self._names[number]

    @cached_property
    def _names(self) -> dict[int, dict[str, str]]:
        # Asked for with every item of every round: made once, or a long repeat takes minutes.
        return {number: {name: f"{name}_{number}" for name in self.members} for number in range(1, self.most + 1)}


@dataclass(frozen=True)
class Place:
    """Where in a form something stands: the group around it, what must hold there, and the round of a repeat."""

    group: str = ""
    title: Text | None = None
    together: bool = False
    conditions: tuple[Tree, ...] = ()
    repeat: Repeat | None = None
    number: int = 0

    @property
    def names(self) -> Mapping[str, str]:
        """What the items of the repeat are called in this round."""
        return self.repeat.names(self.number) if self.repeat else {}

    def inside(self, group: str, title: Text | None, condition: Tree | None, together: bool) -> Place:
        """The place inside a group here."""
        conditions = (*self.conditions, condition) if condition else self.conditions
        return replace(
            self, group=group, title=title or self.title, conditions=conditions, together=together or self.together
        )

    def numbered(self, repeat: Repeat, number: int, condition: Tree, title: Text) -> Place:
        """The place inside one round of a repeat here."""
        return replace(self, repeat=repeat, number=number, conditions=(*self.conditions, condition), title=title)

    def block(self, first: str, run: int) -> str:
        """The name of a block here: its group's, or that of its first item; later runs of one group are numbered."""
        name = f"{self.group}_{self.number}" if self.number and self.group else self.group or first
        return name if run == 1 or not self.group else f"{name}_run_{run}"


def rounds_of(told: Mapping[str, Any]) -> int:
    """How many rounds a repeat has room for."""
    return int((told.get("bind") or {}).get("amanah:most") or MOST)


def repeats_in(children: Iterable[Mapping[str, Any]], is_classified: bool) -> Iterator[Repeat]:
    """The repeats of a form, wherever they stand in it."""
    for child in children:
        if child["type"] == "repeat":
            yield Repeat(child["name"], rounds_of(child), frozenset(_members(child)), is_classified)
        else:
            yield from repeats_in(child.get("children", ()), is_classified)


def numbered(title: Text, number: int) -> Text:
    """A repeat's title with the number of the round."""
    return Text(tuple((language, f"{words} {number}") for language, words in title.translations))


def homes_of(repeats: Iterable[Repeat]) -> dict[str, Repeat]:
    """The repeat that each item stands in, of those that stand in one."""
    return {member: repeat for repeat in repeats for member in repeat.members}


def resolved(
    tree: Tree,
    repeats: Mapping[str, Repeat],
    homes: Mapping[str, Repeat],
    items: Mapping[str, Item],
    place: Place,
    language: str,
) -> Tree:
    """An expression as it stands at this place, in plain functions. Raises ExpressionError for what has no meaning."""

    def change(part: Tree) -> Tree | None:
        if part[0] == "ref":
            return _one(part, homes, place)
        return SPECIAL[part[1]](part) if part[0] == "call" and part[1] in SPECIAL else None

    def over_all(part: Tree) -> Tree:
        arguments = [inner for argument in part[2:] for inner in _rounds(argument, homes, place)]
        return (*part[:2], *(inner if _is_spread(inner, homes) else rewrite(inner, change) for inner in arguments))

    def counted(part: Tree) -> Tree:
        repeat = _repeat_of(part[2], repeats)
        return ("call", "sum", *(("call", "if", there, ("number", 1), ("number", 0)) for there in repeat.conditions))

    def position(part: Tree) -> Tree:
        if not place.repeat:
            raise _refused("position(..) stands outside a repeat; it gives the number of a round")
        return ("number", place.number)

    def indexed(part: Tree) -> Tree:
        repeat, number = _repeat_of(part[3], repeats), rewrite(part[4], change)
        if part[2][1] not in repeat.members:
            raise _refused(f"{part[2][1]} does not stand in the repeat {repeat.name}")
        rounds = range(1, repeat.most + 1)
        values = ((("=", number, ("number", one)), ("ref", f"{part[2][1]}_{one}")) for one in rounds)
        return ("call", "concat", NOTHING, *(("call", "if", is_it, value, NOTHING) for is_it, value in values))

    def words(part: Tree) -> Tree:
        name = part[3][1].removeprefix("${").removesuffix("}").strip()
        # A question has the same choices in every round.
        item = items.get(f"{name}_1" if name in homes else name)
        if item is None:
            raise _refused(f"jr:choice-name() asks for the words of {name}, which is no earlier question")
        return chosen_words(rewrite(part[2], change), item.choices, language)

    SPECIAL = {
        "count": counted, "position": position, "indexed-repeat": indexed, "jr:choice-name": words,
        **dict.fromkeys(OVER_ALL, over_all),
    }  # fmt: skip
    plain = rewrite(tree, change)
    if is_too_deep(plain):
        raise _refused(f"this is too long {WRITTEN_OUT}")
    return plain


def _members(told: Mapping[str, Any]) -> Iterator[str]:
    for child in told.get("children", ()):
        if child["type"] not in ("group", "repeat"):
            yield child["name"]
        yield from _members(child)


def _one(part: Tree, homes: Mapping[str, Repeat], place: Place) -> Tree | None:
    repeat = homes.get(part[1])
    if repeat is None:
        return None
    if repeat is not place.repeat:
        told = f"{part[1]} has one value in each round of {repeat.name}"
        raise _refused(f"{told}; use sum(), min(), max(), join(), count() or indexed-repeat()")
    return ("ref", place.names[part[1]])


def _rounds(argument: Tree, homes: Mapping[str, Repeat], place: Place) -> list[Tree]:
    # Inside its own repeat an item is that of this round, as everywhere in XLSForm.
    if argument[0] == "ref" and argument[1] in homes and homes[argument[1]] is not place.repeat:
        return [("ref", f"{argument[1]}_{number}") for number in range(1, homes[argument[1]].most + 1)]
    return [argument]


def _is_spread(argument: Tree, homes: Mapping[str, Repeat]) -> bool:
    return argument[0] == "ref" and argument[1] not in homes


def _repeat_of(part: Tree, repeats: Mapping[str, Repeat]) -> Repeat:
    if part[0] != "ref" or part[1] not in repeats:
        raise _refused(f"{part[1]} is no repeat; name one, as in count(${{members}})")
    return repeats[part[1]]


def _refused(message: str) -> ExpressionError:
    return ExpressionError((Problem("expression", message),))
