"""The units of deploy/ are shut as far as systemd can shut them: by its own score, without a systemd that runs."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from config import Settings
from fieldwork.study import Study
from instruments.model import Instrument
from tests.house.journey import journey
from tests.house.served import ROOT, serving

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
LARGEST = 2.5  # exposure, of 10; docs/deploy.md states it
SAME = ("NoNewPrivileges", "Protect", "Private", "Restrict", "System", "Capability", "IPAddress", "MemoryDeny", "Lock")
OF_WORKERS = {"SystemCallFilter=sched_setaffinity"}  # each stays on one core
# Units of Debian's that deploy/ has a drop-in for: no more of each than what the score looks at.
OF_DEBIAN = {
    "nginx.service": ("nginx-hardening.conf", "[Service]\nType=forking\nExecStart=/usr/sbin/nginx\n"),
    "postgresql@.service": ("postgres/hardening.conf", "[Service]\nType=forking\nExecStart=-/usr/bin/pg_ctlcluster\n"),
}


def analysed(verb: str, *words: object) -> str:
    tool = shutil.which("systemd-analyze")
    assert tool, "systemd-analyze is needed to judge the units. Please run: apt install systemd"
    told = subprocess.run([tool, verb, *map(str, words)], capture_output=True, text=True)
    return told.stdout + told.stderr


def exposure(*words: object) -> float:
    found = re.findall(r"exposure level for \S+: ([\d.]+)", analysed("security", "--offline=true", *words))
    assert found, words
    return max(map(float, found))


def test_every_unit_of_ours_is_shut() -> None:
    assert len(UNITS) >= 3
    assert exposure(*(DEPLOY / name for name in UNITS)) <= LARGEST
    told = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert f"at most {LARGEST}" in told


@pytest.mark.parametrize("unit", OF_DEBIAN)
def test_what_stands_beside_the_field_app_is_shut_by_a_drop_in(unit: str, tmp_path: Path) -> None:
    drop_in, debian = OF_DEBIAN[unit]
    units = tmp_path / "etc" / "systemd" / "system"
    (units / f"{unit}.d").mkdir(parents=True)
    (units / unit).write_text(debian)
    assert exposure(f"--root={tmp_path}", unit) > 8
    shutil.copy(DEPLOY / drop_in, units / f"{unit}.d" / "amanah.conf")
    assert exposure(f"--root={tmp_path}", unit) <= LARGEST


def test_systemd_understands_every_line() -> None:
    said = analysed("verify", *(path for kind in ("service", "timer", "socket") for path in DEPLOY.glob(f"*.{kind}")))
    # Those programs are not on this machine; nothing else may be said.
    assert [line for line in said.splitlines() if "is not executable: No such file" not in line] == []


def walls(name: str) -> list[str]:
    return [line for line in (DEPLOY / name).read_text("utf-8").splitlines() if line.startswith(SAME)]


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_has_the_same_walls(name: str) -> None:
    assert set(walls("amanah.service")) - OF_WORKERS <= set(walls(name))


def test_whoever_comes_during_a_restart_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests/shell/test_restart.py tries with visitors, in long trials, is what the units say."""
    monkeypatch.syspath_prepend(str(ROOT))
    conf = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    service, door = ((DEPLOY / name).read_text("utf-8").splitlines() for name in ("amanah.service", "amanah.socket"))
    lines = {"Requires=amanah.socket", "Type=notify", "KillMode=mixed", "ExecReload=/bin/kill -HUP $MAINPID"}
    assert lines - set(service) == set()
    assert f"Backlog={conf['backlog']}" in door
    (waits,) = (int(line.partition("=")[2]) for line in service if line.startswith("TimeoutStopSec="))
    assert waits > conf["graceful_timeout"], "systemd waits for longer than a worker may take"


@pytest.mark.parametrize("name", UNITS)
def test_no_unit_writes_memory_to_a_disk(name: str) -> None:
    told = (DEPLOY / name).read_text("utf-8").splitlines()
    assert {"UMask=0077", "LimitCORE=0", "MemorySwapMax=0", "User=amanah"} <= set(told)


@cache
def group(name: str) -> frozenset[str]:
    """The system calls of one of systemd's groups, with those of the groups in it."""
    listed = [line.strip() for line in analysed("syscall-filter", name).splitlines()[1:]]
    words = [word for word in listed if word and not word.startswith("#")]
    return frozenset().union(*(group(word) if word.startswith("@") else {word} for word in words))


def let_through(unit: str) -> set[str]:
    """What a unit's filters leave, in the order of its lines."""
    left: set[str] = set()
    for told in re.findall(r"(?m)^SystemCallFilter=(.*)$", (DEPLOY / unit).read_text("utf-8")):
        named = frozenset().union(*(group(word) for word in told.removeprefix("~").split()))
        left = left - named if told.startswith("~") else left | named
    return left


def asked_for(trace: Path) -> set[str]:
    return set(re.findall(r"(?m)^\d+ +(\w+)\(", trace.read_text("utf-8", "replace")))


@pytest.mark.torture
def test_the_units_let_through_every_system_call_that_is_needed(
    settings: Settings, study: Study, instrument: Instrument, tmp_path: Path
) -> None:
    """A whole journey under gunicorn, and each nightly command, traced; a call that a filter refuses would fail."""
    tool = shutil.which("strace")
    assert tool, "strace is needed for this trial. Please run: apt install strace"
    for unit in UNITS:
        trace = tmp_path / f"{unit}.trace"
        under = (tool, "-D", "-f", "-qq", "-o", str(trace))
        if unit == "amanah.service":
            with serving(settings.home, tmp_path, is_gunicorn=True, under=under) as served:
                journey(served.send, study, instrument, settings.home)
        else:
            command = re.findall(r"(?m)^ExecStart=\S+/flask (\S+)(.*)$", (DEPLOY / unit).read_text("utf-8"))[0]
            words = [command[0], *([str(tmp_path / "backups")] if command[1] else [])]
            run = [*under, sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *words]
            ended = subprocess.run(run, env=dict(os.environ) | {"AMANAH_HOME": str(settings.home)}, capture_output=True)
            # Of a demo, health has something to say, and 1 says so.
            assert (ended.returncode, ended.stderr) == (unit == "amanah-health.service", b""), unit
        asked = asked_for(trace)
        assert len(asked) > 30, unit
        # SQLite gives its log to the owner of the store, if root is who asks; a unit's account is not.
        assert asked - let_through(unit) - ({"fchown"} if os.geteuid() == 0 else set()) == set(), unit
