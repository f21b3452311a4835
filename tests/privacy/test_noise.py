"""The samplers draw what they promise: chances worked out exactly beside them, and counts over many draws."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from privacy.noise import (
    bernoulli,
    bernoulli_exp,
    discrete_gaussian,
    discrete_laplace,
    gaussian_bar,
    laplace_bar,
)

DRAWS = 3_000


class Unfolded(Exception):
    """A way that asks for more chance than it was given."""


def every_way(draw: Callable[[Callable[[int], int]], object], depth: int) -> Iterator[tuple[Fraction, object]]:
    """Every way that a draw can go which asks for chance at most so often, with its exact chance."""
    ways: list[list[int]] = [[]]
    while ways:
        way = ways.pop()
        asked: list[int] = []

        def below(number: int, way: list[int] = way, asked: list[int] = asked) -> int:
            asked.append(number)
            if len(asked) > len(way):
                raise Unfolded
            return way[len(asked) - 1]

        try:
            found = draw(below)
        except Unfolded:
            if len(way) < depth:
                ways += [[*way, one] for one in range(asked[-1])]
        else:
            yield Fraction(1, math.prod(asked)), found


def test_a_coin_is_exactly_as_likely_as_said() -> None:
    ways = list(every_way(lambda below: bernoulli(Fraction(3, 7), below), 1))
    assert sum(chance for chance, found in ways if found) == Fraction(3, 7)


@pytest.mark.parametrize("gamma", [Fraction(1, 2), Fraction(1)])
def test_exp_is_the_sum_of_its_series_to_the_last_turn(gamma: Fraction) -> None:
    depth = 7
    ways = list(every_way(lambda below: bernoulli_exp(gamma, below), depth))
    yes, no = (sum(chance for chance, found in ways if found is told) for told in (True, False))
    missing = 1 - yes - no  # ways that were not followed to their end
    assert 0 < missing < Fraction(1, 1000)
    assert yes <= Fraction(math.exp(-gamma)) + Fraction(1, 10**12)
    assert Fraction(math.exp(-gamma)) <= yes + missing + Fraction(1, 10**12)


def laplace(scale: Fraction) -> Callable[[int], float]:
    q = math.exp(-1 / scale)
    return lambda x: (1 - q) / (1 + q) * q ** abs(x)


def gaussian(variance: Fraction) -> Callable[[int], float]:
    whole = sum(math.exp(-x * x / (2 * float(variance))) for x in range(-400, 401))
    return lambda x: math.exp(-x * x / (2 * float(variance))) / whole


def chi_square(drawn: list[int], chance: Callable[[int], float]) -> tuple[float, int]:
    """The statistic over values that are expected at least ten times, all others together; degrees of freedom."""
    counts, many = Counter(drawn), len(drawn)
    middle = [x for x in range(-400, 401) if chance(x) * many >= 10]
    told = sum((counts[x] - many * chance(x)) ** 2 / (many * chance(x)) for x in middle)
    rest = 1 - sum(map(chance, middle))
    outside = many - sum(counts[x] for x in middle)
    return told + (outside - many * rest) ** 2 / (many * rest), len(middle)


def check(draws: int, seed: int) -> None:
    below = random.Random(seed).randrange
    for spread in (Fraction(1, 2), Fraction(5, 2), Fraction(7)):
        for sample, chance in ((discrete_laplace, laplace(spread)), (discrete_gaussian, gaussian(spread))):
            told, freedom = chi_square([sample(spread, below) for _ in range(draws)], chance)
            assert told < freedom + 5 * math.sqrt(2 * freedom) + 5


def test_draws_come_as_often_as_they_should() -> None:
    check(DRAWS, 1)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(3))
def test_many_draws_come_as_often_as_they_should(seed: int) -> None:
    check(40_000, seed)


@pytest.mark.parametrize("spread", [Fraction(1, 10), Fraction(1, 2), Fraction(5, 2), Fraction(50)])
@pytest.mark.parametrize(("bar", "chances"), [(laplace_bar, laplace), (gaussian_bar, gaussian)])
def test_an_error_bar_is_the_least_that_holds_so_often(
    spread: Fraction,
    bar: Callable[[Fraction, Fraction], int],
    chances: Callable[[Fraction], Callable[[int], float]],
) -> None:
    found, chance = bar(spread, Fraction(1, 20)), chances(spread)
    beyond = [1 - sum(map(chance, range(-far, far + 1))) for far in (found, max(found - 1, 0))]
    assert beyond[0] <= 0.05
    assert found == 0 or beyond[1] > 0.05
