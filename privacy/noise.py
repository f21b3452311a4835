"""Noise for counts, exact: discrete Laplace and discrete Gaussian, drawn with whole numbers and fractions only.

No floating point stands between chance and what is drawn, so the promise is the one that is proved: Canonne, Kamath and
Steinke, "The discrete Gaussian for differential privacy" (2020), algorithms 1 to 3. How far noise goes is read from the
distribution itself, not from a normal curve. Chance is an argument: `below(n)` gives a whole number from 0 to n - 1,
each as likely.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, exp, isqrt

Below = Callable[[int], int]
DIGITS = 50  # of the sums that an error bar is read from


def bernoulli(chance: Fraction, below: Below = secrets.randbelow) -> bool:
    """True with exactly this chance."""
    return below(chance.denominator) < chance.numerator


def bernoulli_exp(gamma: Fraction, below: Below = secrets.randbelow) -> bool:
    """True with chance exp(-gamma), gamma at least 0 (algorithm 1)."""
    while gamma > 1:
        if not _exp_up_to_one(Fraction(1), below):
            return False
        gamma -= 1
    return _exp_up_to_one(gamma, below)


def discrete_laplace(scale: Fraction, below: Below = secrets.randbelow) -> int:
    """A whole number x with chance in proportion to exp(-|x| / scale) (algorithm 2)."""
    top, under = scale.numerator, scale.denominator
    while True:
        start = below(top)
        if not bernoulli_exp(Fraction(start, top), below):
            continue
        turns = 0
        while bernoulli_exp(Fraction(1), below):
            turns += 1
        size, is_negative = (start + top * turns) // under, bernoulli(Fraction(1, 2), below)
        if size or not is_negative:  # 0 has one sign, or it would come twice as often
            return -size if is_negative else size


def discrete_gaussian(variance: Fraction, below: Below = secrets.randbelow) -> int:
    """A whole number x with chance in proportion to exp(-x² / (2 variance)) (algorithm 3)."""
    scale = isqrt(variance.numerator // variance.denominator) + 1
    while True:
        drawn = discrete_laplace(Fraction(scale), below)
        if bernoulli_exp((abs(drawn) - variance / scale) ** 2 / (2 * variance), below):
            return drawn


def laplace_bar(scale: Fraction, chance: Fraction) -> int:
    """The least m such that discrete Laplace noise is further than m with at most this chance."""
    with localcontext() as exact:
        exact.prec = DIGITS
        step = (-_decimal(1 / scale)).exp()
        beyond, most = 2 * step / (1 + step), _decimal(chance)  # further than 0; each step further, times `step`
        return 0 if beyond <= most else ceil((beyond / most).ln() * _decimal(scale))


def gaussian_bar(variance: Fraction, chance: Fraction) -> int:
    """The least m such that discrete Gaussian noise is further than m with at most this chance."""
    with localcontext() as exact:
        exact.prec = DIGITS
        furthest = 12 * (isqrt(int(variance)) + 2)  # beyond lies less than 10^-30 of everything
        weight = [(-_decimal(Fraction(x * x) / (2 * variance))).exp() for x in range(furthest)]
        whole = 2 * sum(weight, Decimal(0)) - weight[0]
        beyond, found, most = whole - weight[0], 0, _decimal(chance) * whole
        while beyond > most:
            found += 1
            beyond -= 2 * weight[found]
    return found


def laplace_error(scale: Fraction) -> float:
    """How far discrete Laplace noise is out on average, to either side."""
    step = exp(-1 / scale)
    return 2 * step / (1 - step**2)


def gaussian_error(variance: Fraction) -> float:
    """How far discrete Gaussian noise is out on average, to either side."""
    furthest = 12 * (isqrt(int(variance)) + 2)
    weight = [exp(-(x * x) / (2 * variance)) for x in range(furthest)]
    return 2 * sum(x * one for x, one in enumerate(weight)) / (2 * sum(weight) - 1)


def _exp_up_to_one(gamma: Fraction, below: Below) -> bool:
    turn = 1
    while bernoulli(gamma / turn, below):
        turn += 1
    return turn % 2 == 1


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
