"""Rows as whole numbers: one for each combination of values, and how many people have it. Pure functions.

Combinations are numbers in as many digits as there are columns, each of its own base: to count them is to sort numbers,
or to count in a table where they lie close together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ROOM, ROOM_A_ROW = 1 << 10, 4  # how far apart numbers may lie to be counted in a table
LARGEST = 1 << 62
NEAR = 1 << 16  # how far apart whole numbers may lie to be put in order by counting


def numbered(values: pl.Series) -> tuple[Numbers, int]:
    """The place of each value among the different ones, in their order, and how many there are; -1 where it is null."""
    if values.dtype.is_integer() and len(values) and not values.null_count():
        whole = values.to_numpy()
        first = int(whole.min())
        if int(whole.max()) - first < NEAR:
            return _in_order(whole - first)
    different = values.drop_nulls().unique().sort()
    if different.dtype == pl.String:
        places = values.cast(pl.Enum(different)).to_physical()
    else:
        places = values.rank("dense") - 1
    return places.cast(pl.Int32).fill_null(-1).to_numpy(), len(different)


def _in_order(whole: npt.NDArray[np.integer]) -> tuple[Numbers, int]:
    held = np.bincount(whole) > 0
    along = np.cumsum(held, dtype=np.int32) - np.int32(1)
    return along[whole], int(along[-1]) + 1


def coded(values: pl.Series) -> Numbers:
    """The number of each value, where nothing is a value too."""
    told, _ = numbered(values)
    return told + np.int32(1) if values.null_count() else told


def combined(numbers: Sequence[Numbers], rows: int, values: Sequence[int] = ()) -> tuple[Keys, int]:
    """One number for each row, the same where all its numbers are the same, and what every one of them is below.

    `values`: what each of `numbers` is below, where that is known.
    """
    key, size = np.zeros(rows, np.int64), 1
    for one, below in zip(numbers, values or [_below(one) for one in numbers], strict=True):
        if below < 2:
            continue
        if size > LARGEST // below:
            key, size = dense(key, size)
        key *= below
        key += one
        size *= below
    return key, size


def dense(key: Keys, size: int) -> tuple[Keys, int]:
    """The same, numbered from 0 without a gap."""
    if not _is_tabled(key, size):
        different, which = np.unique(key, return_inverse=True)
        return which.astype(np.int64, copy=False), len(different)
    held = np.zeros(size, np.bool_)
    held[key] = True
    there = np.flatnonzero(held)
    places = np.empty(size, np.int64)
    places[there] = np.arange(len(there))
    return places[key], len(there)


def grouped(key: Keys, size: int, people: Keys) -> tuple[Keys, Keys]:
    """A row of each number that there is, and how many people have it."""
    if _is_tabled(key, size):
        counted = added(key, people, size)
        there = np.flatnonzero(counted)
        return firsts(key, size)[there], counted[there]
    order, ordered = _sorted(key, size)
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return order[starts], np.add.reduceat(people[order], starts)


def _sorted(key: Keys, size: int) -> tuple[Keys, Keys]:
    """The places of the numbers in their order, and the numbers so."""
    bits = len(key).bit_length()
    if size > LARGEST >> bits:
        order = np.argsort(key)
        return order, key[order]
    # With its place in the last bits, a number is sorted as it stands: twice as fast.
    both = (key << bits) | np.arange(len(key))
    both.sort()
    return both & ((1 << bits) - 1), both >> bits


def _is_tabled(key: Keys, size: int) -> bool:
    return size <= ROOM_A_ROW * len(key) + ROOM


def _below(numbers: Numbers) -> int:
    return int(numbers.max(initial=0)) + 1


def firsts(key: Keys, size: int) -> Keys:
    """A row of each number; 0 for one that there is not."""
    found = np.zeros(size, np.int64)
    found[key] = np.arange(len(key))
    return found


def added(key: Keys, people: Keys, size: int) -> Keys:
    """How many people each number has."""
    # Counted as binary fractions, which are exact far beyond as many people as there are.
    return np.bincount(key, weights=people, minlength=size).astype(np.int64)
