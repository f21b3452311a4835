"""Choose how coarse each variable is told: the levels that lose least among all that hold. Pure functions.

Full-domain generalisation. Every node of the lattice of levels that fails tells that all finer ones fail too, so most
are never looked at (OLA: El Emam et al. 2009; Flash: Kohlmayer et al. 2012). What is lost depends on each variable's
level alone (non-uniform entropy, privacy/disclosure/loss.py), so nodes are tried in the order of what they lose, and
the first that holds is the best of all. Where coarser can be worse (Criteria.is_monotone), only what k alone forbids is
left out, and every other node is tried, up to a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np
import polars as pl

from privacy.disclosure.classes import Levels
from privacy.disclosure.criteria import Criteria, failing_rows
from privacy.disclosure.loss import entropy_loss
from privacy.disclosure.rollup import Rollup

ColumnsAt = Callable[[str, int], pl.Series]
MOST_NODES = 2_000_000  # beyond it a lattice is not held in memory
MOST_WORK = 80_000_000  # rows counted before a search is given up: some seconds. Not a time, so that the same comes out


@dataclass(frozen=True)
class Node:
    """Levels that were chosen. `failing`: the places of rows that go. `loss`: bits a person. `nodes`: of the lattice;
    `looked_at`: how many were tried. `is_within`: whether no more rows go than may. `is_best`: whether the lattice was
    searched to its end; else variables were coarsened in their order until enough held. `least`: no node that holds
    loses less than this; the same as `loss` where the node is the best.
    """

    levels: Levels
    failing: Sequence[int] = field(repr=False)
    loss: float
    nodes: int
    looked_at: int
    is_within: bool = True
    is_best: bool = True
    least: float = 0.0


@dataclass
class _Search:
    """What stays the same while nodes are tried."""

    names: tuple[str, ...]
    columns_at: ColumnsAt
    criteria: Criteria
    sensitive: pl.DataFrame | None
    rollup: Rollup
    ranges: tuple[range, ...]
    most: int
    most_work: int
    ask: Callable[[], None]
    whole: dict[tuple[int, ...], list[int]] = field(default_factory=dict)

    def may_hold(self, levels: tuple[int, ...]) -> bool:
        """Whether what coarser nodes could only mend holds here: where it does not, no finer node holds either."""
        is_monotone = self.criteria.is_monotone(self.most)
        return self.holds(levels) if is_monotone else self.holds_k(levels)

    def holds_k(self, levels: tuple[int, ...]) -> bool:
        """Whether few enough rows stand in classes below k."""
        self.ask()
        return self.rollup.below(levels, self.criteria.k) <= self.most

    def failing(self, levels: tuple[int, ...]) -> list[int]:
        """The places of rows that go at this node."""
        if levels not in self.whole:
            frame = pl.DataFrame(
                [self.columns_at(name, level).alias(name) for name, level in zip(self.names, levels, strict=True)]
            )
            self.whole[levels] = failing_rows(frame, self.names, self.criteria, self.sensitive).arg_true().to_list()
        return self.whole[levels]

    def holds(self, levels: tuple[int, ...]) -> bool:
        """Whether few enough rows go, by everything that is asked for."""
        return self.holds_k(levels) and (self.criteria.is_k_alone or len(self.failing(levels)) <= self.most)


def search(
    columns_at: ColumnsAt,
    highest: Levels,
    criteria: Criteria,
    *,
    people: int,
    fixed: Mapping[str, int] | None = None,
    sensitive: pl.DataFrame | None = None,
    most_suppressed: int = 0,
    order: Sequence[str] = (),
    most_work: int = MOST_WORK,
    ask: Callable[[], None] = lambda: None,
) -> Node:
    """The levels that lose least of all at which no more than `most_suppressed` rows go.

    `columns_at(name, level)`: everyone's value. `highest`: the coarsest level of each variable that may be chosen.
    `fixed`: levels that stand. `order`: of two equal nodes the one that is coarser in what stands earlier here.
    `ask` is called before each node is tried, and raises where somebody wants no answer any more.
    Where no node holds, as many rows go as at the coarsest one, and the answer says so.
    """
    names = tuple(highest)
    ranges = tuple(_range(highest[name], (fixed or {}).get(name)) for name in names)
    rollup = Rollup(names, ranges, columns_at, people)
    found = _Search(names, columns_at, criteria, sensitive, rollup, ranges, most_suppressed, most_work, ask)
    top = tuple(one[-1] for one in ranges)
    if found.may_hold(top) and (made := _best(found, order)):
        return made
    # Nothing holds: as many rows go as at the coarsest node, which then holds itself.
    found.most = len(found.failing(top))
    made = _best(found, order)
    if made is None:
        made = _node(found, top, float("nan"), prod(len(one) for one in ranges), is_best=False)
    return replace(made, is_within=False)


def _range(highest: int, fixed: int | None) -> range:
    return range(highest + 1) if fixed is None else range(fixed, fixed + 1)


def _best(found: _Search, order: Sequence[str]) -> Node | None:
    costs = _costs(found)
    size = prod(len(one) for one in found.ranges)
    if size > MOST_NODES:
        return _walked(found, order, costs, size, 0.0)
    nodes, losses = _in_order_of_loss(found, order, costs)
    alive, at = np.ones(len(nodes), dtype=bool), 0
    while at < len(nodes):
        levels = tuple(map(int, nodes[at]))
        if failing := _highest_failing(found, levels):
            alive[at:] &= ~(nodes[at:] <= np.array(failing, dtype=nodes.dtype)).all(axis=1)
        elif found.holds(levels):
            return _node(found, levels, float(losses[at]), size)
        else:
            alive[at] = False
        if found.rollup.work > found.most_work:
            return _walked(found, order, costs, size, float(losses[at]))
        left = alive[at:]
        at = at + int(left.argmax()) if left.any() else len(nodes)
    return None


def _node(found: _Search, levels: tuple[int, ...], loss: float, size: int, is_best: bool = True) -> Node:
    chosen = dict(zip(found.names, levels, strict=True))
    return Node(chosen, found.failing(levels), loss, size, found.rollup.looked_at, is_best=is_best, least=loss)


def _costs(found: _Search) -> list[list[float]]:
    """What each level of each variable loses, by variable, from its first allowed level on."""
    fine = [found.columns_at(name, one[0]) for name, one in zip(found.names, found.ranges, strict=True)]
    return [
        [entropy_loss(base, found.columns_at(name, level)) for level in one]
        for name, one, base in zip(found.names, found.ranges, fine, strict=True)
    ]


def _in_order_of_loss(
    found: _Search, order: Sequence[str], costs: Sequence[Sequence[float]]
) -> tuple[np.ndarray, np.ndarray]:
    if not found.names:
        return np.zeros((1, 0), dtype=np.int16), np.zeros(1)
    shape = tuple(len(one) for one in found.ranges)
    steps = np.indices(shape, dtype=np.int16).reshape(len(shape), -1).T
    losses = np.zeros(len(steps))
    for place, cost in enumerate(costs):
        losses += np.array(cost)[steps[:, place]]
    losses = losses.round(9)
    ranked = [name for name in order if name in found.names]
    ranked += [name for name in found.names if name not in ranked]
    # The last key counts first: the loss, then how many steps (a step that loses nothing here is no reason to take it),
    # then the variables in their order, coarser before finer.
    keys: list[np.ndarray] = [-steps[:, found.names.index(name)] for name in reversed(ranked)]
    by_loss = np.lexsort([*keys, steps.sum(axis=1), losses])
    starts = np.array([one[0] for one in found.ranges], dtype=np.int16)
    return (steps + starts)[by_loss], losses[by_loss]


def _highest_failing(found: _Search, levels: tuple[int, ...]) -> tuple[int, ...] | None:
    """A node above this one that fails and above which none does: all below it fail too. None where this one may hold.

    It comes down from the top, where tables are small, the most telling variables first.
    """
    node = tuple(one[-1] for one in found.ranges)
    telling = sorted(range(len(levels)), key=lambda place: -found.rollup.values(place, levels[place]))
    for place in telling:
        node = (*node[:place], levels[place], *node[place + 1 :])
        if not found.may_hold(node):
            return _raised(found, node)
    return None


def _raised(found: _Search, node: tuple[int, ...]) -> tuple[int, ...]:
    for place, one in enumerate(found.ranges):
        low, high = node[place], one[-1]
        while low < high:
            middle = (low + high + 1) // 2
            if found.may_hold((*node[:place], middle, *node[place + 1 :])):
                high = middle - 1
            else:
                low = middle
        node = (*node[:place], low, *node[place + 1 :])
    return node


def _walked(
    found: _Search, order: Sequence[str], costs: Sequence[Sequence[float]], size: int, least: float
) -> Node | None:
    """Coarsen one level at a time in the declared order until the node holds, then give back what costs nobody."""
    names = [name for name in order if name in found.names] + [name for name in found.names if name not in order]
    places = [found.names.index(name) for name in names]
    levels = tuple(one[0] for one in found.ranges)
    for place in (one for one in places for _ in found.ranges[one][1:]):
        if found.holds(levels):
            break
        levels = (*levels[:place], levels[place] + 1, *levels[place + 1 :])
    if not found.holds(levels):
        return None
    for place in reversed(places):
        finer = (
            (*levels[:place], level, *levels[place + 1 :]) for level in range(found.ranges[place][0], levels[place])
        )
        levels = next((one for one in finer if found.holds(one)), levels)
    lost = sum(cost[level - one[0]] for cost, level, one in zip(costs, levels, found.ranges, strict=True))
    return replace(_node(found, levels, lost, size, is_best=False), least=least)
