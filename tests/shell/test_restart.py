"""A restart and a reload lose no request: visitors behind nginx are answered while everything behind it is replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config import Settings
from tests.house.served import GUNICORN, ROOT, Served
from tests.shell.test_deploy import Fronted, fronted

ROUNDS = int(os.environ.get("RESTARTS", "3"))
VISITORS = 12
# What systemd does before it starts a service that a socket unit listens for.
ACTIVATED = """
import os, sys
for place, given in enumerate(sys.argv[1].split(",")):
    os.dup2(int(given), 3 + place)
os.environ.update(LISTEN_FDS=str(place + 1), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""

# deploy/gunicorn.conf.py, but that each request is in hand for a while: so some are, whenever the workers are replaced.
SLOWLY = """
import runpy, time
globals().update(runpy.run_path({conf!r}))
def pre_request(worker, request):
    time.sleep(0.3)
"""


@dataclass
class Held:
    """Sockets that stay open while what answers on them comes and goes, as amanah.socket holds them."""

    home: Path
    folder: Path
    doors: tuple[socket.socket, socket.socket]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def ports(self) -> tuple[int, int]:
        return self.doors[0].getsockname()[1], self.doors[1].getsockname()[1]

    def start(self) -> None:
        fds = [door.fileno() + 20 for door in self.doors]
        for door, fd in zip(self.doors, fds, strict=True):
            os.dup2(door.fileno(), fd)
        public, watch = self.ports
        told = {"AMANAH_HOME": str(self.home), "AMANAH_WATCH": f"127.0.0.1:{watch}", "TMPDIR": str(self.folder)}
        conf = self.folder / "slowly.py"
        conf.write_text(SLOWLY.format(conf=GUNICORN[-1]), "utf-8")
        with (self.folder / "output.txt").open("ab") as sink:
            command = [sys.executable, "-c", ACTIVATED, ",".join(map(str, fds)), *GUNICORN[:-1], str(conf)]
            process = subprocess.Popen(
                command, cwd=ROOT, env=dict(os.environ) | told, pass_fds=fds, stdout=sink, stderr=sink
            )
        for fd in fds:
            os.close(fd)
        self.running.append(process)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process = self.running.pop(0)
        process.send_signal(how)
        process.wait(60)

    def workers(self) -> set[int]:
        told = Path(f"/proc/{self.running[-1].pid}/task/{self.running[-1].pid}/children").read_text()
        return set(map(int, told.split()))

    def reload(self) -> None:
        """Let every worker be replaced, and wait until none of the old ones is there."""
        before = self.workers()
        self.running[-1].send_signal(signal.SIGHUP)
        until = time.monotonic() + 60
        while self.workers() & before and time.monotonic() < until:
            time.sleep(0.1)
        assert not self.workers() & before


@contextmanager
def held(home: Path, folder: Path) -> Iterator[Held]:
    doors = socket.create_server(("127.0.0.1", 0), backlog=512), socket.create_server(("127.0.0.1", 0), backlog=512)
    made = Held(home, folder, doors)
    made.start()
    try:
        yield made
    finally:
        while made.running:
            made.stop()
        for door in doors:
            door.close()


@dataclass
class Visitors:
    """Threads that ask one thing after the other, and write down how they were answered."""

    front: Fronted
    counted: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def visit(self) -> None:
        while not self.over.is_set():
            for method, path, body in (("GET", "/visit/young_person", None), ("POST", "/deliveries", b"x" * 20_000)):
                try:
                    told = str(self.front.send(method, path, body).status)
                except OSError as error:
                    told = type(error).__name__
                self.counted[f"{method} {told}"] += 1

    def until_served(self) -> None:
        """Wait until twice as many were answered as there are visitors: then all are on their way again, in hand."""
        wanted = self.counted.total() + 2 * VISITORS
        until = time.monotonic() + 60
        while self.counted.total() < wanted and time.monotonic() < until:
            time.sleep(0.01)
        assert self.counted.total() >= wanted

    @contextmanager
    def coming(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.visit) for _ in range(VISITORS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(90)


@pytest.mark.torture
def test_nobody_notices_reloads_restarts_and_an_upgrade_of_the_server(settings: Settings, tmp_path: Path) -> None:
    told = settings.home / "settings.toml"
    secure = told.read_text("utf-8").replace("secure_cookies = false", "secure_cookies = true")
    told.write_text(secure + 'hosts = "study.example.org"\ntrusted_proxies = 1\n', "utf-8")
    with held(settings.home, tmp_path) as app:
        behind = Served(app.ports[0], app.running[0], tmp_path / "output.txt", tmp_path)
        with fronted(behind, settings, tmp_path / "nginx") as front:
            visitors = Visitors(front)
            with visitors.coming():
                for _ in range(ROUNDS):
                    visitors.until_served()
                    app.reload()
                    visitors.until_served()
                    app.stop()
                    assert app.running == [], "nobody answers now, and whoever comes waits"
                    time.sleep(0.5)
                    app.start()
                visitors.until_served()
    assert set(visitors.counted) == {"GET 200", "POST 401"}, visitors.counted
    assert visitors.counted.total() > 20 * ROUNDS
