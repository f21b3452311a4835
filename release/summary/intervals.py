"""Quantiles of Student's t and the interval of a mean. Plain arithmetic; asks no library.

The interval is m ± t(0.975, n - 1) · s / √n: what the mean of such samples would vary by if people had been drawn at
random. They were not, and the summary says so beside it.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

LEVEL = 0.95
TINY = 1e-300
MOST_STEPS = 500  # of the continued fraction; it needs about ten to thirty


@cache
def quantile_of_t(share: float, degrees: int) -> float:
    """Where this share of Student's t with these degrees of freedom lies below. For shares of at least one half."""
    low, high = 0.0, 1.0
    while _below(high, degrees) < share:
        high *= 2
    for _ in range(60):  # halving: after that many steps nothing of a double is left to halve
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle, degrees) < share else (low, middle)
    return (low + high) / 2


def interval(mean: Fraction, variance: Fraction, number: int) -> tuple[Fraction, Fraction]:
    """The 95 % confidence interval of the mean of this many people (at least two)."""
    half = quantile_of_t((1 + LEVEL) / 2, number - 1) * math.sqrt(variance / number)
    return mean - Fraction(half), mean + Fraction(half)


def _below(value: float, degrees: int) -> float:
    """The share of Student's t below a value of at least 0."""
    squared = value * value
    return 1 - _beta(degrees / (degrees + squared), degrees / 2, 0.5) / 2


def _beta(at: float, first: float, second: float) -> float:
    """The regularised incomplete beta function, by the continued fraction that converges fast on this side."""
    if at >= 1:
        return 1.0
    if at > (first + 1) / (first + second + 2):
        return 1 - _beta(1 - at, second, first)
    logs = math.lgamma(first + second) - math.lgamma(first) - math.lgamma(second)
    front = math.exp(logs + first * math.log(at) + second * math.log1p(-at)) if at > 0 else 0.0
    return front * _fraction(at, first, second) / first


def _fraction(at: float, first: float, second: float) -> float:
    # Lentz's method for the fraction of Abramowitz and Stegun 26.5.8.
    c, d = 1.0, 1 / (1 - (first + second) * at / (first + 1))
    whole = d
    for step in range(1, MOST_STEPS):
        even = step * (second - step) * at / ((first + 2 * step - 1) * (first + 2 * step))
        odd = -(first + step) * (first + second + step) * at / ((first + 2 * step) * (first + 2 * step + 1))
        before = whole
        for term in (even, odd):
            d = 1 / ((1 + term * d) or TINY)
            c = (1 + term / c) or TINY
            whole *= c * d
        if abs(whole - before) < 1e-15 * abs(whole):
            break
    return whole
