"""Whether published sums give away the answers of a few people. Pure arithmetic over counts; knows nobody.

A mean with its number is a sum over people: of a scale, a share of each answered item; of an item, its whole value.
Whoever reads several of them can add and subtract. So all of a family are looked at together: people are put into
classes (the same place, the same items answered), what a class answered to an item is an unknown, and each published
sum is a row of known weights over these. If some combination of rows has weight on classes of one to nine people
alone, it tells what those few answered together, and something has to be withheld.

Exact up to a size; beyond it, it errs towards withholding.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from instruments.model import Scale
from instruments.scoring import answered_items
from release.summary.patterns import Part, Patterns

NOUGHT = 1e-8
MOST_TRIES = 3000


@dataclass(frozen=True)
class Sums:
    """Something published as a sum over people: a scale for a part of the group, or an item of it for everybody.

    `item`: the one item; else the scale's mean.
    """

    scale: Scale
    part: Part
    item: str = ""


Class = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]  # places, answered items


def tells_of_few(published: Sequence[Sums], found: Patterns, least: int) -> bool:
    """Whether a combination of these sums is of fewer than `least` people's answers alone."""
    items = tuple(dict.fromkeys(name for one in published for name in one.scale.items))
    sizes = _classes([one.scale for one in published], found)
    if not published or not sizes:
        return False
    rows = np.array([[_weight(one, who, item) for who in sizes for item in items] for one in published])
    people = np.repeat(np.array(list(sizes.values())), len(items))
    owners = np.repeat(np.arange(len(sizes)), len(items))
    few = _left(rows[:, people >= least]) @ rows[:, people < least]
    return _has_small_support(few, owners[people < least], list(sizes.values()), least)


def _classes(scales: Sequence[Scale], found: Patterns) -> Counter[Class]:
    sizes: Counter[Class] = Counter()
    for answers, count, place in zip(found.answers, found.counts, found.places, strict=True):
        answered = {name for scale in scales for name in answered_items(scale, answers)}
        sizes[tuple(sorted(place.items())), tuple(sorted(answered))] += count
    return sizes


def _weight(one: Sums, who: Class, item: str) -> float:
    """How much an answer of this class to this item counts in a published sum."""
    place, answered = who
    if one.part is not None and one.part not in place:
        return 0.0
    if one.item:
        return float(item == one.item and item in answered)
    ours = [name for name in answered if name in one.scale.items]
    is_valid = len(ours) >= one.scale.minimum_answered
    return 1 / len(ours) if is_valid and item in ours else 0.0


def _left(rows: np.ndarray) -> np.ndarray:
    """The combinations of rows that vanish on these columns."""
    if not rows.shape[1]:
        return np.eye(len(rows))
    left, sizes, _ = np.linalg.svd(rows)
    return left[:, int(np.sum(sizes > NOUGHT)) :].T


def _has_small_support(few: np.ndarray, owners: np.ndarray, sizes: Sequence[int], least: int) -> bool:
    """Whether a combination of these rows, not nought, touches classes of fewer than `least` people in all.

    Of d independent rows, those combinations that touch as few classes as can be are the ones that vanish on some
    d - 1 classes or fewer, so all such choices are tried.
    """
    basis = _independent(few)
    if not len(basis):
        return False
    kinds = _kinds(basis, owners, sizes)
    free = range(min(len(basis), len(kinds)))
    if sum(comb(len(kinds), number) for number in free) > MOST_TRIES:
        return True
    chosen = (gone for number in free for gone in itertools.combinations(range(len(kinds)), number))
    return any(_touches_few(kinds, gone, len(basis), least) for gone in chosen)


def _independent(rows: np.ndarray) -> np.ndarray:
    if not rows.size:
        return np.zeros((0, 0))
    _, values, right = np.linalg.svd(rows, full_matrices=False)
    return right[values > NOUGHT]


Kind = tuple[np.ndarray, int]  # columns of a basis, and how many people stand behind them


def _kinds(basis: np.ndarray, owners: np.ndarray, sizes: Sequence[int]) -> list[Kind]:
    """Classes that vanish together count as one."""
    found: dict[bytes, Kind] = {}
    for place in np.unique(owners):
        columns = basis[:, owners == place]
        if np.any(np.abs(columns) > NOUGHT):
            same = (np.round(columns @ np.linalg.pinv(columns, NOUGHT), 6) + 0.0).tobytes()
            found[same] = (columns, found[same][1] + sizes[place] if same in found else sizes[place])
    return list(found.values())


def _touches_few(kinds: Sequence[Kind], gone: Sequence[int], rows: int, least: int) -> bool:
    kept = _left(np.hstack([kinds[place][0] for place in gone])) if gone else np.eye(rows)
    return 0 < sum(size for columns, size in kinds if np.any(np.abs(kept @ columns) > NOUGHT)) < least
