"""A good node without looking at all of them: down from the coarsest as far as it holds, then better by exchanges.

What is found loses about as little as the best, which only a search to the end can tell. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from privacy.disclosure.judging import At, Judge


def descended(judge: Judge, ranked: Sequence[int], most_work: int) -> At | None:
    """A node that holds and below which none does a step away; None where the coarsest does not hold.

    `ranked`: the variables, first what is told coarser first where it costs the same. `most_work`: rows counted by the
    judge beyond which nothing better is looked for.
    """
    if not judge.holds(judge.top):
        return None
    best = _refined(judge, judge.top, ranked, ())
    for place in ranked:
        if judge.work <= most_work:
            # What is told coarsest leaves room for the others: each variable in turn.
            found = _refined(judge, _refined(judge, judge.top, ranked, (place,)), ranked, ())
            best = min(best, found, key=judge.lost)
    while better := next(_better(judge, best, ranked, most_work), None):
        best = better
    return best


def _better(judge: Judge, levels: At, ranked: Sequence[int], most_work: int) -> Iterator[At]:
    """Nodes that lose less: one or two variables coarser, the others then as fine as that lets them be."""
    for raised, fixed in _raised(judge, levels, ranked):
        if judge.work > most_work:
            return
        if judge.holds(raised):
            found = _refined(judge, _refined(judge, raised, ranked, fixed), ranked, ())
            if judge.lost(found) < judge.lost(levels):
                yield found


def _raised(judge: Judge, levels: At, ranked: Sequence[int]) -> Iterator[tuple[At, tuple[int, ...]]]:
    """This node with one variable coarser by some levels, then with two as coarse as they can be; and which."""
    top = judge.top
    for place in ranked:
        yield from ((_at(levels, place, level), (place,)) for level in range(levels[place] + 1, top[place] + 1))
    for one, other in combinations(ranked, 2):
        raised = _at(_at(levels, one, top[one]), other, top[other])
        if raised != levels:
            yield raised, (one, other)


def _refined(judge: Judge, levels: At, ranked: Sequence[int], fixed: Sequence[int]) -> At:
    """As fine as it holds, by the step that saves most each time; all but the variables that are fixed."""
    left = [place for place in reversed(ranked) if place not in fixed]
    while left:
        saved = {place: _saved(judge, levels, place) for place in left if levels[place] > judge.ranges[place][0]}
        if max(saved.values(), default=-1.0) < 0:
            break
        place = max(saved, key=lambda one: saved[one])  # of equal ones the first, which ranks last
        finer = _at(levels, place, levels[place] - 1)
        if judge.holds(finer):
            levels = finer
        else:
            left.remove(place)
    return levels


def _saved(judge: Judge, levels: At, place: int) -> float:
    cost, first = judge.costs[place], judge.ranges[place][0]
    return round(cost[levels[place] - first] - cost[levels[place] - 1 - first], 9)


def _at(levels: At, place: int, level: int) -> At:
    return (*levels[:place], level, *levels[place + 1 :])
