"""A fresh instance with a tablet enrolled, and the server in front of it, each run as it is run in the field."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bench.instance import make_instance
from commands import addresses_of
from config import Settings, read_settings
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.instance import open_study
from fieldwork.study import Study

ROOT = Path(__file__).resolve().parents[2]
Server = Literal["gunicorn", "waitress"]
COMMANDS: Mapping[Server, tuple[str, ...]] = {
    "gunicorn": ("-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")),
    "waitress": ("-c", "import os; from app import *; serve_field(create_app(), int(os.environ['AMANAH_PORT']))"),
}
OF_THE_UNIT = {"MALLOC_ARENA_MAX": "2"}  # what deploy/amanah.service sets
STARTS_WITHIN = 60  # seconds
MIB = 1024  # kB, as /proc counts


@dataclass(frozen=True)
class Field:
    """An instance to load. `environment` names it and its databases; `token` is its tablet's."""

    study: Study
    environment: Mapping[str, str]
    token: str


def make_field(home: Path, databases: Mapping[str, str]) -> Field:
    """A new instance in this folder, in these databases (by store; SQLite files of its own where there are none)."""
    told = {f"AMANAH_{store.upper()}_DATABASE": address for store, address in databases.items()}
    settings = make_instance(home, environment=told)[0]
    study = study_of(settings)
    code = new_enrolment(study, "Tablet 1", "1", datetime.now(UTC))
    token, _ = enrol_tablet(study, code, datetime.now(UTC))
    return Field(study, told | {"AMANAH_HOME": str(home)}, token)


def study_of(settings: Settings) -> Study:
    """The study of an instance, opened."""
    return open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)


def settings_of(field: Field) -> Settings:
    """Its settings, as a process of its environment reads them."""
    return read_settings(Path(field.environment["AMANAH_HOME"]), field.environment)


@dataclass(frozen=True)
class Served:
    """A server that runs: its port, its own process."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The processes that answer: gunicorn's children, or waitress itself."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in told] or [self.process.pid]

    def used(self) -> float:
        """Seconds of all cores that they have needed so far."""
        return sum(cores_of(pid) for pid in self.workers())

    def peak_memory(self) -> float:
        """MiB that the largest of them needed so far."""
        return max(memory_of(pid, "VmHWM") for pid in self.workers())


def memory_of(pid: int, line: Literal["VmHWM", "VmRSS"]) -> float:
    """MiB of a process: what it needed at most, or what it has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(text.split()[1]) for text in lines if text.startswith(f"{line}:")) / MIB


def files_of(pid: int) -> int:
    """How many files, sockets among them, a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def cores_of(pid: int) -> float:
    """Seconds of all cores that a process has needed."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(field: Field, server: Server, log: Path) -> Iterator[Served]:
    """Run a server until it is done with; what it prints goes into `log`."""
    port = free_port()
    own = {"AMANAH_BIND": f"127.0.0.1:{port}", "AMANAH_PORT": str(port), "PYTHONPATH": str(ROOT), **OF_THE_UNIT}
    with log.open("wb") as file:
        command = [sys.executable, *COMMANDS[server]]
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(os.environ) | dict(field.environment) | own, stdout=file, stderr=file
        )
    try:
        _wait(process, port, log)
        yield Served(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0 and _answers(line):
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start: {log.read_text()}")


def _answers(line: socket.socket) -> bool:
    line.settimeout(STARTS_WITHIN)
    line.sendall(b"GET /keyring.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    return line.recv(12).endswith(b"200")
