"""Lines over powers of ten or over minutes as SVG: no script, no style sheet, a table beside each where it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 320, 190, 52, 30, 26, 12
INK, MUTED, LINE = "#1F2428", "#525B60", "#5A2D5C"
Points = Sequence[tuple[float, float]]
LABELS = 6  # points of a curve that have their value beside them


def lines(title: str, points: Points, across: str, even: bool = False) -> str:
    """One curve over powers of ten (`even`: over equal steps), from zero up; some points with their value beside."""
    most = max((value for _, value in points), default=0) or 1
    spots = [(_x(at, points, even), HEIGHT - BELOW - value / most * (HEIGHT - BELOW - ABOVE)) for at, value in points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    each = -(-len(points) // LABELS)
    told = list(zip(spots, points, strict=True))[::each]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{LINE}"/>{_text(x, y - 7, short(value), "middle")}'
        for (x, y), (_, value) in told
    )
    marks = "".join(_text(x, HEIGHT - BELOW + 14, f"{at:,.0f}", "middle") for (x, _), (at, _) in told)
    axis = f'<path d="M{LEFT} {ABOVE}V{HEIGHT - BELOW}H{WIDTH - RIGHT}" stroke="{MUTED}" fill="none"/>'
    inside = (
        f'{axis}<path d="{path}" stroke="{LINE}" stroke-width="2" fill="none"/>{dots}{marks}'
        f"{_text(4, 12, title, 'start', INK)}{_text(WIDTH - RIGHT, HEIGHT - 4, across, 'end')}"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{inside}</svg>'
    )


def sheet(plots: Mapping[str, Points], across: str, even: bool = False) -> str:
    """Several of them in one file, two beside each other."""
    curves = [lines(title, points, across, even) for title, points in plots.items()]
    drawn = [
        f'<g transform="translate({number % 2 * WIDTH} {number // 2 * HEIGHT})">{curve}</g>'
        for number, curve in enumerate(curves)
    ]
    height = -(-len(drawn) // 2) * HEIGHT
    return (
        f'<svg viewBox="0 0 {2 * WIDTH} {height}" width="{2 * WIDTH}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(drawn)}</svg>\n'
    )


@dataclass(frozen=True)
class Bar:
    """A figure and its limit: the most it may be, or the least."""

    name: str
    value: float
    limit: float
    is_most: bool


def bars(told: Sequence[Bar]) -> str:
    """Each figure as a bar in parts of its limit, which is the line in the middle; the words say which side is good."""
    high, width = 34, 2 * WIDTH
    drawn = "".join(_bar(bar, number * high, width) for number, bar in enumerate(told))
    height = len(told) * high + 4
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg">{drawn}</svg>\n'
    )


def _bar(bar: Bar, top: float, width: float) -> str:
    middle = width / 2
    long = min(bar.value / bar.limit, 1.9) * middle
    limit = f"{bar.name}: {short(bar.value)} ({'at most' if bar.is_most else 'at least'} {short(bar.limit)})"
    return (
        f'{_text(2, top + 12, limit, "start", INK)}<rect x="0" y="{top + 17:.0f}" width="{long:.0f}" height="10" '
        f'fill="{LINE}"/><path d="M{middle} {top + 14:.0f}v16" stroke="{INK}"/>'
    )


def short(value: float) -> str:
    """Three digits of a number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _x(at: float, points: Points, even: bool) -> float:
    low, here, high = (edge if even else math.log10(edge) for edge in (points[0][0], at, points[-1][0]))
    return LEFT + 24 + (here - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT - 48)


def _text(x: float, y: float, words: str, anchor: str, ink: str = MUTED) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}"'
    return f'<text {place} font-family="sans-serif" font-size="10">{escape(words)}</text>'
