"""What every class of a release must hold to, and which rows must go where some do not. Pure functions.

Rows go with their whole class, so that what stays is what it was. t is measured against what is released, so it is
measured again after rows went, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from privacy.disclosure.answered import Answered, Shares, distances
from privacy.disclosure.counting import Flags, Numbers, added, coded, combined, dense, numbered

LKind = Literal["distinct", "entropy"]
# Sums of shares are binary fractions: a class that just holds must not fail by the last bit.
NEARLY = 1e-9


@dataclass(frozen=True)
class Criteria:
    """`k`: the least class. `l`, `t`: by sensitive variable. `ordered`: variables whose answers have an order."""

    k: int
    l: Mapping[str, float] = field(default_factory=dict)  # noqa: E741 (the field's own name for it)
    l_kind: LKind = "distinct"
    t: Mapping[str, float] = field(default_factory=dict)
    ordered: frozenset[str] = frozenset()

    @property
    def is_k_alone(self) -> bool:
        """Whether nothing but class sizes counts."""
        return not self.l and not self.t


def failing_rows(
    frame: pl.DataFrame, names: Sequence[str], criteria: Criteria, sensitive: pl.DataFrame | None = None
) -> pl.Series:
    """True for each row that must go. `sensitive`: the answers that l and t are about, null for who was never asked."""
    classes, size = dense(*combined([coded(frame[name]) for name in names], frame.height))
    told = Answered(classes, size, np.ones(frame.height, np.int64), answers_of(sensitive))
    return pl.Series(going(told, criteria)[classes])


def answers_of(sensitive: pl.DataFrame | None) -> dict[str, Numbers]:
    """Answers as numbers in their order, -1 for who was never asked."""
    return {one.name: numbered(one)[0] for one in sensitive.iter_columns()} if sensitive is not None else {}


def going(told: Answered, criteria: Criteria) -> Flags:
    """Whether each class must go."""
    gone = added(told.classes, told.people, told.size) < criteria.k
    alike = np.zeros(told.size, np.bool_)
    for name, least in criteria.l.items():
        alike |= not_diverse(told, name, least, criteria.l_kind)
    while True:
        more = alike.copy()
        for name, most in criteria.t.items():
            more |= distances(told, name, name in criteria.ordered, ~gone) > most + NEARLY
        if not (more & ~gone).any():
            return gone
        gone |= more


def not_diverse(told: Answered, name: str, least: float, kind: LKind) -> Flags:
    """Whether each class has too few different answers to this question; never where nobody was asked."""
    found = np.zeros(told.size, np.bool_)
    for start, counts in told.counts(name):
        asked = counts.sum(axis=1)
        reached = (counts > 0).sum(axis=1) if kind == "distinct" else _entropy(counts, asked)
        found[start : start + len(counts)] = (asked > 0) & (reached < least - NEARLY)
    return found


def _entropy(counts: Shares, asked: Shares) -> Shares:
    share = counts / np.maximum(asked, 1)[:, None]
    bits = share * np.log(share, out=np.zeros_like(share), where=share > 0)
    reached: Shares = np.exp(-bits.sum(axis=1))
    return reached
