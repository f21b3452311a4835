"""Whether a node of the lattice of levels holds, and whether a finer one could: each counted once at the most. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from privacy.disclosure.answered import Answered
from privacy.disclosure.bounds import least_going
from privacy.disclosure.counting import added
from privacy.disclosure.criteria import Criteria, answers_of, going
from privacy.disclosure.ladder import Ladder
from privacy.disclosure.rollup import Rollup, Told

Places = npt.NDArray[np.int64]
At = tuple[int, ...]


@dataclass
class Border:
    """Nodes of which no two are one above the other: the highest that fail, or the lowest that may hold."""

    is_failing: bool
    nodes: npt.NDArray[np.int16] | None = None

    def tells(self, levels: At) -> bool:
        """Whether this node is beyond the border: finer than one that fails, or coarser than one that may hold."""
        if self.nodes is None:
            return False
        node = np.array(levels, np.int16)
        beyond = self.nodes >= node if self.is_failing else self.nodes <= node
        return bool(beyond.all(axis=1).any())

    def put(self, levels: At) -> None:
        """Take in a node that is not beyond the border yet."""
        node = np.array([levels], np.int16)
        if self.nodes is None:
            self.nodes = node
            return
        within = self.nodes <= node if self.is_failing else self.nodes >= node
        self.nodes = np.vstack([self.nodes[~within.all(axis=1)], node])


@dataclass
class Judge:
    """Judges nodes of one table of people. `counts`: of people alone; `said`: of their answers too; `most`: who may go.

    `costs`: what each level in `ranges` loses. `ask` is called before each node, and may raise.
    """

    names: tuple[str, ...]
    questions: tuple[str, ...]
    criteria: Criteria
    counts: Rollup
    said: Rollup
    ranges: tuple[range, ...]
    costs: tuple[tuple[float, ...], ...]
    most: int
    ask: Callable[[], None]
    failing_at: Border = field(default_factory=lambda: Border(True))
    may_hold_at: Border = field(default_factory=lambda: Border(False))
    held: dict[At, bool] = field(default_factory=dict)

    @property
    def work(self) -> int:
        """Rows counted so far."""
        return self.counts.work + (self.said.work if self.questions else 0)

    @property
    def looked_at(self) -> int:
        """Nodes counted so far."""
        return self.counts.looked_at + (self.said.looked_at if self.questions else 0)

    @property
    def top(self) -> At:
        """The coarsest node."""
        return tuple(one[-1] for one in self.ranges)

    def may_hold(self, levels: At) -> bool:
        """Whether this node or a finer one could hold. True, once it was, for every coarser node."""
        self.ask()
        if self.failing_at.tells(levels):
            return False
        if self.may_hold_at.tells(levels):
            return True
        could = self._could(levels)
        (self.may_hold_at if could else self.failing_at).put(levels)
        return could

    def holds(self, levels: At) -> bool:
        """Whether few enough rows go, by everything that is asked for."""
        if self.criteria.is_k_alone or not self.may_hold(levels):
            return self.may_hold(levels)
        if levels not in self.held:
            self.held[levels] = self.going(levels) <= self.most
        return self.held[levels]

    def going(self, levels: At) -> int:
        """How many rows go at this node."""
        told = self._named(self.said.told(levels))
        sizes = added(told.classes, told.people, told.size)
        return int(sizes[going(told, self.criteria)].sum())

    def failing(self, levels: At) -> Places:
        """The places of rows that go at this node."""
        told = self._named(self.said.everybody(levels))
        return np.flatnonzero(going(told, self.criteria)[told.classes][self.said.row_of])

    def lost(self, levels: At) -> float:
        """Bits a person that are lost at this node."""
        each = zip(self.costs, levels, self.ranges, strict=True)
        return round(sum(cost[level - one[0]] for cost, level, one in each), 9)

    def _could(self, levels: At) -> bool:
        sizes = self.counts.sizes(levels)
        below = int(sizes[sizes < self.criteria.k].sum())
        if below > self.most or self.criteria.is_k_alone:
            return below <= self.most
        return least_going(self._named(self.said.told(levels)), self.criteria, self.most) <= self.most

    def _named(self, told: Told) -> Answered:
        answers = dict(zip(self.questions, told.answers, strict=True))
        return Answered(told.classes, told.size, told.people, answers)


def judge_of(
    ladders: Mapping[str, Ladder],
    ranges: tuple[range, ...],
    criteria: Criteria,
    sensitive: pl.DataFrame | None,
    people: int,
    most: int,
    ask: Callable[[], None],
) -> Judge:
    """Who judges the nodes of these levels; `ask` is called before each of them."""
    answers = {} if criteria.is_k_alone else answers_of(sensitive)
    each, starts = tuple(ladders.values()), tuple(one[0] for one in ranges)
    counts = Rollup(each, starts, people)
    said = Rollup(each, starts, people, tuple(answers.values())) if answers else counts
    costs = tuple(one.losses(levels) for one, levels in zip(each, ranges, strict=True))
    return Judge(tuple(ladders), tuple(answers), criteria, counts, said, ranges, costs, most, ask)
