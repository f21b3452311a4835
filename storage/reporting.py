"""What hears how far long work is. It may raise, and then the work must leave nothing half done."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[int, int], None]  # how much is done, and of how much
REPORTED = 100  # rows between two reports


def unheard(done: int, whole: int) -> None:
    """Nobody asked how far it is."""
