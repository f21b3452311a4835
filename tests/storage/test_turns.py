"""Two processes write to a SQLite file in turn; nobody waits for one that ended, or for a lock that cannot be made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import Engine

from errors import StoreAway
from storage.engines import open_engine
from storage.office import Office, Outcome, count_nothing, count_visit, create_office
from storage.vaults import Vault, count, create_vault, deposit, erase, write_semblance
from tests.storage.conftest import UNTIL, envelope

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from storage.engines import open_engine
from storage.turns import turn
with turn(open_engine(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(open_engine(f"sqlite:///{tmp_path / 'research.db'}", new=True), "research")
    create_vault(made)
    return made


@contextmanager
def somebody_elses_turn(engine: Engine) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(engine.url)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"mine\n"
            yield process
        finally:
            process.kill()


DEEDS: dict[str, Callable[[Vault], object]] = {
    "keep": lambda vault: deposit(vault, bytes(16), bytes(16), envelope(), UNTIL),
    # What imitates a deed waits as the deed does, or the time would tell them apart.
    "seem to keep": lambda vault: write_semblance(vault, [9_000], os.urandom),
    "erase": lambda vault: erase(vault, bytes(16)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_who_comes_in_somebody_elses_turn_waits_and_goes_on_when_they_are_killed(vault: Vault, deed: str) -> None:
    with ThreadPoolExecutor(1) as threads, somebody_elses_turn(vault.engine) as other:
        done = threads.submit(DEEDS[deed], vault)
        sleep(0.3)
        assert not done.done()
        other.kill()
        done.result(10)
    assert count(vault) == (deed == "keep")


@pytest.mark.parametrize("count_it", [count_visit, count_nothing], ids=["count", "seem to count"])
def test_so_does_the_office_and_what_imitates_its_count(
    tmp_path: Path, count_it: Callable[[Office, Outcome, str], None]
) -> None:
    office = Office(open_engine(f"sqlite:///{tmp_path / 'office.db'}", new=True))
    create_office(office)
    with ThreadPoolExecutor(1) as threads, somebody_elses_turn(office.engine) as other:
        done = threads.submit(count_it, office, "withdrawn", "2026-11")
        sleep(0.3)
        assert not done.done()
        other.kill()
        done.result(10)


def test_nobody_waits_for_long_for_one_that_was_stopped(vault: Vault) -> None:
    with ThreadPoolExecutor(1) as threads, somebody_elses_turn(vault.engine) as other:
        other.send_signal(signal.SIGSTOP)
        kept = threads.submit(deposit, vault, bytes(16), bytes(16), envelope(), UNTIL)
        assert kept.result(10)


def test_reading_waits_for_nobody(vault: Vault) -> None:
    with somebody_elses_turn(vault.engine):
        assert count(vault) == 0


def test_where_no_lock_can_be_made_all_is_kept_as_before(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "research.db.lock").mkdir()
    assert deposit(vault, bytes(16), bytes(16), envelope(), UNTIL)
    assert count(vault) == 1


def test_nothing_is_made_where_a_store_is_gone_with_its_disk(vault: Vault, tmp_path: Path) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(StoreAway):
        deposit(vault, bytes(16), bytes(16), envelope(), UNTIL)
    assert [*tmp_path.iterdir()] == [], "many a file system is mounted over an empty folder only"
