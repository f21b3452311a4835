"""What earlier releases tell of the people of a new one: the check for k is made on both together.

Two releases of the same people can be joined: by their ids where the purpose is one, by all the answers where it is
not. Whoever joins them knows each trait at the finer of the two levels, so that is the level at which it is checked,
also where the new release does not hold that trait at all. Nobody takes back by recoding what was told: a variable that
the new order recodes is checked as it is told now together with how it was told before, as if that one recoded nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from privacy.disclosure.ladder import Ladder
from release.columns import Column
from release.ledger import Entry
from release.specification import Specification
from release.table import Table

BEFORE = "{} before"  # an item's name has no space in it


def known_before(earlier: Iterable[Entry], people: frozenset[bytes], known: Mapping[str, Column]) -> dict[str, int]:
    """The finest level of each trait that an earlier release told of any of these people."""
    found: dict[str, int] = {}
    for entry in earlier:
        if entry.levels and not entry.people.isdisjoint(people):
            for name, level in entry.levels.items():
                found[name] = min(level, found.get(name, level))
    # What no version of the study knows any more cannot be checked; a coarser hierarchy may have fewer levels now.
    return {name: min(level, known[name].highest) for name, level in found.items() if name in known}


class Told:
    """What earlier releases told of the variables that this order recodes, as it was told."""

    def __init__(
        self, people: pl.DataFrame, before: Mapping[str, int], ordered: Specification, known: Mapping[str, Column]
    ) -> None:
        recoded = {*ordered.top, *ordered.bottom, *ordered.rare}
        self._levels = {name: level for name, level in before.items() if name in recoded}
        self._table = Table(people, known)

    def ladders(self) -> dict[str, Ladder]:
        """Each of them at the level at which it was told."""
        return {BEFORE.format(name): self._table.ladder(name, [level]) for name, level in self._levels.items()}

    def columns(self) -> list[pl.Series]:
        """The same as everyone's values."""
        return [self._table.column(name, one).alias(BEFORE.format(name)) for name, one in self._levels.items()]
