"""Figures of a preview, each as the page's language writes it and no finer than it can be told. Computes none."""

from __future__ import annotations

from fractions import Fraction

from babel.numbers import format_percent
from flask_babel import format_decimal, get_locale, gettext, pgettext

FINE = "#,##0.##########"


def figure(number: float | Fraction) -> str:
    """A figure that need not be exact: three digits that count, and no more."""
    told = float(number)
    return str(format_decimal(float(f"{told:.3g}") if abs(told) < 100 else round(told), FINE))


def chance(told: float) -> str:
    """A chance that a board can use: 1 in 5, and not 0.2."""
    if told <= 0:
        return str(pgettext("a chance", "none"))
    among = max(1 / told, 1)
    rounded = round(among) if among >= 10 else round(among, 1)
    return str(gettext("1 in %(number)s", number=format_decimal(rounded, FINE)))


def percent(told: float) -> str:
    """A share as a percentage, to one place."""
    return format_percent(round(told, 3), locale=get_locale(), decimal_quantization=False)
