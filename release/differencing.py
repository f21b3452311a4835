"""Which people set a new release apart from earlier ones, and who must be left out so that nobody can be worked out.

Whoever has several releases can subtract one from another, and the remainder again from a third. What can be reached
so are unions of parts: people who were in exactly the same earlier releases. So no release may cut a part in two of
which one has 1 to 9 people, and those who were in no earlier one must be none, ten or more, or all (then there is
nothing to subtract). A release of fewer than ten people that shares nobody with any other is not cut out by this: k
protects it. Knows labels, and writes nothing.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

LEAST = 10
Part = int  # one bit for each earlier release: whether these people were in it
NEWCOMERS: Part = 0


@dataclass(frozen=True)
class Remainder:
    """Too few people of one part: those that the new release holds, or those that it lacks."""

    part: Part
    people: int
    are_held: bool


def parts(earlier: Sequence[Collection[bytes]]) -> dict[bytes, Part]:
    """In which earlier releases each person was."""
    found: dict[bytes, Part] = {}
    for place, people in enumerate(earlier):
        for label in people:
            found[label] = found.get(label, 0) | 1 << place
    return found


def remainders(people: Collection[bytes], earlier: Sequence[Collection[bytes]]) -> tuple[Remainder, ...]:
    """The parts of fewer than ten people that a release of these people would cut out; none where it may be made."""
    known = parts(earlier)
    held = Counter(known.get(label, NEWCOMERS) for label in people)
    whole = Counter(known.values())
    return tuple(one for part in sorted(held) for one in _cut_out(part, held, whole))


def held_back(people: Collection[bytes], earlier: Sequence[Collection[bytes]], key: bytes) -> frozenset[bytes]:
    """Who must be left out so that no part of fewer than ten is cut out, as few of each part as that takes.

    Who stays of a part is decided by a hash with `key`, so that nobody can tell and every try decides alike.
    """
    known = parts(earlier)
    members: dict[Part, list[bytes]] = defaultdict(list)
    for label in people:
        members[known.get(label, NEWCOMERS)].append(label)
    held, whole = Counter({part: len(ours) for part, ours in members.items()}), Counter(known.values())
    cut = {one.part for part in held for one in _cut_out(part, held, whole)}
    return frozenset(label for part in cut for label in _left_out(part, members[part], whole[part], key))


def _cut_out(part: Part, held: Counter[Part], whole: Counter[Part]) -> Iterator[Remainder]:
    ours = held[part]
    lacking = whole[part] - ours if part != NEWCOMERS else held.total() - ours
    if lacking == 0:
        return  # all of a part, or nobody who was released before: nothing is cut
    if 0 < ours < LEAST:
        yield Remainder(part, ours, True)
    if part != NEWCOMERS and lacking < LEAST:
        yield Remainder(part, lacking, False)


def _left_out(part: Part, ours: Iterable[bytes], whole: int, key: bytes) -> list[bytes]:
    ordered = sorted(ours, key=lambda label: hmac.digest(key, label, "sha256"))
    more = max(LEAST - (whole - len(ordered)), 0)
    few = part == NEWCOMERS or len(ordered) - more < LEAST
    return ordered if few else ordered[:more]
