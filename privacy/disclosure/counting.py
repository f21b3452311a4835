"""Rows as whole numbers: one for each combination of values, and how many people have it. Pure functions.

Numbers are from 0 and dense enough to count in a table as long as there are rows; where they are not, they are made so.
Nothing is sorted that can be counted: a million rows take milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ROOM, ROOM_A_ROW = 1 << 16, 8  # how far apart numbers may lie to be counted in a table


def numbered(values: pl.Series) -> tuple[Numbers, int]:
    """The place of each value among the different ones, in their order, and how many there are; -1 where it is null."""
    different = values.drop_nulls().unique().sort()
    if different.dtype.is_integer() and len(different) and _is_near(different):
        first = int(different[0])
        along = np.zeros(int(different[-1]) - first + 1, np.int32)
        along[different.to_numpy() - first] = np.arange(len(different), dtype=np.int32)
        told = along[values.fill_null(first).to_numpy() - first]
        return np.where(values.is_null().to_numpy(), np.int32(-1), told), len(different)
    if different.dtype == pl.String:
        along_order = values.cast(pl.Enum(different)).to_physical()
    else:
        along_order = values.rank("dense") - 1
    return along_order.cast(pl.Int32).fill_null(-1).to_numpy(), len(different)


def coded(values: pl.Series) -> Numbers:
    """The number of each value, where nothing is a value too."""
    told, _ = numbered(values)
    return told + np.int32(1) if values.null_count() else told


def _is_near(different: pl.Series) -> bool:
    return bool(int(different[-1]) - int(different[0]) < ROOM)


def combined(numbers: Sequence[Numbers], rows: int) -> tuple[Keys, int]:
    """One number for each row, the same where all its numbers are the same, and what every one of them is below."""
    key, size, room = np.zeros(rows, np.int64), 1, _room(rows)
    for one in numbers:
        values = int(one.max(initial=0)) + 1
        if size > 1 and size * values > room:
            key, size = dense(key, size)
        key, size = key * values + one, size * values
    return (key, size) if size <= room else dense(key, size)


def dense(key: Keys, size: int) -> tuple[Keys, int]:
    """The same, numbered from 0 without a gap."""
    if size > ROOM_A_ROW * _room(len(key)):
        different, which = np.unique(key, return_inverse=True)
        return which.astype(np.int64, copy=False), len(different)
    held = np.zeros(size, np.bool_)
    held[key] = True
    places = np.cumsum(held) - 1
    return places[key], int(places[-1]) + 1 if size else 0


def firsts(key: Keys, size: int) -> Keys:
    """A row of each number; numbers have no gaps."""
    found = np.zeros(size, np.int64)
    found[key] = np.arange(len(key))
    return found


def added(key: Keys, people: Keys, size: int) -> Keys:
    """How many people each number has."""
    # Counted as binary fractions, which are exact far beyond as many people as there are.
    return np.bincount(key, weights=people, minlength=size).astype(np.int64)


def _room(rows: int) -> int:
    return max(ROOM, ROOM_A_ROW * rows)
