"""What earlier releases tell of the people of a new one: the check for k is made on both together.

Two releases of the same people can be joined: by their ids where the purpose is one, by all the answers where it is
not. Whoever joins them knows each trait at the finer of the two levels, so that is the level at which it is checked,
also where the new release does not hold that trait at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from release.columns import Column
from release.ledger import Entry


def known_before(earlier: Iterable[Entry], people: frozenset[bytes], known: Mapping[str, Column]) -> dict[str, int]:
    """The finest level of each trait that an earlier release told of any of these people."""
    found: dict[str, int] = {}
    for entry in earlier:
        if entry.levels and not entry.people.isdisjoint(people):
            for name, level in entry.levels.items():
                found[name] = min(level, found.get(name, level))
    # What no version of the study knows any more cannot be checked; a coarser hierarchy may have fewer levels now.
    return {name: min(level, known[name].highest) for name, level in found.items() if name in known}
