"""Choose how coarse each variable is told: the levels that lose least among all that hold. Pure functions.

Full-domain generalisation. Every node of the lattice of levels at which too many people must go (bounds.py) tells that
as many go at all finer ones, so most are never looked at (OLA: El Emam et al. 2009; Flash: Kohlmayer et al. 2012). What
is lost depends on each variable's level alone (non-uniform entropy, loss.py), so nodes are tried in the order of what
they lose, and the first that holds is the best of all. Nodes are judged by tables of combinations (rollup.py), never
person by person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np
import numpy.typing as npt
import polars as pl

from privacy.disclosure.answered import Answered
from privacy.disclosure.bounds import least_going
from privacy.disclosure.classes import Levels
from privacy.disclosure.counting import added
from privacy.disclosure.criteria import Criteria, answers_of, going
from privacy.disclosure.ladder import Ladder
from privacy.disclosure.nodes import Nodes
from privacy.disclosure.rollup import Rollup, Told

Places = npt.NDArray[np.int64]
At = tuple[int, ...]
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
    failing: Places = field(repr=False)
    loss: float
    nodes: int
    looked_at: int
    is_within: bool = True
    is_best: bool = True
    least: float = 0.0


@dataclass
class _Search:
    """What stays the same while nodes are tried. `counts`: of people alone; `said`: of their answers too."""

    names: tuple[str, ...]
    questions: tuple[str, ...]
    criteria: Criteria
    counts: Rollup
    said: Rollup
    ranges: tuple[range, ...]
    costs: tuple[tuple[float, ...], ...]
    most: int
    most_work: int
    known: dict[tuple[str, At], int] = field(default_factory=dict)

    @property
    def work(self) -> int:
        """Rows counted so far."""
        return self.counts.work + self.said.work

    def may_hold(self, levels: At) -> bool:
        """Whether this node or a finer one could hold."""
        if self._below(levels) > self.most or self.criteria.is_k_alone:
            return self._below(levels) <= self.most
        if ("least", levels) not in self.known:
            # The bound is of this many that may go: it is asked for again where more may.
            self.known["least", levels] = least_going(self._answered(levels), self.criteria, self.most)
        return self.known["least", levels] <= self.most

    def holds(self, levels: At) -> bool:
        """Whether few enough rows go, by everything that is asked for."""
        return self._below(levels) <= self.most and (self.criteria.is_k_alone or self.going(levels) <= self.most)

    def going(self, levels: At) -> int:
        """How many rows go at this node."""
        if ("going", levels) not in self.known:
            told = self._answered(levels)
            sizes = added(told.classes, told.people, told.size)
            self.known["going", levels] = int(sizes[going(told, self.criteria)].sum())
        return self.known["going", levels]

    def failing(self, levels: At) -> Places:
        """The places of rows that go at this node."""
        told = self._named(self.said.everybody(levels))
        return np.flatnonzero(going(told, self.criteria)[told.classes][self.said.row_of])

    def lost(self, levels: At) -> float:
        """Bits a person that are lost at this node."""
        return round(
            sum(cost[level - one[0]] for cost, level, one in zip(self.costs, levels, self.ranges, strict=True)), 9
        )

    def _below(self, levels: At) -> int:
        if ("below", levels) not in self.known:
            told = self.counts.told(levels)
            sizes = added(told.classes, told.people, told.size)
            self.known["below", levels] = int(sizes[sizes < self.criteria.k].sum())
        return self.known["below", levels]

    def _answered(self, levels: At) -> Answered:
        return self._named(self.said.told(levels))

    def _named(self, told: Told) -> Answered:
        answers = dict(zip(self.questions, told.answers, strict=True))
        return Answered(told.classes, told.size, told.people, answers)


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
) -> Node:
    """The levels that lose least of all at which no more than `most_suppressed` rows go.

    `ladders`: each variable at each level that may be chosen. `fixed`: levels that stand. `order`: of two equal nodes
    the one that is coarser in what stands earlier here. Where no node holds, as many rows go as at the coarsest one,
    and the answer says so.
    """
    names = tuple(ladders)
    ranges = tuple(_range(ladders[name].highest, (fixed or {}).get(name)) for name in names)
    found = _search(ladders, ranges, criteria, sensitive, people, most_suppressed, most_work)
    nodes, top = prod(len(one) for one in ranges), tuple(one[-1] for one in ranges)
    if found.may_hold(top) and (made := _best(found, order)):
        return replace(made, nodes=nodes)
    # Nothing holds: as many rows go as at the coarsest node, which then holds itself.
    more = replace(found, most=found.going(top), known={})
    made = _best(more, order) or _node(more, top, is_best=False)
    return replace(made, nodes=nodes, is_within=False)


def _range(highest: int, fixed: int | None) -> range:
    return range(highest + 1) if fixed is None else range(fixed, fixed + 1)


def _search(
    ladders: Mapping[str, Ladder],
    ranges: tuple[range, ...],
    criteria: Criteria,
    sensitive: pl.DataFrame | None,
    people: int,
    most: int,
    most_work: int,
) -> _Search:
    answers, each, starts = answers_of(sensitive), tuple(ladders.values()), tuple(one[0] for one in ranges)
    counts = Rollup(each, starts, people)
    said = counts if criteria.is_k_alone else Rollup(each, starts, people, tuple(answers.values()))
    costs = tuple(
        tuple(ladder.losses(one[0])[: len(one)]) for ladder, one in zip(each, ranges, strict=True)
    )
    questions = () if criteria.is_k_alone else tuple(answers)
    return _Search(tuple(ladders), questions, criteria, counts, said, ranges, costs, most, most_work)


def _best(whole: _Search, order: Sequence[str]) -> Node | None:
    found = _narrowed(whole)
    ranked = [found.names.index(name) for name in order if name in found.names]
    ranked += [place for place in range(len(found.names)) if place not in ranked]
    if prod(len(one) for one in found.ranges) > MOST_NODES:
        return _walked(found, ranked, found.lost(tuple(one[0] for one in found.ranges)))
    nodes = Nodes(found.ranges, found.costs, ranked)
    while (levels := nodes.next()) is not None:
        if failing := _highest_failing(found, levels):
            nodes.leave_finer(failing)
        elif found.holds(levels):
            return _node(found, levels)
        else:
            nodes.leave(levels)
        if found.work > found.most_work:
            return _walked(found, ranked, found.lost(levels))
    return None


def _narrowed(found: _Search) -> _Search:
    """Without the levels of a variable that do not hold though everything else is as coarse as it can be."""
    ranges, costs = list(found.ranges), list(found.costs)
    top = tuple(one[-1] for one in ranges)
    for place, one in enumerate(found.ranges):
        low = one[0]
        while low < one[-1] and not found.may_hold((*top[:place], low, *top[place + 1 :])):
            low += 1
        ranges[place], costs[place] = range(low, one[-1] + 1), costs[place][low - one[0] :]
    return replace(found, ranges=tuple(ranges), costs=tuple(costs))


def _node(found: _Search, levels: At, is_best: bool = True) -> Node:
    chosen, lost = dict(zip(found.names, levels, strict=True)), found.lost(levels)
    looked_at = found.counts.looked_at + (found.said.looked_at if found.said is not found.counts else 0)
    return Node(chosen, found.failing(levels), lost, 0, looked_at, is_best=is_best, least=lost)


def _highest_failing(found: _Search, levels: At) -> At | None:
    """A node above this one that fails and above which none does: all below it fail too. None where this one may hold.

    It comes down from the top, where tables are small, the most telling variables first.
    """
    node = tuple(one[-1] for one in found.ranges)
    telling = sorted(range(len(levels)), key=lambda place: -found.counts.values(place, levels[place]))
    for place in telling:
        node = (*node[:place], levels[place], *node[place + 1 :])
        if not found.may_hold(node):
            return _raised(found, node)
    return None


def _raised(found: _Search, node: At) -> At:
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


def _walked(found: _Search, places: Sequence[int], least: float) -> Node | None:
    """Coarsen one level at a time in the declared order until the node holds, then give back what costs nobody."""
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
    return replace(_node(found, levels, is_best=False), least=least)
