"""Intervals, alpha and omega agree with published values, and are not defined where they cannot be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from release.summary.intervals import interval, quantile_of_t
from release.summary.reliability import omega, spearman_brown

# Two-sided 95 % and 90 % points as every table of Student's t prints them (Fisher and Yates).
PUBLISHED = [
    (1, "12.706", "6.314"), (2, "4.303", "2.920"), (3, "3.182", "2.353"), (5, "2.571", "2.015"),
    (9, "2.262", "1.833"), (10, "2.228", "1.812"), (29, "2.045", "1.699"), (30, "2.042", "1.697"),
    (60, "2.000", "1.671"), (120, "1.980", "1.658"), (1_000_000, "1.960", "1.645"),
]  # fmt: skip


@pytest.mark.parametrize(("degrees", "wide", "narrow"), PUBLISHED)
def test_quantiles_of_t_are_those_of_the_tables(degrees: int, wide: str, narrow: str) -> None:
    assert f"{quantile_of_t(0.975, degrees):.3f}" == wide
    assert f"{quantile_of_t(0.95, degrees):.3f}" == narrow


def test_an_interval_is_the_mean_and_t_times_the_standard_error() -> None:
    low, high = interval(Fraction(3), Fraction(4), 16)
    assert (f"{float(low):.4f}", f"{float(high):.4f}") == ("1.9343", "4.0657")  # 3 ± 2.1314 · 2 / 4


# Six tests of 112 people (Smith and Stanley 1983), as R's `ability.cov` prints them. Its factanal finds, with one
# factor, the uniquenesses 0.535 0.853 0.748 0.910 0.232 0.280 and loadings 0.682 0.384 0.502 0.300 0.877 0.849.
ABILITY = """
24.641 5.991 33.520 6.023 20.755 29.701
5.991 6.700 18.137 1.782 4.936 7.204
33.520 18.137 149.831 19.424 31.430 50.753
6.023 1.782 19.424 12.711 4.757 9.075
20.755 4.936 31.430 4.757 52.604 66.762
29.701 7.204 50.753 9.075 66.762 135.292
"""


def table(told: str) -> list[list[Fraction]]:
    return [[Fraction(number) for number in line.split()] for line in told.strip().splitlines()]


def test_omega_is_that_of_the_published_one_factor_solution() -> None:
    covariances = table(ABILITY)
    deviations = [float(covariances[place][place]) ** 0.5 for place in range(6)]
    loadings = [0.6822025, 0.3839544, 0.5018115, 0.2997860, 0.8765185, 0.8486809]
    uniques = [0.5346021, 0.8525805, 0.7481695, 0.9101503, 0.2317150, 0.2797406]
    common = sum(load * by for load, by in zip(loadings, deviations, strict=True)) ** 2
    own = sum(unique * by * by for unique, by in zip(uniques, deviations, strict=True))
    found = omega(covariances)
    assert found is not None
    assert found == pytest.approx(common / (common + own), abs=1e-5)
    assert f"{found:.4f}" == "0.8007"


def test_omega_is_alpha_where_every_item_measures_alike() -> None:
    alike = [[Fraction(2) if one == other else Fraction(1) for other in range(4)] for one in range(4)]
    assert omega(alike) == pytest.approx(4 / 3 * (1 - 8 / 20), abs=1e-9)
    assert omega([row[:3] for row in alike[:3]]) == pytest.approx(3 / 2 * (1 - 6 / 12), abs=1e-9)


@pytest.mark.parametrize(
    "told",
    [
        "1 0.9 0.9\n0.9 1 0.2\n0.9 0.2 1",
        "1 0.5 -0.5\n0.5 1 -0.5\n-0.5 -0.5 1",
        "1 0.5 0\n0.5 1 0\n0 0 1",
        "1 0.5\n0.5 1",
    ],
    ids=["Heywood", "signs", "nothing in common", "two items"],
)
def test_omega_is_not_defined_where_there_is_no_one_factor(told: str) -> None:
    assert omega(table(told)) is None


def test_omega_of_more_items_is_not_defined_in_a_heywood_case() -> None:
    assert omega(table("1 .9 .9 .9\n.9 1 .3 .3\n.9 .3 1 .3\n.9 .3 .3 1")) is None


def test_two_items_have_spearman_brown() -> None:
    assert spearman_brown(table("4 1\n1 1")) == pytest.approx(2 * 0.5 / 1.5)
    assert spearman_brown(table("0 0\n0 1")) is None
