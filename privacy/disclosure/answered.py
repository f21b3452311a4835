"""What the people of each class answered, counted, and how far that is from what everybody answered. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from privacy.disclosure.counting import Flags, Keys, Numbers

Shares = npt.NDArray[np.float64]
AT_ONCE = 4_000_000  # counts that are held together: 32 MB


@dataclass(frozen=True)
class Answered:
    """Rows of people. Of each, its class (below `size`), how many people it is, and by question what they answered.

    An answer is a number in the order of answers, -1 where the question was never put.
    """

    classes: Keys = field(repr=False)
    size: int
    people: Keys = field(repr=False)
    answers: Mapping[str, Numbers] = field(repr=False)

    def values(self, name: str) -> int:
        """How many different answers there are."""
        return int(self.answers[name].max(initial=-1)) + 1

    def least_given(self, name: str) -> int:
        """How many people gave the answer that fewest gave."""
        asked = self.answers[name] >= 0
        counted = np.bincount(self.answers[name][asked], weights=self.people[asked])
        return int(counted[counted > 0].min(initial=0))

    def counts(self, name: str) -> Iterator[tuple[int, Shares]]:
        """How many of each class gave each answer, some classes at a time: the first of them, and a row a class."""
        asked = self.answers[name] >= 0
        classes, answers, people = self.classes[asked], self.answers[name][asked], self.people[asked]
        values = max(self.values(name), 1)
        step = max(AT_ONCE // values, 1)
        for start in range(0, self.size, step):
            rows = min(step, self.size - start)
            ours = slice(None) if rows == self.size else (classes >= start) & (classes < start + rows)
            cells = (classes[ours] - start) * values + answers[ours]
            counted: Shares = np.bincount(cells, people[ours], rows * values).astype(np.float64)
            yield start, counted.reshape(rows, values)

    def shares(self, name: str, kept: Flags) -> Shares:
        """The share of each answer among people of the classes that are kept."""
        ours = (self.answers[name] >= 0) & kept[self.classes]
        counted = np.bincount(self.answers[name][ours], weights=self.people[ours], minlength=max(self.values(name), 1))
        whole: Shares = counted / max(float(counted.sum()), 1.0)
        return whole


def distances(told: Answered, name: str, is_ordered: bool, kept: Flags) -> Shares:
    """How far each class's answers are from those of all classes that are kept, from 0 to 1; 0 where nobody was asked.

    For answers in an order the earth mover's distance, else the variational one (privacy/disclosure/diversity.py).
    """
    whole, found = told.shares(name, kept), np.zeros(told.size)
    there = whole > 0  # an answer that nobody gave who is kept is no step in the order
    for start, counts in told.counts(name):
        asked = counts.sum(axis=1)
        gap = counts[:, there] / np.maximum(asked, 1)[:, None] - whole[there]
        far = np.abs(gap).sum(axis=1) / 2
        if is_ordered:
            far = np.abs(gap.cumsum(axis=1)).sum(axis=1) / max(int(there.sum()) - 1, 1)
        found[start : start + len(counts)] = np.where(asked > 0, far, 0.0)
    return found
