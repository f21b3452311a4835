"""Killed at any step, a backup or a restore leaves the old state or the new one, and the next run ends or undoes it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldwork.backups.keeping import backups_in, tidy, why_not_whole
from fieldwork.backups.making import make_backup
from fieldwork.backups.manifest import read_manifest
from fieldwork.backups.restoring import STAGING, begin_to_serve
from fieldwork.withdrawal import withdraw
from storage.journal import Act, read_journal
from storage.journal_check import verify_journal
from storage.placing import READY
from storage.tombstones import is_buried
from storage.vaults import count, how_many
from tests.backups import LATER, Lived, arrive, lived
from tests.conftest import TODAY, Keys, contents, new_instance

ROOT = Path(__file__).parents[2]
PEOPLE, GONE = 4, 2
# Each line of its input names a deed, an instance and a step: a child does the deed there and is killed when it comes
# to that step. A step is whatever changes a folder or opens a file to write or a database; at step 0 it ends by itself.
KILLER = """
import os, signal, sys
from datetime import date
from pathlib import Path
import fieldwork.instance
from fieldwork.backups import making, restoring
from fieldwork.backups.staging import Wanted
from storage.stores import open_stores
from tests.backups import LATER, Lived, TODAY

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect", "open"}

def backup(here):
    making.make_backup(open_stores(here.instance.addresses), here.instance, here.backups, TODAY)

def restore(here):
    restoring.restore(here.instance, here.backup, Wanted(), replace=True, today=LATER)

def do(deed, home, fatal):
    steps, names = 0, []
    def hook(event, told):
        nonlocal steps
        if event not in STEPS or event == "open" and not told[2] & (os.O_WRONLY | os.O_RDWR):
            return
        steps += 1
        if event == "os.rename":
            names.append(steps)
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    globals()[deed](Lived(Path(home), ()))
    print(steps, *names, flush=True)
    os._exit(0)

for line in sys.stdin:
    deed, home, fatal = line.split()
    child = os.fork()
    if not child:
        do(deed, home, int(fatal))
    ended = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(ended):
        print("killed", flush=True)
    elif ended:
        print("failed", flush=True)
"""


class Killer:
    """A process that does a deed in one instance after another, in children that are killed."""

    def __init__(self) -> None:
        command, environment = [sys.executable, "-c", KILLER], os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    def __call__(self, deed: str, here: Lived, step: int) -> str:
        """How the deed ended: "killed", or how many steps it had, and at which it gave something another name."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{deed} {here.home} {step}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.end()


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Lived:
    """An instance that was backed up; then two withdrew and another one came."""
    here = lived(new_instance(tmp_path_factory.mktemp("killed") / "instance", keys), PEOPLE)
    with here.study() as study:
        for one in here.visits[:GONE]:
            withdraw(study, one.receipt.grouped, LATER)
        arrive(study, "later", today=LATER)
    return here


def some(told: str, number: int) -> list[int]:
    """Steps to be killed at: the last, two among those that give names, and others at random."""
    steps, *names = map(int, told.split())
    chance = random.Random(steps)
    return sorted({steps, *names[-1:], *names[-4:-3], *(chance.randrange(1, steps) for _ in range(number))})


def restored_or_not(here: Lived, before: dict[Path, bytes]) -> bool:
    """Whether the backup stands there now. Whichever does, it is whole, and nobody who withdrew is back."""
    os.close(begin_to_serve(here.instance))
    assert [path for path in here.home.rglob("*") if path.name == STAGING or path.name.endswith(READY)] == []
    with here.study() as study:
        assert verify_journal(study.stores.office)
        is_restored = read_journal(study.stores.office)[-1].act == Act.BACKUP_RESTORED
        kept = PEOPLE - GONE + (not is_restored)
        assert (count(study.stores.research), count(study.stores.identity)) == (kept, 3 * kept)
        for one in here.visits[:GONE]:
            tag = bytes.fromhex(one.parcel("research")["tag"])
            assert is_buried(study.stores.office, tag)
            assert how_many(study.stores.research, tag) == 0
        for engine in (study.stores.research.engine, study.stores.identity.engine, study.stores.office.engine):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
    if not is_restored:
        assert {path: data for path, data in before.items() if data != path.read_bytes()} == {}
    return is_restored


def kill_restores(left: Lived, killer: Killer, folder: Path, number: int) -> None:
    whole = killer("restore", left.copy(folder / "whole"), 0)
    outcomes = set()
    for step in some(whole, number):
        here = left.copy(folder / str(step))
        before = contents(here.home)
        assert killer("restore", here, step) == "killed"
        outcomes.add(restored_or_not(here, before))
    assert outcomes == {True, False}, "kills before and after the mark"


def kill_backups(left: Lived, killer: Killer, folder: Path, number: int) -> None:
    whole = killer("backup", left.copy(folder / "whole"), 0)
    outcomes = set()
    for step in some(whole, number):
        here = left.copy(folder / str(step))
        before = read_manifest(here.backup)
        assert killer("backup", here, step) == "killed"
        tidy(here.backups)
        assert why_not_whole(here.backup, thorough=True) == ""
        outcomes.add(read_manifest(here.backup) == before)
        with here.study() as study:
            make_backup(study.stores, here.instance, here.backups, LATER)
        assert set(backups_in(here.backups).values()) == {TODAY, LATER}
        assert sorted(path.name for path in here.backups.iterdir()) == [TODAY.isoformat(), LATER.isoformat()]
    assert outcomes == {True, False}, "kills before and after it had its name"


def test_a_restore_killed_at_some_steps(left: Lived, killer: Killer, tmp_path: Path) -> None:
    kill_restores(left, killer, tmp_path, 2)


def test_a_backup_killed_at_some_steps(left: Lived, killer: Killer, tmp_path: Path) -> None:
    kill_backups(left, killer, tmp_path, 1)


@pytest.mark.torture
def test_a_restore_killed_at_many_steps(left: Lived, killer: Killer, tmp_path: Path) -> None:
    kill_restores(left, killer, tmp_path, 150)


@pytest.mark.torture
def test_a_backup_killed_at_many_steps(left: Lived, killer: Killer, tmp_path: Path) -> None:
    kill_backups(left, killer, tmp_path, 100)
