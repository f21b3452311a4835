"""How many people must go at a node and at every finer one, at the least: what leaves most of a lattice untried.

Pure functions. Who stays at a finer node stands in a part of a class here, so what is told of parts bounds the whole:

- k: a part of a class below k is below k.
- l: no part has more different answers than its class, and e to an entropy is never more than their number. Where all
  parts have the entropy, so has their mixture: the commonest answer has then at most a certain share of it.
- t: who stays is a share of 1 - s at the least (s: how many may go), so that their answers together are no farther from
  the table's than s, and each part that stays is no farther than t + s. Who goes is no farther than 1. So a class whose
  distance is d loses a share of (d - t - s) / (1 - t - s). Both distances are convex (Li et al. 2007).

Only who was asked is counted for l and t: the others could stand apart from them at a finer node.
"""

from __future__ import annotations

from math import log

import numpy as np

from privacy.disclosure.answered import Answered, Shares, distances
from privacy.disclosure.counting import Flags, added
from privacy.disclosure.criteria import NEARLY, Criteria, not_diverse

STEPS = 60  # of halving, to find a share to the last bit


def least_going(told: Answered, criteria: Criteria, most: int) -> int:
    """People who go here and at every finer node, at the least, where no more than `most` may."""
    sizes = added(told.classes, told.people, told.size)
    least = np.where(sizes < criteria.k, sizes, 0).astype(np.float64)
    for name, wanted in criteria.l.items():
        least = np.maximum(least, _for_l(told, name, wanted, criteria))
    for name, allowed in criteria.t.items():
        least = np.maximum(least, _for_t(told, name, allowed, name in criteria.ordered, most))
    return int(np.ceil(least - 1e-6).sum())


def _for_l(told: Answered, name: str, wanted: float, criteria: Criteria) -> Shares:
    asked, commonest = _asked(told, name)
    found = np.where(not_diverse(told, name, wanted, "distinct"), asked, 0.0)
    if criteria.l_kind == "entropy":
        share = _largest_share(wanted, told.values(name))
        rest = (asked - commonest) * (share / (1 - share)) if share < 1 else asked
        failing = not_diverse(told, name, wanted, "entropy")
        found = np.maximum(found, np.where(failing, np.maximum(commonest - rest, 1.0), 0.0))
    return found


def _for_t(told: Answered, name: str, allowed: float, is_ordered: bool, most: int) -> Shares:
    everybody: Flags = np.ones(told.size, np.bool_)
    asked, _ = _asked(told, name)
    gone = min(1.0, most / max(float(asked.sum()), 1.0))
    # Where an answer can go as a whole, the order has a step less, and the distance is another.
    can_shorten = is_ordered and bool(most) and told.least_given(name) <= most
    room = 1 - allowed - gone
    if room <= 0 or can_shorten:
        return np.zeros(told.size)
    beyond = distances(told, name, is_ordered, everybody) - allowed - gone
    return np.where(beyond > NEARLY, np.maximum(asked * beyond / room, 1.0), 0.0)


def _asked(told: Answered, name: str) -> tuple[Shares, Shares]:
    """How many of each class were asked, and how many gave its commonest answer."""
    asked, commonest = np.zeros(told.size), np.zeros(told.size)
    for start, counts in told.counts(name):
        asked[start : start + len(counts)] = counts.sum(axis=1)
        commonest[start : start + len(counts)] = counts.max(axis=1)
    return asked, commonest


def _largest_share(wanted: float, values: int) -> float:
    """The largest share of one of so many answers that leaves this entropy (e to it) possible."""
    if wanted <= 1 or values < 2:
        return 1.0
    low, high = 1 / values, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        rest = 1 - middle
        bits = -middle * log(middle) - rest * log(rest / (values - 1)) if 0 < rest else 0.0
        low, high = (middle, high) if bits >= log(wanted) else (low, middle)
    return high
