"""The answers that are still to be looked at, in random order. In memory only; tells nobody whose they are."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from release.dataset import Dataset
from release.review.answers import Answer

PATIENCE = 1800.0  # seconds


@dataclass
class Queue:
    """What is to be looked at, the one in front first. `which` names it on its page, and says nothing of it."""

    dataset: Dataset = field(repr=False)
    waiting: list[Answer] = field(repr=False)
    whole: int
    which: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    patience: float = PATIENCE
    farewell: str = ""

    @property
    def front(self) -> Answer | None:
        """The answer to look at now."""
        return self.waiting[0] if self.waiting else None

    @property
    def done(self) -> int:
        """How many are decided."""
        return self.whole - len(self.waiting)

    def is_at(self, which: str) -> bool:
        """Whether a page that was shown is about the answer in front."""
        return self.front is not None and secrets.compare_digest(which.encode(), self.which.encode())

    def leave(self) -> None:
        """The answer in front is decided."""
        self.waiting.pop(0)
        self.which = secrets.token_urlsafe(12)

    def put_off(self) -> None:
        """The answer in front comes again at the end."""
        self.waiting.append(self.waiting.pop(0))
        self.which = secrets.token_urlsafe(12)

    def forget(self) -> None:
        """Let go of every answer."""
        self.waiting.clear()


def queue_of(dataset: Dataset, waiting: Iterable[Answer], whole: int) -> Queue:
    """These answers in an order that tells nothing of when they came, or which belong together."""
    shuffled = list(waiting)
    secrets.SystemRandom().shuffle(shuffled)
    return Queue(dataset, shuffled, whole)
