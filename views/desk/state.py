"""What one desk holds while open: the source, the unlocked key, the opened records, the release. In memory only."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from errors import AmanahError
from release.beforehand import Look
from release.build import Release
from release.custody import PrivateKey
from release.dataset import Dataset
from release.source import Source
from release.specification import Specification
from views.work import PATIENCE, Clock, What, Work, awake

Turn = AbstractContextManager[bool]  # one thread has it at a time
ANSWER_WAITS = 600.0  # seconds without a page, after which the answer to a form is forgotten


class Held(Protocol):
    """What one task holds in memory: a ceremony, the custodians' key. It can be forgotten at any moment."""

    @property
    def patience(self) -> float:
        """After so many seconds without a page it is forgotten."""

    @property
    def farewell(self) -> str:
        """What the home page says once it was forgotten before its end; empty where nothing need be said."""

    def forget(self) -> None:
        """Overwrite what is secret in it, as far as Python allows."""


@dataclass(frozen=True)
class Answer:
    """What a form was answered by, until the browser asks for it at `path` by its number."""

    number: int
    path: str
    page: str = field(repr=False)
    status: int = 200


@dataclass
class Desk:
    """One study's desk. Nothing of it is ever written down but what a task says that it writes."""

    home: Path
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    source: Source | None = field(default=None, repr=False)
    keys: tuple[PrivateKey, ...] = field(default=(), repr=False)  # research keys, the oldest first
    dataset: Dataset | None = field(default=None, repr=False)
    specification: Specification | None = None
    release: Release | None = field(default=None, repr=False)
    look: Look | None = None  # of what has no rows
    told: dict[str, Any] | None = None  # what the page Specify says, so that it is there again
    written: Path | None = None
    work: Work = field(default_factory=Work)
    held: dict[str, Held] = field(default_factory=dict, repr=False)  # each task's own, by the task's name
    clock: Clock = field(default=awake, repr=False)
    today: Callable[[], date] = field(default=date.today, repr=False)
    touched: float = field(init=False)
    farewell: str = ""
    answer: Answer | None = None
    answers: int = 0  # how many were given
    turn: Turn = field(default_factory=threading.RLock, repr=False)  # one request, or one look at what was left alone
    changing: Turn = field(default_factory=threading.RLock, repr=False)  # while what work made comes in, or all goes

    def __post_init__(self) -> None:
        self.touched = self.clock()

    @property
    def is_holding(self) -> bool:
        """Whether there is anything to forget."""
        return self.source is not None or bool(self.held)

    def admits(self, token: str) -> bool:
        """Whether this is the one-time link; it works once."""
        right = self.token is not None and secrets.compare_digest(token, self.token)
        if right:
            self.token = None
        return right

    def forget(self) -> None:
        """Let go of everything opened, and overwrite the keys."""
        with self.changing:
            self._forget()

    def _forget(self) -> None:
        for key in self.keys:
            key.forget()
        self.keys = ()
        self.source = self.dataset = self.specification = self.release = self.look = self.written = None
        self.told = self.answer = None
        self.work.is_stopped = True
        self.work = Work()
        for name in tuple(self.held):
            self.let_go(name)

    def let_go(self, name: str) -> None:
        """Forget what this task holds; the home page says what that means."""
        one = self.held.pop(name, None)
        if one is not None:
            self.answer = None
            self.farewell = one.farewell
            one.forget()

    def forget_idle(self, now: float) -> None:
        """Forget what was left alone for longer than it may be. `now`: as `clock` counts."""
        for name, one in tuple(self.held.items()):
            if now - self.touched > one.patience:
                self.let_go(name)
        if now - self.touched > ANSWER_WAITS:
            self.answer = None

    def keep_watch(self, pause: float = 15) -> None:
        """Look every `pause` seconds for what was left alone, also when nobody asks for a page."""

        def watch() -> None:
            while True:
                time.sleep(pause)
                with self.turn:
                    self.forget_idle(self.clock())

        threading.Thread(target=watch, daemon=True).start()

    def start(self, deed: Callable[[Work], object], what: What, whole: int = 1) -> Work:
        """Do something long in the background; the pages show how far it is. What is short is done on return."""
        self.work = work = Work(what, whole=max(whole, 1), began=self.clock(), clock=self.clock)

        def run() -> None:
            try:
                made = deed(work)
                # A desk that was locked meanwhile has let go of this work: what it made is not wanted any more.
                with self.changing:
                    if self.work is work:
                        setattr(self, what, made)
            except AmanahError as error:
                work.error = str(error)
            except OSError:
                work.error = "The folder for releases cannot be written. Nothing was written."
            except Exception:
                # Its message could hold an answer, so it is not shown.
                work.error = "Something went wrong. Nothing was written."

        work.thread = threading.Thread(target=run, daemon=True)
        work.thread.start()
        if what != "dataset":
            work.thread.join(PATIENCE)
        return work
