"""What every class of a release must hold to, and which rows must go where some do not. Pure functions.

Rows go with their whole class, so that what stays is what it was. t is measured against what is released, so it is
measured again after rows went, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from privacy.disclosure.classes import class_sizes
from privacy.disclosure.diversity import CLASS, per_class, t_per_class

LKind = Literal["distinct", "entropy"]
ROW = ".row"
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

    def is_monotone(self, most_suppressed: int) -> bool:
        """Whether coarser is never worse, so that a node that fails tells that all finer ones fail.

        A row's class only grows: its size and its different answers grow with it. The entropy of two classes together
        is never less than the smaller of both, and their distance never more than the larger (Machanavajjhala et al.
        2007; Li et al. 2007), which speaks of all classes only: where rows may go, a class that held can fail with a
        neighbour that did not count before.
        """
        return most_suppressed == 0 or (not self.t and (not self.l or self.l_kind == "distinct"))


def failing_rows(
    frame: pl.DataFrame, names: Sequence[str], criteria: Criteria, sensitive: pl.DataFrame | None = None
) -> pl.Series:
    """True for each row that must go. `sensitive`: the answers that l and t are about, null for who was never asked."""
    told = frame.select(names).with_row_index(ROW)
    if sensitive is not None:
        told = told.hstack([column.alias(f".{column.name}") for column in sensitive.get_columns()])
    kept = told.filter(class_sizes(told, names) >= criteria.k)
    while True:
        going = _going(kept, names, criteria)
        if not going.any():
            break
        kept = kept.filter(~going)
    return ~pl.int_range(frame.height, eager=True).is_in(kept[ROW].implode())


def _going(kept: pl.DataFrame, names: Sequence[str], criteria: Criteria) -> pl.Series:
    numbered = kept.with_columns(_class_number(names))
    bad = pl.repeat(False, kept.height, eager=True)
    for name, least in criteria.l.items():
        bad = bad | numbered[CLASS].is_in(_not_diverse(numbered, name, least, criteria.l_kind).implode())
    for name, most in criteria.t.items():
        bad = bad | numbered[CLASS].is_in(_not_close(numbered, name, most, name in criteria.ordered).implode())
    return bad


def _class_number(names: Sequence[str]) -> pl.Expr:
    number = pl.struct(list(names)).rank("dense") if names else pl.lit(1)
    return number.cast(pl.UInt32).alias(CLASS)


def _not_diverse(numbered: pl.DataFrame, name: str, least: float, kind: LKind) -> pl.Series:
    asked = numbered.filter(pl.col(f".{name}").is_not_null()).select(pl.col(CLASS).alias("class"), f".{name}")
    each = per_class(asked, ["class"], f".{name}").sort(CLASS)
    numbers = asked["class"].unique().sort()
    return numbers.filter(each[kind] < least - NEARLY)


def _not_close(numbered: pl.DataFrame, name: str, most: float, ordered: bool) -> pl.Series:
    asked = numbered.filter(pl.col(f".{name}").is_not_null()).select(pl.col(CLASS).alias("class"), f".{name}")
    each = t_per_class(asked, ["class"], f".{name}", ordered).sort(CLASS)
    numbers = asked["class"].unique().sort()
    return numbers.filter(each["t"] > most + NEARLY)
