"""Choose how coarse each variable is told: the levels that lose least among all that hold. Pure functions.

Full-domain generalisation. Every node of the lattice of levels at which too many people must go (bounds.py) tells that
as many go at all finer ones, so most are never looked at (OLA: El Emam et al. 2009; Flash: Kohlmayer et al. 2012). What
is lost depends on each variable's level alone (non-uniform entropy, loss.py), so nodes are tried in the order of what
they lose, and the first that holds is the best of all. Nodes are judged by tables of combinations (rollup.py), never
person by person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import polars as pl

from privacy.disclosure.classes import Levels
from privacy.disclosure.criteria import Criteria
from privacy.disclosure.descent import descended
from privacy.disclosure.judging import At, Border, Judge, Places, judge_of
from privacy.disclosure.ladder import Ladder
from privacy.disclosure.nodes import Nodes

MOST_NODES = 2_000_000  # beyond it a lattice is not held in memory
MOST_WORK = 80_000_000  # rows counted before a search is given up: some seconds. Not a time, so that the same comes out

FOR_THE_BEST = 1 / 4  # of the work: then a good node is looked for, before it goes on for as long as there is work


@dataclass(frozen=True)
class Node:
    """Levels that were chosen. `failing`: the places of rows that go. `loss`: bits a person. `nodes`: of the lattice;
    `looked_at`: how many were tried. `is_within`: whether no more rows go than may. `is_best`: whether the lattice was
    searched to its end; else it is the best of those that were tried (descent.py). `least`: no node that holds
    loses less than this; the same as `loss` where the node is the best.
    """

    levels: Levels
    failing: Places = field(repr=False)
    loss: float
    nodes: int
    looked_at: int
    is_within: bool = True
    is_best: bool = True
    least: float = 0.0


def search(
    ladders: Mapping[str, Ladder],
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

    `ladders`: each variable at each level that may be chosen. `fixed`: levels that stand. `order`: of two equal nodes
    the one that is coarser in what stands earlier here. `ask` is called before each node is tried, and raises where
    somebody wants no answer any more. Where no node holds, as many rows go as at the coarsest one, and the answer says
    so.
    """
    names = tuple(ladders)
    ranges = tuple(_range(ladders[name].highest, (fixed or {}).get(name)) for name in names)
    judge = judge_of(ladders, ranges, criteria, sensitive, people, most_suppressed, ask)
    made = _best(judge, order, most_work) if judge.may_hold(judge.top) else None
    if made is None:
        # Nothing holds: as many rows go as at the coarsest node, which then holds itself.
        most = judge.going(judge.top)
        more = replace(judge, most=most, failing_at=Border(True), may_hold_at=Border(False), held={})
        made = replace(_best(more, order, most_work) or _node(more, judge.top), is_within=False)
    return replace(made, nodes=prod(len(one) for one in ranges))


def _range(highest: int, fixed: int | None) -> range:
    return range(highest + 1) if fixed is None else range(fixed, fixed + 1)


def _best(whole: Judge, order: Sequence[str], most_work: int) -> Node | None:
    judge = _narrowed(whole)
    ranked = [judge.names.index(name) for name in order if name in judge.names]
    ranked += [place for place in range(len(judge.names)) if place not in ranked]
    if prod(len(one) for one in judge.ranges) > MOST_NODES:
        return _good(judge, descended(judge, ranked, most_work), tuple(one[0] for one in judge.ranges))
    nodes = Nodes(judge.ranges, judge.costs, ranked)
    levels, good = _first(judge, nodes, most_work * FOR_THE_BEST), None
    if levels is None and nodes.next() is not None:
        good = descended(judge, ranked, most_work)
        levels = _first(judge, nodes, most_work)
    left = nodes.next()
    if levels is None and left is not None:
        return _good(judge, good, left)
    return _node(judge, levels) if levels is not None else None


def _first(judge: Judge, nodes: Nodes, most_work: float) -> At | None:
    """The node of least loss that holds; None where none does, or where so much work is done and some are left."""
    while judge.work <= most_work and (levels := nodes.next()) is not None:
        if failing := _highest_failing(judge, levels):
            nodes.leave_finer(failing)
        elif judge.holds(levels):
            return levels
        else:
            nodes.leave(levels)
    return None


def _narrowed(judge: Judge) -> Judge:
    """Without the levels of a variable that do not hold though everything else is as coarse as it can be."""
    ranges, costs, top = list(judge.ranges), list(judge.costs), judge.top
    for place, one in enumerate(judge.ranges):
        low = one[0]
        while low < one[-1] and not judge.may_hold((*top[:place], low, *top[place + 1 :])):
            low += 1
        ranges[place], costs[place] = range(low, one[-1] + 1), costs[place][low - one[0] :]
    return replace(judge, ranges=tuple(ranges), costs=tuple(costs))


def _node(judge: Judge, levels: At) -> Node:
    chosen, lost = dict(zip(judge.names, levels, strict=True)), judge.lost(levels)
    return Node(chosen, judge.failing(levels), lost, 0, judge.looked_at, least=lost)


def _good(judge: Judge, good: At | None, least: At) -> Node | None:
    """A good node instead of the best, which loses no less than `least` does."""
    return replace(_node(judge, good), is_best=False, least=judge.lost(least)) if good is not None else None


def _highest_failing(judge: Judge, levels: At) -> At | None:
    """A node above this one that fails and above which none does: all below it fail too. None where this one may hold.

    It comes down from the top, where tables are small, the most telling variables first.
    """
    node = judge.top
    telling = sorted(range(len(levels)), key=lambda place: -judge.counts.values(place, levels[place]))
    for place in telling:
        node = (*node[:place], levels[place], *node[place + 1 :])
        if not judge.may_hold(node):
            return _raised(judge, node)
    return None


def _raised(judge: Judge, node: At) -> At:
    for place, one in enumerate(judge.ranges):
        low, high = node[place], one[-1]
        while low < high:
            middle = (low + high + 1) // 2
            if judge.may_hold((*node[:place], middle, *node[place + 1 :])):
                high = middle - 1
            else:
                low = middle
        node = (*node[:place], low, *node[place + 1 :])
    return node
