"""Disclosure control written apart from the engine, in plain Python over lists: slow, and only to compare with."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import product

Rows = Sequence[tuple[int, ...]]


def of_class(rows: Rows) -> dict[tuple[int, ...], list[int]]:
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row].append(place)
    return found


def distinct(values: Sequence[int]) -> float:
    return float(len(set(values)))


def entropy(values: Sequence[int]) -> float:
    return math.exp(-sum(n / len(values) * math.log(n / len(values)) for n in Counter(values).values()))


def moved(values: Sequence[int], whole: Sequence[int], ordered: bool) -> float:
    """The distance of one class from the table."""
    answers, mine, all_ = sorted(set(whole)), Counter(values), Counter(whole)
    gaps = [mine[one] / len(values) - all_[one] / len(whole) for one in answers]
    if not ordered:
        return sum(map(abs, gaps)) / 2
    if len(answers) < 2:
        return 0.0
    return sum(abs(sum(gaps[: place + 1])) for place in range(len(gaps))) / (len(answers) - 1)


def survivors(
    rows: Rows,
    k: int,
    answers: Sequence[int | None],
    diverse: float | None,
    kind: str,
    t: float | None,
    ordered: bool,  # noqa: E741
) -> set[int]:
    """Who stays when classes that do not hold go, until all hold. None: who was never asked."""
    staying = {place for places in of_class(rows).values() if len(places) >= k for place in places}
    while True:
        here = sorted(staying)
        whole = [answers[place] for place in here if answers[place] is not None]
        gone: set[int] = set()
        for places in of_class([rows[place] for place in here]).values():
            real = [here[place] for place in places]
            values = [answers[place] for place in real if answers[place] is not None]
            if not values:
                continue
            reached = distinct(values) if kind == "distinct" else entropy(values)
            if diverse is not None and reached < diverse - 1e-9:
                gone |= set(real)
            if t is not None and moved(values, whole, ordered) > t + 1e-9:
                gone |= set(real)
        if not gone:
            return staying
        staying -= gone


def loss(fine: Sequence[int], coarse: Sequence[int]) -> float:
    pairs, wholes = Counter(zip(fine, coarse, strict=True)), Counter(coarse)
    bits = (-math.log2(pairs[pair] / wholes[pair[1]]) for pair in zip(fine, coarse, strict=True))
    return sum(bits) / len(fine) if fine else 0.0


def best(columns: Mapping[str, Sequence[Sequence[int]]], most: int, **asked: object) -> float | None:
    """The least loss of any node at which no more than `most` rows go; None where there is none."""
    found: list[float] = []
    for levels in product(*(range(len(one)) for one in columns.values())):
        told = [made[level] for made, level in zip(columns.values(), levels, strict=True)]
        rows = list(zip(*told, strict=True))
        if len(rows) - len(survivors(rows, **asked)) <= most:  # type: ignore[arg-type]
            found.append(sum(loss(made[0], one) for made, one in zip(columns.values(), told, strict=True)))
    return min(found, default=None)
