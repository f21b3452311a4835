"""Which traits keep people out of a release, and what a team can do about it. Names variables, never what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.disclosure.classes import Levels, class_sizes
from release.table import Table

MOST_TOLD = 5  # variables in a sentence
REMEDIES = (
    "Give a variable a hierarchy of coarser levels in study.toml, such as age bands or regions, name it in "
    "coarsening, and add the study again: that helps records which are here already.",
    "Where a variable is nothing that others could know, say so at its class, on the page of the study's questions or "
    "in the file that flask study classify writes: that counts for visits under the new version.",
    "Lower k only where the files stay in a safe setting.",
)


@dataclass(frozen=True)
class Obstacle:
    """A checked variable: how many different values it has as it would be released, and who could be released without.

    `left`: people, if it alone were left out of the check; `left_together`: if everything before it were left out too.
    """

    name: str
    values: int
    has_levels: bool
    left: int
    left_together: int


def obstacles(table: Table, checked: Sequence[str], levels: Levels, k: int) -> tuple[Obstacle, ...]:
    """Every checked variable, the one with the most different values first."""
    values = {name: table.column(name, levels.get(name, 0)).n_unique() for name in checked}
    ordered = sorted(checked, key=lambda name: -values[name])
    return tuple(
        Obstacle(
            name,
            values[name],
            table.columns[name].hierarchy is not None,
            _left(table, [other for other in checked if other != name], levels, k),
            _left(table, ordered[place + 1 :], levels, k),
        )
        for place, name in enumerate(ordered)
        if values[name] > 1
    )


def enough(found: Sequence[Obstacle]) -> tuple[Obstacle, ...]:
    """The first of these without which, all together, somebody could be released; none if nobody ever could."""
    place = next((place for place, one in enumerate(found, 1) if one.left_together), 0)
    return tuple(found[:place])


def in_one_line(found: Sequence[Obstacle], people: int, k: int) -> str:
    """Why none of these people can be released, and every remedy."""
    if people < k:
        return f"Nobody can be released: of these groups there are only {people} people, and k is {k}. {REMEDIES[-1]}"
    told = ", ".join(
        f"{one.name} ({one.values} different values, {one.left} could be released without it)"
        for one in found[:MOST_TOLD]
    )
    together = enough(found)
    names = ", ".join(one.name for one in together)
    without = f" Without {names} together, {together[-1].left_together} could be." if len(together) > 1 else ""
    return (
        f"Nobody can be released: no {k} people share all the traits that others could know. What sets them apart "
        f"most: {told}.{without} What helps: {' '.join(REMEDIES)} Nothing was written."
    )


def _left(table: Table, names: Sequence[str], levels: Levels, k: int) -> int:
    return int((class_sizes(table.frame(names, levels)) >= k).sum()) if names else table.people.height
