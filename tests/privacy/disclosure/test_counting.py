"""Rows counted as numbers are the rows counted one by one, however far apart the numbers lie."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from privacy.disclosure.answered import AT_ONCE, Answered
from privacy.disclosure.classes import class_sizes
from privacy.disclosure.counting import LARGEST, coded, combined, dense, grouped, numbered

ROWS = 3_000


@pytest.mark.parametrize(("columns", "values"), [(1, 3), (3, 9), (5, 200), (4, 1 << 20), (9, 1 << 20)])
def test_combinations_are_counted_as_they_stand(columns: int, values: int) -> None:
    rng = np.random.default_rng(columns)
    some = rng.integers(0, values, (40, columns)).astype(np.int32)
    rows = some[rng.integers(0, 40, ROWS)]
    each = [rows[:, place] for place in range(columns)]
    key, size = combined(each, ROWS)
    assert size <= LARGEST
    people = rng.integers(1, 9, ROWS)
    firsts, counted = grouped(key, size, people)
    told = Counter[tuple[int, ...]]()
    for row, many in zip(rows.tolist(), people.tolist(), strict=True):
        told[tuple(row)] += many
    assert {tuple(rows[first].tolist()): int(n) for first, n in zip(firsts, counted, strict=True)} == told
    classes, many = dense(key, size)
    assert (many, len({*zip(classes.tolist(), map(tuple, rows.tolist()), strict=True)})) == (len(told), len(told))


@pytest.mark.parametrize(
    "values", [[3, -9, 3, 5], [3, None, 10**6], ["b", "", None, "b"], [True, False, True], [], [None]]
)
def test_values_are_numbered_in_their_order(values: list[object]) -> None:
    there = sorted({one for one in values if one is not None})  # type: ignore[type-var]  # of one kind in each list
    told, many = numbered(pl.Series(values))
    assert told.tolist() == [-1 if one is None else there.index(one) for one in values]
    assert many == len(there)
    assert (coded(pl.Series(values)) >= 0).all()


def test_nothing_is_a_value_like_others() -> None:
    assert class_sizes(pl.DataFrame({"a": [None, None, "x"], "b": [1, 1, 1]})).to_list() == [2, 2, 1]


def test_answers_are_counted_a_part_of_the_classes_at_a_time() -> None:
    rng = np.random.default_rng(1)
    classes, answers = rng.integers(0, ROWS, 2 * ROWS), rng.integers(-1, 2_000, 2 * ROWS).astype(np.int32)
    told = Answered(classes, ROWS, np.ones(2 * ROWS, np.int64), {"said": answers})
    parts = list(told.counts("said"))
    assert len(parts) == -(-ROWS // (AT_ONCE // told.values("said"))) > 1
    whole = Counter(zip(classes.tolist(), answers.tolist(), strict=True))
    for start, counts in parts:
        for place, answer in np.argwhere(counts):
            assert counts[place, answer] == whole[start + int(place), int(answer)]
    assert sum(counts.sum() for _, counts in parts) == (answers >= 0).sum()
