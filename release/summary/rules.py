"""How few people a number of the summary may stand for. The study's design rule R3; settings, not chance.

Within the team a count is 0 or at least 5. Whatever leaves the team holds no count under 10, zero included, and no row
of which everybody gave the same answer; scores have one decimal. Means need ten people in both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """`cell`: the fewest people behind a count; `zero_too`: a 0 is not told either; `mean`: the fewest behind a mean.

    `reliability`: the fewest complete people behind alpha and omega. `decimals` of means.
    """

    cell: int
    zero_too: bool
    decimals: int
    mean: int = 10
    reliability: int = 30

    def may_tell(self, counts: tuple[int, ...]) -> bool:
        """Whether these counts, a whole row of a table, may be told."""
        if self.zero_too:
            return all(count >= self.cell for count in counts)
        return all(count == 0 or count >= self.cell for count in counts)

    def may_leave(self, rest: int) -> bool:
        """Whether this many people may be left over by a filter."""
        return rest == 0 or rest >= self.mean

    @property
    def step(self) -> int:
        """Tallies are told in steps of as many people."""
        return max(self.cell, 5)


TEAM = Rules(cell=5, zero_too=False, decimals=2)
OUTSIDE = Rules(cell=10, zero_too=True, decimals=1)


def rules_for(preset: str | None) -> Rules:
    """The rules of a specification's preset. Whatever is not said to stay within the team counts as leaving it."""
    return TEAM if preset == "team" else OUTSIDE
