"""How often something is done in a second, and the line that compares it with something bare."""

from __future__ import annotations

import time
from collections.abc import Callable


def rate(deed: Callable[[], object], seconds: float = 2.0) -> float:
    """How often a deed is done in a second, over about this many seconds."""
    deed()
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        deed()
        done += 1
    return done / passed


def show(ours: str, fast: float, bare: str, base: float) -> None:
    """Print one line: both rates and their ratio."""
    print(f"{ours:<36} {fast:>9,.0f}/s   {bare:<36} {base:>9,.0f}/s   ratio {fast / base:.3f}")
