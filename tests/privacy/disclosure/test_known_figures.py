"""Published figures come out exactly: the Adult table, sdcMicro's hand-checked vector, the study's own k table."""

from __future__ import annotations

import csv
import io
import lzma
from pathlib import Path

import polars as pl
import pytest

from instruments.hierarchies import coarsen
from instruments.model import Instrument, Value
from privacy.disclosure.classes import class_sizes, failing, risk_of
from privacy.disclosure.diversity import diversity, t_closeness

RAW = Path(__file__).parents[2] / "instruments" / "data" / "expected_raw.csv"
ADULT = Path(__file__).parent / "data" / "adult.csv.xz"
TRAITS = ("age", "site", "sex", "ethnic_group")
# Levels of the traits → classes, smallest, unique, in classes below 5 (expected.md section 5).
EXPECTED = [
    ((0, 0, 0, 0), (12, 1, 12, 12)), ((1, 0, 0, 0), (11, 1, 10, 12)), ((1, 0, 0, 1), (10, 1, 8, 12)),
    ((2, 0, 0, 1), (9, 1, 6, 12)), ((1, 0, 0, 2), (8, 1, 6, 12)), ((2, 0, 0, 2), (4, 2, 0, 12)),
    ((2, 1, 1, 1), (5, 1, 3, 5)), ((2, 1, 0, 2), (2, 5, 0, 0)), ((2, 0, 1, 2), (2, 5, 0, 0)),
]  # fmt: skip
# Traits → classes, uniques, people in classes below 3, 5, 10, mean risk, t, dropped for k = 5, left in classes alike.
ADULTS = [
    (("age", "gender", "ethnicity"), (546, 65, (173, 424, 947), 0.016769, 0.759190, 424, 2_815)),
    (
        ("age", "education", "marital", "occupation", "gender"),
        (12_600, 7_637, (11_671, 16_458, 22_329), 0.386966, 0.759190, 16_458, 6_797),
    ),
]


@pytest.fixture(scope="module")
def adults() -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(lzma.decompress(ADULT.read_bytes())))


@pytest.mark.parametrize(("traits", "figures"), ADULTS)
def test_the_adult_table(adults: pl.DataFrame, traits: tuple[str, ...], figures: tuple) -> None:
    risk = risk_of(adults, 5, traits)
    below = tuple(risk_of(adults, k, traits).below for k in (3, 5, 10))
    gone = failing(adults, 5, traits)
    left = adults.with_row_index().filter(~pl.col("index").is_in(gone))
    found = (
        risk.classes, risk.unique, below, round(risk.mean, 6),
        round(t_closeness(adults, traits, "loan"), 6), len(gone), diversity(left, traits, "loan").people,
    )  # fmt: skip
    assert (adults.height, found) == (32_561, figures)


def people() -> list[dict[str, Value]]:
    with RAW.open(encoding="utf-8", newline="") as file:
        return [{name: int(row[name]) for name in TRAITS} for row in csv.DictReader(file)]


@pytest.mark.parametrize(("levels", "figures"), EXPECTED)
def test_the_studys_own_k_table(instrument: Instrument, levels: tuple[int, ...], figures: tuple[int, ...]) -> None:
    columns = {
        name: [coarsen(instrument.hierarchy(name), level, person[name], person) for person in people()]
        for name, level in zip(TRAITS, levels, strict=True)
    }
    risk = risk_of(pl.DataFrame({name: list(map(str, told)) for name, told in columns.items()}), 5)
    assert (risk.classes, risk.smallest, risk.unique, risk.below) == figures


A, B = (2, 3, 2, 2, 3, 3, 1, 2), (3, 3, 3, 3, 3, 3, 4, 3)


def test_sdcmicros_vector() -> None:
    c = (1, 3, 1, 2, 1, 1, 1, 1)
    assert class_sizes(pl.DataFrame({"a": A, "b": B, "c": c})).to_list() == [3, 1, 3, 1, 2, 2, 1, 3]


@pytest.mark.parametrize("missing", [-9, None])
def test_a_missing_value_is_a_value_and_no_wildcard(missing: int | None) -> None:
    c = (1, 3, missing, 2, 1, 1, missing, 1)
    assert class_sizes(pl.DataFrame({"a": A, "b": B, "c": c})).to_list() == [2, 1, 1, 1, 2, 2, 1, 2]


def test_risks_by_their_definitions() -> None:
    risk = risk_of(pl.DataFrame({"a": ["a", "a", "b", "c"]}), 2)
    assert (risk.mean, risk.marketer, risk.prosecutor, risk.journalist) == (0.75, 0.75, 1.0, 1.0)
    nobody = risk_of(pl.DataFrame({"a": []}), 5)
    assert (nobody.people, nobody.smallest, nobody.mean, nobody.prosecutor) == (0, 0, 0.0, 0.0)


def test_everyone_is_alike_where_nothing_is_known() -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})
    assert class_sizes(frame, []).to_list() == [3, 3, 3]
    assert risk_of(frame, 4, []).below == 3
