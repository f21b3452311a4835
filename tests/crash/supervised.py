"""The field app as systemd keeps it: gunicorn in a group of its own, started again whenever it falls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.served import GUNICORN, ROOT, free_port, is_listening
from tests.postgres import Cluster, start, wait_until_ready

AGAIN_AFTER = 0.1  # seconds; deploy/amanah.service waits for as long
SOON = 120.0  # seconds that a busy machine may need for what takes one


@dataclass
class Kept:
    """A process that is started again whenever it ends, until it is let go. `begin` starts it in a new group."""

    begin: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] = field(init=False)
    starts: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.watcher = threading.Thread(target=self._keep)
        self._start()
        self.watcher.start()

    def children(self) -> list[int]:
        """The processes that it started itself."""
        with suppress(OSError):
            told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            return [int(number) for number in told.split()]
        return []

    def kill(self, whole_group: bool) -> None:
        """Kill it as it stands, alone or with all that it started."""
        kill_group(self.process) if whole_group else self.process.kill()

    def let_go(self) -> None:
        """End it politely, and see that nothing of it is left."""
        self.is_over.set()
        self.watcher.join()
        self.process.terminate()
        self.process.wait(SOON)
        assert not members(self.process.pid), "something of it is still running"

    def _start(self) -> None:
        self.process = self.begin()
        self.starts += 1

    def _keep(self) -> None:
        while not self.is_over.wait(AGAIN_AFTER):
            if self.process.poll() is not None:
                # What a fallen master leaves goes before a new one comes: systemd clears the whole unit.
                kill_group(self.process)
                self._start()


def members(group: int) -> list[int]:
    """The living processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill all of a group and wait until nobody of it is left."""
    until = time.monotonic() + SOON
    while members(process.pid):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.poll()
        assert time.monotonic() < until, "a group outlives its killing"
        time.sleep(0.01)
    process.wait(SOON)


@dataclass(frozen=True)
class Field:
    """The field app of an instance, kept running. `said`: what it printed."""

    home: Path
    port: int
    kept: Kept
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")


@contextmanager
def kept_running(
    home: Path, around: Path, workers: int = 2, before: Sequence[str] = (), more: Mapping[str, str] | None = None
) -> Iterator[Field]:
    """Serve the instance in `home` as deploy/ does; its output and temporary files stay in `around`.

    `before`: words of a command that starts it; `more` of its environment.
    """
    port, output, scratch = free_port(), around / "output.txt", around / "scratch"
    scratch.mkdir()
    told = {"AMANAH_HOME": str(home), "AMANAH_BIND": f"127.0.0.1:{port}", "AMANAH_WORKERS": str(workers)}
    environment = dict(os.environ) | told | {"TMPDIR": str(scratch)} | dict(more or {})

    def begin() -> subprocess.Popen[bytes]:
        with output.open("ab") as sink:
            return subprocess.Popen(
                [*before, *GUNICORN], cwd=ROOT, env=environment, stdout=sink, stderr=sink, start_new_session=True
            )

    kept = Kept(begin)
    try:
        until = time.monotonic() + SOON
        while not is_listening(port):
            assert time.monotonic() < until, output.read_text(errors="replace")
            time.sleep(0.05)
        yield Field(home, port, kept, output)
    finally:
        kept.let_go()


@contextmanager
def kept_serving(cluster: Cluster) -> Iterator[Kept]:
    """Run PostgreSQL on a cluster and start it again whenever it falls."""
    kept = Kept(lambda: start(cluster))
    try:
        wait_until_ready(kept.process, cluster.folder)
        yield kept
    finally:
        kept.is_over.set()
        kept.watcher.join()
        kept.process.send_signal(signal.SIGINT)
        kept.process.wait(SOON)


def amanah(home: Path, *words: str, **told: str) -> subprocess.Popen[bytes]:
    """One of our own commands, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *words],
        cwd=ROOT,
        env=dict(os.environ) | {"AMANAH_HOME": str(home)} | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
