"""The nodes of a lattice of levels that may still be the best, in the order of what they lose. Pure; holds no person.

Of two nodes that lose the same the one with fewer steps comes first (a step that loses nothing here is no reason to
take it), then the one that is coarser in the variable that ranks first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Levels = tuple[int, ...]
Losses = npt.NDArray[np.float64]
PRECISION = 1e9  # losses that differ by less are the same
AHEAD = 4_096  # nodes looked through at a time for the next one that is left


class Nodes:
    """`ranges`: the levels of each variable. `costs`: what each of them loses. `ranked`: their places, first first."""

    def __init__(self, ranges: Sequence[range], costs: Sequence[Sequence[float]], ranked: Sequence[int]) -> None:
        self._ranges, self._ranked, self._at = tuple(ranges), tuple(ranked), 0
        # An axis a variable, the coarsest level first: then the place of a node in memory is the rest of the order.
        self._shape = tuple(len(ranges[place]) for place in ranked)
        lost = _sums([np.array(costs[place][::-1], np.float64) for place in ranked])
        steps = _sums([np.arange(len(ranges[place]), dtype=np.float64)[::-1] for place in ranked])
        key = np.rint(lost * PRECISION).astype(np.int64) * (sum(self._shape) + 1) + steps.astype(np.int64)
        self._order = np.argsort(key, kind="stable").astype(np.int32)
        self._left = np.ones(self._shape, np.bool_)

    def next(self) -> Levels | None:
        """The node of least loss that is left; None where none is."""
        left = self._left.reshape(-1)
        while self._at < len(self._order):
            ahead = left[self._order[self._at : self._at + AHEAD]]
            if ahead.any():
                self._at += int(ahead.argmax())
                return self._levels(int(self._order[self._at]))
            self._at += len(ahead)
        return None

    def leave(self, levels: Levels) -> None:
        """This node is not it."""
        self._left[tuple(self._ranges[place][-1] - levels[place] for place in self._ranked)] = False

    def leave_finer(self, levels: Levels) -> None:
        """Neither this node nor any finer one is it."""
        self._left[tuple(slice(self._ranges[place][-1] - levels[place], None) for place in self._ranked)] = False

    def _levels(self, place: int) -> Levels:
        steps = dict(zip(self._ranked, np.unravel_index(place, self._shape), strict=True)) if self._shape else {}
        return tuple(one[-1] - int(steps[place]) for place, one in enumerate(self._ranges))


def _sums(told: Sequence[Losses]) -> Losses:
    """The sum of one number of each variable, for every node."""
    found: Losses = np.zeros(1)
    for one in told:
        found = (found[:, None] + one).reshape(-1)
    return found
