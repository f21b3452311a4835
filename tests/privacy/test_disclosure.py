"""Disclosure control reproduces hand-checked figures: the study's k table, sdcMicro's vector, missing as a value."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.hierarchies import coarsen
from instruments.model import Instrument, Value
from privacy.disclosure import choose_levels, class_sizes, risk_of, uniform_classes

RAW = Path(__file__).parents[1] / "instruments" / "data" / "expected_raw.csv"
TRAITS = ("age", "site", "sex", "ethnic_group")
# Levels of the traits → classes, smallest, unique, in classes below 5 (expected.md section 5).
EXPECTED = [
    ((0, 0, 0, 0), (12, 1, 12, 12)), ((1, 0, 0, 0), (11, 1, 10, 12)), ((1, 0, 0, 1), (10, 1, 8, 12)),
    ((2, 0, 0, 1), (9, 1, 6, 12)), ((1, 0, 0, 2), (8, 1, 6, 12)), ((2, 0, 0, 2), (4, 2, 0, 12)),
    ((2, 1, 1, 1), (5, 1, 3, 5)), ((2, 1, 0, 2), (2, 5, 0, 0)), ((2, 0, 1, 2), (2, 5, 0, 0)),
]  # fmt: skip


def people() -> list[dict[str, Value]]:
    with RAW.open(encoding="utf-8", newline="") as file:
        return [{name: int(row[name]) for name in TRAITS} for row in csv.DictReader(file)]


@pytest.mark.parametrize(("levels", "figures"), EXPECTED)
def test_the_studys_own_k_table(instrument: Instrument, levels: tuple[int, ...], figures: tuple[int, ...]) -> None:
    rows = [
        tuple(
            coarsen(instrument.hierarchy(name), level, person[name], person)
            for name, level in zip(TRAITS, levels, strict=True)
        )
        for person in people()
    ]
    risk = risk_of(rows, 5)
    assert (risk.classes, risk.smallest, risk.unique, risk.below) == figures


def test_sdcmicros_vector() -> None:
    a, b, c = (2, 3, 2, 2, 3, 3, 1, 2), (3, 3, 3, 3, 3, 3, 4, 3), (1, 3, 1, 2, 1, 1, 1, 1)
    assert class_sizes(list(zip(a, b, c, strict=True))) == [3, 1, 3, 1, 2, 2, 1, 3]


def test_a_missing_value_is_a_value_and_no_wildcard() -> None:
    a, b = (2, 3, 2, 2, 3, 3, 1, 2), (3, 3, 3, 3, 3, 3, 4, 3)
    c = (1, 3, -9, 2, 1, 1, -9, 1)
    assert class_sizes(list(zip(a, b, c, strict=True))) == [2, 1, 1, 1, 2, 2, 1, 2]


def test_mean_risk_is_classes_per_person() -> None:
    assert risk_of([("a",), ("a",), ("b",), ("c",)], 2).mean == 0.75
    assert risk_of([], 5).people == 0


def test_a_class_that_is_all_alike_is_noticed() -> None:
    rows = [("a",), ("a",), ("b",), ("b",)]
    assert uniform_classes(rows, [1, 2, 3, 3]) == 1


VALUES = st.integers(0, 5)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=40), st.integers(1, 6), st.integers(0, 100))
def test_leaving_out_who_fails_leaves_nobody_below_k(rows: list[tuple[int, ...]], k: int, share: int) -> None:
    def table(levels):
        return [tuple(0 if levels[str(n)] else value for n, value in enumerate(row)) for row in rows]

    highest = {"0": 1, "1": 1, "2": 1}
    choice = choose_levels(table, highest, ["0", "1", "2"], {}, k, share)
    kept = [row for place, row in enumerate(table(choice.levels)) if place not in choice.failing]
    assert all(size >= k for size in Counter(kept).values())
    coarsest = [place for place, size in enumerate(class_sizes(table(highest))) if size < k]
    assert len(choice.failing) <= max(share * len(rows) // 100, len(coarsest))
