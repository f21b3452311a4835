"""What a release has a column for: one variable of several versions of a study, and what each version promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from instruments.model import Hierarchy, Item

WITHHELD = ("direct", "open")  # open text waits for a person's review


@dataclass(frozen=True)
class Column:
    """One variable, with its hierarchy in the newest version of the study that has it.

    `versions`: the item in each version that has it, by digest, the newest first. `asked`: the digests of versions
    with the groups of which each asks it.
    """

    item: Item
    hierarchy: Hierarchy | None
    versions: Mapping[str, Item] = field(default_factory=dict)
    asked: frozenset[tuple[str, str]] = frozenset()

    @property
    def asked_of(self) -> frozenset[str]:
        """The groups of which any version asks it."""
        return frozenset(group for _, group in self.asked)

    @property
    def highest(self) -> int:
        """Its coarsest level."""
        return len(self.hierarchy.levels) if self.hierarchy else 0

    @property
    def stored(self) -> int:
        """The coarsest level at which any version stored it; no release can be finer for anybody."""
        stored = (item.stored_level for item in self.versions.values() if item.hierarchy)
        return min(max(stored, default=0), self.highest)

    @property
    def is_known_to_others(self) -> bool:
        """Whether any version says that others could know it."""
        return any(item.privacy == "quasi" for item in (self.item, *self.versions.values()))

    def is_withheld_for(self, version: str) -> bool:
        """Whether the version promised that it is not released: a later version's class does not change that."""
        return version in self.versions and self.versions[version].privacy in WITHHELD
