"""Plots as SVG: a bar that leaves the middle to both sides, a dot with its interval, an axis. No script, no style.

Every plot is drawn 320 wide, so that it is read at the size of a telephone; nothing in it is told by colour alone:
the side says low or high, low ends are hatched, shares stand in the bars, and a table stands beside each plot.
Drawn from right to left where words are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from instruments.scoring import half_up

WIDTH, MIDDLE, HALF = 320, 160, 156
BAR, LINE = 24, 22  # heights
LEAST_LABEL = 24  # a narrower segment holds no share
# Fill and ink of each step, as printed; a page's style sheet may say otherwise by class.
FILLS = {"low2": "#B98A3A", "low1": "#E9CF9C", "mid": "#DCD7CE", "high1": "#CDB3CF", "high2": "#5A2D5C"}
INKS = {"high2": "#FFFFFF"}
INK, MUTED, PAPER = "#1F2428", "#525B60", "#FFFFFF"
STEPS = {5: ("low2", "low1", "mid", "high1", "high2"), 3: ("low", "mid", "high")}
# Answers that were counted together show both of their tones.
TOGETHER = {"low": ("low1", "low2"), "high": ("high1", "high2")}
LEFT, RIGHT = 1, 5


def reach_of(rows: Iterable[Sequence[int]]) -> Fraction:
    """How far the longest of these bars reaches to one side, as a share: all of them are drawn to that measure."""
    sides = [Fraction(side, sum(row)) for row in rows for side in _sides(row)]
    return max(sides, default=Fraction(1)) or Fraction(1)


def bar(counts: Sequence[int], leftwards: bool, reach: Fraction) -> str:
    """Counts of five or three ordered answers: low ones before the middle, high ones after it."""
    whole, measure, parts = sum(counts), HALF / reach, []
    at = MIDDLE - Fraction(_sides(counts)[0]) / whole * measure
    for name, count in zip(STEPS[len(counts)], counts, strict=True):
        width = Fraction(count, whole) * measure
        if count:
            parts.append(_segment(name, _turned(at, width, leftwards), width, Fraction(100 * count, whole)))
        at += width
    marks = f'<path class="axis" d="M{MIDDLE} 0v4M{MIDDLE} {BAR - 4}v4" stroke="{INK}" stroke-width="1.5"/>'
    return _svg(BAR, "".join(parts) + marks)


def _sides(counts: Sequence[int]) -> tuple[Fraction, Fraction]:
    middle = len(counts) // 2
    half = Fraction(counts[middle], 2)
    return sum(counts[:middle]) + half, sum(counts[middle + 1 :]) + half


def swatch(*steps: str) -> str:
    """The little square of a key, of one step or of several that stand together."""
    height = Fraction(16, len(steps))
    inside = "".join(
        _rect(step, Fraction(1), Fraction(16), 1 + place * height, height) for place, step in enumerate(steps)
    )
    return (
        '<svg class="swatch" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )


def dot(mean: Fraction, low: Fraction | None, high: Fraction | None, leftwards: bool, is_part: bool = False) -> str:
    """A mean between 1 and 5 with its interval. A part of a group has a hollow mark, the whole a full one."""
    ends = [_on_axis(end, leftwards) for end in (low, high) if end is not None]
    middle, at = LINE // 2, _on_axis(mean, leftwards)
    marks = [
        f'<path class="grid" d="M{_on_axis(Fraction(step), leftwards)} 3V{LINE - 3}" stroke="#C9C2B5"/>'
        for step in range(LEFT, RIGHT + 1)
    ]
    if ends:
        shape = f"M{min(ends)} {middle}H{max(ends)}M{min(ends)} {middle - 4}v8M{max(ends)} {middle - 4}v8"
        marks.append(f'<path class="span" d="{shape}" stroke="#5A2D5C" stroke-width="2" fill="none"/>')
    fill = PAPER if is_part else FILLS["high2"]
    kind = "hollow" if is_part else "full"
    marks.append(
        f'<circle class="{kind}" cx="{at}" cy="{middle}" r="5.5" fill="{fill}" stroke="#5A2D5C" stroke-width="2"/>'
    )
    return _svg(LINE, "".join(marks))


def axis(leftwards: bool) -> str:
    """The numbers 1 to 5 under (or over) dots."""
    return _svg(16, "".join(_text(str(step), _on_axis(Fraction(step), leftwards), 12, "label") for step in range(1, 6)))


def _on_axis(value: Fraction, leftwards: bool) -> str:
    at = 12 + (value - LEFT) / (RIGHT - LEFT) * (WIDTH - 24)
    return _number(WIDTH - at if leftwards else at)


def _turned(at: Fraction, width: Fraction, leftwards: bool) -> Fraction:
    return WIDTH - at - width if leftwards else at


def _segment(name: str, at: Fraction, width: Fraction, share: Fraction) -> str:
    tones = TOGETHER.get(name, (name,))
    height = Fraction(BAR - 4, len(tones))
    drawn = "".join(_rect(tone, at, width, 2 + place * height, height) for place, tone in enumerate(tones))
    return drawn + (_label(name, at + width / 2, share) if width >= LEAST_LABEL else "")


def _label(name: str, middle: Fraction, share: Fraction) -> str:
    """The share; over two tones it has a ground of its own to be read on."""
    words = _text(f"{half_up(share, 0)}%", _number(middle), 16, f"on-{name}", INKS.get(name, INK))
    if name not in TOGETHER:
        return words
    place = f'x="{_number(middle - 14)}" y="5" width="28" height="14" rx="3"'
    return f'<rect class="ground" {place} fill="{PAPER}"/>{words}'


def _rect(name: str, at: Fraction, width: Fraction, top: Fraction | int, height: Fraction | int) -> str:
    place = f'x="{_number(at)}" y="{_number(top)}" width="{_number(width)}" height="{_number(height)}"'
    plain = f'<rect class="{name}" {place} fill="{FILLS[name]}" stroke="{PAPER}" stroke-width="1"/>'
    return plain + (_hatch(at, width, top + height) if name == "low2" else "")


def _hatch(at: Fraction, width: Fraction, foot: Fraction | int) -> str:
    """Short ticks at the foot: the lowest answers are seen as such also in black and white."""
    lines = "".join(f"M{_number(at + step)} {_number(foot - 4)}v3" for step in range(3, int(width), 4))
    return f'<path class="hatch" d="{lines}" stroke="{INK}" stroke-width="1"/>' if lines else ""


def _text(words: str, at: str, base: int, kind: str, ink: str = MUTED) -> str:
    return (
        f'<text class="{kind}" x="{at}" y="{base}" text-anchor="middle" font-size="11" direction="ltr" '
        f'font-family="Noto Sans, DejaVu Sans, sans-serif" fill="{ink}">{words}</text>'
    )


def _number(value: Fraction | int) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _svg(height: int, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )
