"""What one desk holds while open: the source, the unlocked key, the opened records, the release. In memory only."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from errors import AmanahError
from release.build import Release
from release.custody import PrivateKey
from release.dataset import Dataset
from release.source import Source
from release.specification import Specification


@dataclass
class Work:
    """Long work in the background, with how far it is and how it failed."""

    done: int = 0
    whole: int = 1
    error: str = ""
    thread: threading.Thread | None = None

    def report(self, done: int, whole: int) -> None:
        """Move the progress bar."""
        self.done, self.whole = done, max(whole, 1)

    @property
    def is_running(self) -> bool:
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()


@dataclass
class Desk:
    """One data manager's desk. Nothing of it is ever written down but the release itself."""

    home: Path
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    source: Source | None = field(default=None, repr=False)
    key: PrivateKey | None = field(default=None, repr=False)
    dataset: Dataset | None = field(default=None, repr=False)
    specification: Specification | None = None
    release: Release | None = field(default=None, repr=False)
    written: Path | None = None
    work: Work = field(default_factory=Work)

    def admits(self, token: str) -> bool:
        """Whether this is the one-time link; it works once."""
        right = self.token is not None and secrets.compare_digest(token, self.token)
        if right:
            self.token = None
        return right

    def forget(self) -> None:
        """Let go of everything opened."""
        self.source = self.key = self.dataset = self.specification = self.release = self.written = None
        self.work = Work()

    def start(self, deed: Callable[[Work], Dataset], whole: int = 1) -> None:
        """Open the records in the background; the pages show how far it is."""
        self.work = work = Work(whole=max(whole, 1))

        def run() -> None:
            try:
                opened = deed(work)
                # A desk that was locked meanwhile has let go of this work: what it opened is not wanted any more.
                if self.work is work:
                    self.dataset = opened
            except AmanahError as error:
                work.error = str(error)
            except Exception:
                # Its message could hold an answer, so it is not shown.
                work.error = "Something went wrong while opening the records. Nothing was written."

        work.thread = threading.Thread(target=run, daemon=True)
        work.thread.start()
