"""What falls: parts of the field app, of the database, and commands in the middle of their work. All by `kill -9`."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from flask import Flask

from commands import register
from tests.crash.supervised import SOON, Field, Kept, amanah, kill_group
from tests.crash.tablets import Tablets

SPEC = 'purpose = "test"\ngroups = ["young_person"]\nk = 5\nformats = ["csv"]\nlanguage = "en"\n'
DOZE = 0.02  # seconds between two looks at how far things are


def kill_one_of(kept: Kept, chance: random.Random) -> None:
    """Kill one of the processes that it started."""
    with suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(kept.children()), signal.SIGKILL)


@dataclass
class Chores:
    """Commands that staff and timers run meanwhile, one after another. Each may be killed at any moment."""

    home: Path
    commands: Sequence[Sequence[str]]
    chance: random.Random
    running: subprocess.Popen[bytes] | None = None
    ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def kill(self) -> None:
        """Kill the one that is running."""
        if self.running:
            kill_group(self.running)

    def stop(self) -> None:
        """Let the last one end by itself."""
        self.is_over.set()
        self.thread.join()

    def _run(self) -> None:
        number = 0
        while self.commands and not self.is_over.is_set():
            number += 1
            words = [word.format(number=number) for word in self.chance.choice(self.commands)]
            self.running = amanah(self.home, *words)
            said = self.running.communicate(timeout=10 * SOON)[0].decode(errors="replace")
            code, self.running = self.running.returncode, None
            self.ended[words[0], code] += 1
            # It was killed, or did its work, or said in one sentence why not.
            if code not in (0, 1, -signal.SIGKILL) or "Traceback" in said:
                self.faults.append(f"{words[0]}: {code} {said[-1500:]}")


def chores_of(home: Path, out: Path) -> list[list[str]]:
    """What is run on a demo meanwhile: upkeep, a bundle, a release, and a backup where there is that command."""
    offered = Flask("offered")
    register(offered)
    key = json.loads((home / "demo.json").read_text("utf-8"))["keys"]["research"]
    (home / "order.toml").write_text(SPEC, "utf-8")
    (home / "order.phrase").write_text(key["passphrase"], "utf-8")
    ordered = ["--passphrase-file", f"{home}/order.phrase", "--spec", f"{home}/order.toml"]
    released = ["--source", str(home), "--key", f"{home}/{key['file']}", *ordered]
    every = {
        "maintain": [],
        "bundle": [f"{out}/{{number}}.bundle"],
        "release": [*released, "--out", f"{out}/release-{{number}}"],
        "backup": [f"{out}/backups"],
    }
    return [[name, *words] for name, words in every.items() if name in offered.cli.commands]


@dataclass
class Chaos:
    """Kills something whenever some more visits have come, and counts what."""

    served: Field
    chance: random.Random
    database: Kept | None = None
    chores: Chores | None = None
    killed: Counter[str] = field(default_factory=Counter)

    def strike(self, name: str = "") -> None:
        """Kill this, or something at random."""
        ways = self._ways()
        name = name or self.chance.choice(list(ways))
        ways[name]()
        self.killed[name] += 1

    def strike_while(self, tablets: Tablets, visits: int, kills: Sequence[str], look: Callable[[], None]) -> None:
        """Kill these, or at random where a name is empty, evenly over so many visits; look after each."""
        for number, name in enumerate(kills, 1):
            self._wait(tablets, number * visits // (len(kills) + 1))
            time.sleep(self.chance.uniform(0, 0.2))
            self.strike(name)
            look()

    def _wait(self, tablets: Tablets, visits: int) -> None:
        until = time.monotonic() + 10 * SOON
        while len(tablets.heard.kept) < visits and tablets.are_busy:
            assert time.monotonic() < until, f"it does not go on after {dict(self.killed)}: {self.served.said[-2000:]}"
            time.sleep(DOZE)

    def _ways(self) -> Mapping[str, Callable[[], None]]:
        field_app, ways = self.served.kept, dict[str, Callable[[], None]]()
        ways["a worker"] = partial(kill_one_of, field_app, self.chance)
        ways["the master"] = partial(field_app.kill, whole_group=False)
        ways["the field app"] = partial(field_app.kill, whole_group=True)
        if self.chores and self.chores.running:
            ways["a command"] = self.chores.kill
        if self.database:
            ways["a process of the database"] = partial(kill_one_of, self.database, self.chance)
            ways["the database's first process"] = partial(self.database.kill, whole_group=False)
            ways["the database"] = partial(self.database.kill, whole_group=True)
            ways["everything"] = lambda: (field_app.kill(whole_group=True), self.database.kill(whole_group=True))  # type: ignore[union-attr, func-returns-value]
        return ways
