"""How long a bar is: whole numbers for a page to draw as SVG. Beside each plot stands a table of the same numbers."""

from __future__ import annotations

WIDEST = 400  # units of the drawing


def length_of(count: int, most: int) -> int:
    """The length of the bar of this count, where the longest one stands for `most`."""
    return WIDEST * count // (most or 1)
