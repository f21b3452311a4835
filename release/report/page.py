"""disclosure.html: what was done so that nobody is singled out, its cost, the risk that remains; for an ethics board.

One page that stands alone: no script, nothing loaded, readable on a telephone and on paper. Words come before numbers,
and beside the plot stands a table of the same numbers. It holds no row and no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from release.report.bands import Band, bands_of
from release.report.figures import LAW, figures_of

if TYPE_CHECKING:
    from release.made import Release

HERE = Path(__file__).parent
WIDEST = 400  # units of the drawing


@dataclass(frozen=True)
class Bar:
    """A band as it is drawn and as the table tells it."""

    label: str
    before: int
    after: int
    before_length: int
    after_length: int


def as_page(release: Release) -> bytes:
    """The page, in English."""
    told = figures_of(release)
    page: str = _template().render(
        told=told,
        law=LAW,
        groups=release.specification.groups,
        bars=_bars(bands_of(*release.sizes, release.specification.k)),
        style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 (our own sheet)
        coarser=[one for one in told["variables"] if one["level"]],
        costs=[one for one in told["variables"] if one["checked"]],
        cells=[one for one in told["variables"] if one["values_removed"]],
        share_left_out=release.left_out / max(told["loss"]["people"], 1),
        known=dict(release.known_before),
        alike={name: count for name, count in told["classes_with_one_answer"].items() if count},
    )
    return page.encode() + b"\n"


def chance(told: float) -> str:
    """A chance in words that a board can use: 1 in 5, and not 0.2."""
    if told <= 0:
        return "none"
    return "1 in 1" if told >= 1 else f"1 in {1 / told:.0f}" if 1 / told >= 10 else f"1 in {_short(1 / told)}"


def percent(told: float) -> str:
    """A share as a percentage, to one place."""
    return f"{_short(100 * told)} %"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def _bits(told: float) -> str:
    return f"{told:.2f}"


def _short(told: float) -> str:
    return f"{told:.1f}".removesuffix(".0")


def _bars(bands: list[Band]) -> list[Bar]:
    most = max((max(one.before, one.after) for one in bands), default=0) or 1
    return [
        Bar(_label(one), one.before, one.after, WIDEST * one.before // most, WIDEST * one.after // most)
        for one in bands
    ]


def _label(band: Band) -> str:
    if band.most is None:
        return f"among {band.least} or more"
    if band.most == 1:
        return "alone"
    return f"among {band.least}" if band.least == band.most else f"among {band.least} to {band.most}"


@cache
def _template() -> Any:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(chance=chance, percent=percent, short=_short, bits=_bits)
    made.globals.update(counted=counted)
    return made.from_string((HERE / "page.html").read_text("utf-8"))
