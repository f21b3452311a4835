"""A release before it is written: people and columns, and everything that must be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from instruments.model import Instrument
from privacy.disclosure.classes import Levels, Risk
from privacy.disclosure.lattice import Node
from release.columns import Column
from release.dataset import Fault
from release.differencing import LEAST
from release.obstacles import Obstacle
from release.specification import Specification

FEW = f"fewer than {LEAST}"


@dataclass(frozen=True)
class Compared:
    """An earlier release, and how many people are only in that one and only in this one: 0, or ten or more."""

    title: str
    gone: int
    new: int


@dataclass(frozen=True)
class Release:
    """`frame`: `research_id`, then `columns`, a row a person; sorted by `research_id`, nothing in it null.

    `instruments`: the newest version and every one that somebody answered, newest first; `answered`: by how many of
    the people released; `is_order_known`: whether it is not guessed which is newer. `levels`: of each variable that is
    coarser than it was asked.
    `checked`: the variables whose combination counts as known to others. `uniform`: classes alike, by variable.
    `obstacles`: what sets people apart, where nobody can be released.
    `sizes`: for each person, before and after, how many are alike in these variables (themselves included).
    `lacking`: how many records need a key that was not given, by its id. `keys`: the ids of those that were, the oldest
    first; the pseudonyms follow from the first.
    `node`: the levels that were chosen, and how. `l`, `t`: what was reached, by variable of the order.
    `suppressed_cells`: values removed, and `loss_by_variable`: the share of what a checked variable told that is lost.
    `held_back`: who was left out so that nobody can be worked out beside earlier releases; `differences`: those.
    `known_before`: the levels at which earlier releases told traits of these people. `labels`: whose rows they are.
    `rare_themes`: columns of themes that are left out because fewer than k of these people have them.
    """

    specification: Specification
    instruments: tuple[Instrument, ...]
    columns: tuple[Column, ...]
    withheld: tuple[str, ...]
    not_archived: tuple[str, ...]
    frame: pl.DataFrame = field(repr=False)
    levels: Levels
    before: Risk
    after: Risk
    sizes: tuple[pl.Series, pl.Series] = field(repr=False)
    left_out: int
    declined_archive: int
    faults: tuple[Fault, ...]
    uniform: Mapping[str, int]
    answered: tuple[int, ...]
    is_order_known: bool
    checked: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    lacking: Mapping[str, int]
    keys: tuple[str, ...]
    unjoined: int
    node: Node
    l: Mapping[str, float]  # noqa: E741  # the measure's name
    t: Mapping[str, float]
    suppressed_cells: Mapping[str, int]
    loss_by_variable: Mapping[str, float]
    held_back: int
    differences: tuple[Compared, ...]
    known_before: Levels
    labels: pl.Series = field(repr=False)
    rare_themes: tuple[str, ...] = ()

    def outside(self, count: int) -> int | str:
        """So many people or records that are not in it, as it may be told: of 1 to 9 only the team learns how many.

        Of two releases of the same people, such a count would tell that somebody came who stands out.
        """
        return FEW if 0 < count < LEAST and self.specification.leaves_team else count


@dataclass(frozen=True)
class Files:
    """What has no rows: its files by name. `left_out`: how many of which group, for the sake of earlier releases."""

    files: Mapping[str, bytes] = field(repr=False)
    left_out: Mapping[str, int] = field(default_factory=dict)
