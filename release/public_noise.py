"""Public tables with noise: differential privacy, paid from the study's budget (release/budget.py).

Neighbours: the same people with one more or one fewer. One person is in one cell of each table, so a table changes by
one in one cell (L1 and L2 sensitivity 1), and all T tables of a group together by T. Nobody is in two groups, so groups
cost once, not one after the other. `epsilon`: discrete Laplace noise of scale T / epsilon. `rho`: discrete Gaussian
noise of variance T / (2 rho). No count without noise, and no number of people, stands in what comes out.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from errors import ReleaseError
from privacy.documents import canonical
from privacy.noise import (
    Below,
    discrete_gaussian,
    discrete_laplace,
    gaussian_bar,
    gaussian_error,
    laplace_bar,
    laplace_error,
)
from privacy.tables import Cell, Crossing
from release.budget import WHOLE, Ledger, drawn_before, drawn_once, left_after, spent
from release.public_tables import GroupTables
from release.specification import Specification

OUTSIDE = Fraction(1, 20)  # how often noise is further out than the error bar
WIDEST = 10_000  # beyond this spread numbers would say nothing


@dataclass(frozen=True)
class Noisy:
    """The numbers of each group's cells with noise, the error bar of each group, and what all of it cost."""

    numbers: tuple[dict[tuple[Crossing, Cell], int], ...] = field(repr=False)
    bars: tuple[int, ...]
    method: str
    rho: Fraction
    left: Fraction


@dataclass(frozen=True)
class Price:
    """What noise costs of the budget, and how far out it is: for each group, 19 times in 20 and on average.

    `is_drawn`: the same tables of the same people were made before, so the same numbers come again at no cost.
    """

    rho: Fraction
    before: Fraction
    after: Fraction
    bars: tuple[int, ...]
    errors: tuple[float, ...]
    is_drawn: bool


def noisy(
    groups: Sequence[GroupTables],
    ordered: Specification,
    ledger: Ledger,
    today: date,
    below: Below = secrets.randbelow,
) -> Noisy:
    """These tables with noise. Raises ReleaseError where the budget does not reach."""
    unit, amount = _asked(ordered)
    spreads = [_spread(unit, amount, len(group.crossings)) for group in groups]
    names = _names(groups)

    def draw() -> dict[str, int]:
        sample = discrete_laplace if unit == "epsilon" else discrete_gaussian
        return {
            name: groups[place].tables.counts[cell] + sample(spreads[place], below)
            for name, (place, _, cell) in names.items()
        }

    rho = _rho(unit, amount)
    numbers, left = drawn_once(ledger, _digest(groups, list(names), unit, amount), rho, draw, today)
    found: tuple[dict[tuple[Crossing, Cell], int], ...] = tuple({} for _ in groups)
    for name, (place, crossing, cell) in names.items():
        found[place][crossing, cell] = numbers[name]
    bars = tuple(_bar(unit, spread) for spread in spreads)
    return Noisy(found, bars, _method(unit, amount), rho, left)


def price_of(groups: Sequence[GroupTables], ordered: Specification, ledger: Ledger) -> Price:
    """What these tables would cost and how far out their numbers would be. Pays nothing and draws nothing.

    Raises ReleaseError where the budget does not reach.
    """
    unit, amount = _asked(ordered)
    spreads = [_spread(unit, amount, len(group.crossings)) for group in groups]
    is_drawn = drawn_before(ledger, _digest(groups, list(_names(groups)), unit, amount)) is not None
    rho = Fraction(0) if is_drawn else _rho(unit, amount)
    error = laplace_error if unit == "epsilon" else gaussian_error
    return Price(
        rho, WHOLE - spent(ledger), left_after(ledger, rho),
        tuple(_bar(unit, spread) for spread in spreads), tuple(error(spread) for spread in spreads), is_drawn,
    )  # fmt: skip


def _asked(ordered: Specification) -> tuple[str, Fraction]:
    ((unit, told),) = ordered.privacy.items()
    return unit, Fraction(str(told))


def _rho(unit: str, amount: Fraction) -> Fraction:
    return amount**2 / 2 if unit == "epsilon" else amount


def _bar(unit: str, spread: Fraction) -> int:
    return laplace_bar(spread, OUTSIDE) if unit == "epsilon" else gaussian_bar(spread, OUTSIDE)


def _names(groups: Sequence[GroupTables]) -> dict[str, tuple[int, Crossing, Cell]]:
    cells = [[(place, *one) for one in group.inner()] for place, group in enumerate(groups)]
    return {_name(place, names, cell): (place, names, cell) for lot in cells for place, names, cell in lot}


def _spread(unit: str, amount: Fraction, tables: int) -> Fraction:
    spread = tables / amount if unit == "epsilon" else tables / (2 * amount)
    if spread > (WIDEST if unit == "epsilon" else WIDEST**2):
        raise ReleaseError("With so much noise the numbers would say nothing. Ask for fewer tables, or spend more.")
    return spread


def _name(place: int, names: Crossing, cell: Cell) -> str:
    return canonical({"group": place, "table": list(names), "cell": dict(cell)}).decode()


def _digest(groups: Sequence[GroupTables], names: list[str], unit: str, amount: Fraction) -> str:
    people = [hashlib.sha256(b"".join(sorted(group.labels))).hexdigest() for group in groups]
    whole = {"people": people, "cells": names, "groups": [group.group.name for group in groups], unit: str(amount)}
    return hashlib.sha256(canonical(whole)).hexdigest()


def _method(unit: str, amount: Fraction) -> str:
    if unit == "epsilon":
        return (
            f"Discrete Laplace noise: pure differential privacy with epsilon = {float(amount):g} for all tables "
            f"together, which is {float(amount**2 / 2):.4g}-zCDP."
        )
    return (
        f"Discrete Gaussian noise: zero-concentrated differential privacy with rho = {float(amount):g} for all tables "
        "together, which for any delta is (rho + 2 · √(rho · ln(1/delta)), delta)-differential privacy."
    )


def budget_in_words(told: Noisy) -> str:
    """What was spent and what is left."""
    return (
        f"Of the study's whole privacy budget of rho = {float(WHOLE):g}, these tables cost {float(told.rho):.4g}; "
        f"{float(told.left):.4g} is left for everything that is still to be told."
    )
