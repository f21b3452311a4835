"""What was read out of a whole journal, kept for as long as no entry is added to it. Holds a few at most."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

MOST = 8  # more than the offices that one process ever has open
Thing = TypeVar("Thing")


@dataclass
class Newest(Generic[Thing]):
    """Findings by the hash of the newest entry. Each act of staff makes another, so the oldest finding is let go."""

    kept: OrderedDict[str, Thing] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, newest: str, read: Callable[[], Thing]) -> Thing:
        """What is known under this hash, or what is read now."""
        with self.lock:
            if newest in self.kept:
                return self.kept[newest]
        found = read()
        with self.lock:
            self.kept[newest] = found
            while len(self.kept) > MOST:
                self.kept.popitem(last=False)
        return found
