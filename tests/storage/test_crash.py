"""A process killed in the middle of its work loses nothing that it acknowledged, and leaves nothing by halves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from privacy.envelope import Envelope
from storage.engines import is_sqlite, open_engine
from storage.stores import Addresses, Stores, close_stores, open_stores
from storage.vaults import Vault, create_vault, deposit, erase, records, rewrite, rows, tags
from tests.postgres import cluster, serving
from tests.storage.conftest import UNTIL, envelope

ROOT = Path(__file__).parents[2]
HEAD = """
import secrets, sys
from storage.engines import open_engine
from storage.vaults import Vault, deposit, erase, rewrite, rows
from tests.storage.conftest import UNTIL, envelope
vault = Vault(open_engine(sys.argv[1]), "research")
print("ready", flush=True)
"""
WRITER = """
while True:
    record_id = secrets.token_bytes(16)
    deposit(vault, record_id, record_id, envelope(), UNTIL)
    print(record_id.hex(), flush=True)
"""
ERASER = """
for record_id, _ in list(rows(vault)):
    erase(vault, record_id)
    print(record_id.hex(), flush=True)
"""
REWRITER = """
while True:
    rewrite(vault)
    print("", flush=True)
"""


def killed(deed: str, address: str, after: float) -> list[bytes]:
    """Let a process do its deed again and again and kill it in the middle; what it said it had done."""
    with subprocess.Popen(
        [sys.executable, "-c", HEAD + deed, address],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        first = process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        said = [first, *process.stdout]
    _wait_until_alone(address)
    return [bytes.fromhex(line) for line in said]


def _wait_until_alone(address: str) -> None:
    """PostgreSQL's own process ends what a killed client had asked of it; until then two looks may differ."""
    if address.startswith("sqlite"):
        return
    engine = create_engine(address)
    others = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
    )
    with engine.connect() as connection:
        deadline = time.monotonic() + 60
        while connection.execute(others).scalar_one():
            connection.rollback()
            assert time.monotonic() < deadline, "a killed client's session goes on"
            time.sleep(0.02)
    engine.dispose()


def fill(vault: Vault, kept: Mapping[bytes, Envelope]) -> None:
    """Put records there with their tags, at once: what is tried here begins after they have come."""
    as_kept = {record_id: one.to_bytes() for record_id, one in kept.items()}
    with vault.engine.begin() as connection:
        for record_id, data in as_kept.items():
            connection.execute(insert(records).values(id=record_id, digest=sha256(data).digest(), envelope=data))
            connection.execute(insert(tags).values(tag=record_id, id=record_id, until=UNTIL))


def assert_whole(vault: Vault) -> set[bytes]:
    """Every record has its tag and every tag its record, and every envelope is one. Returns the ids."""
    found = {record_id for record_id, _ in rows(vault)}
    with vault.engine.connect() as connection:
        assert {bytes(one) for one in connection.scalars(select(tags.c.id))} == found
        if is_sqlite(vault.engine):
            assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
    return found


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_before_a_kill_is_there_after_it(stores: Stores, addresses: Addresses, seed: int) -> None:
    acknowledged = killed(WRITER, addresses.research, random.Random(seed).uniform(0.05, 0.4))
    opened = open_stores(addresses)
    found = assert_whole(opened.research)
    assert acknowledged
    assert set(acknowledged) <= found
    # The one that was under way may have been kept as well; it can be sent again without harm.
    assert len(found) <= len(acknowledged) + 1
    close_stores(opened)


def test_what_was_erased_before_a_kill_stays_erased_and_the_rest_stays(stores: Stores, addresses: Addresses) -> None:
    before = {os.urandom(16) for _ in range(400)}
    one = envelope()
    fill(stores.research, dict.fromkeys(before, one))
    close_stores(stores)
    erased = killed(ERASER, addresses.research, 0.05)
    opened = open_stores(addresses)
    found = assert_whole(opened.research)
    assert erased
    assert found
    assert not found & set(erased)
    assert len(before - found) <= len(erased) + 1
    assert found <= before
    close_stores(opened)


def test_a_kill_in_the_middle_of_maintenance_loses_no_row(stores: Stores, addresses: Addresses) -> None:
    ids = {os.urandom(16) for _ in range(200)}
    fill(stores.research, {record_id: envelope() for record_id in ids})
    close_stores(stores)
    for seed in range(3):
        killed(REWRITER, addresses.research, random.Random(seed).uniform(0.0, 0.1))
        opened = open_stores(addresses)
        assert assert_whole(opened.research) == ids
        rewrite(opened.research)
        close_stores(opened)


def test_what_a_crashed_postgresql_acknowledged_is_there_when_it_comes_back() -> None:
    with cluster() as made:
        with serving(made) as server:
            vault = Vault(open_engine(made.address), "research")
            create_vault(vault)
            acknowledged, gone = [os.urandom(16) for _ in range(100)], os.urandom(16)
            deposit(vault, gone, gone, envelope(), UNTIL)
            for record_id in acknowledged:
                deposit(vault, record_id, record_id, envelope(), UNTIL)
            erase(vault, gone)
            # PostgreSQL's "immediate": every process ends on the spot and writes nothing more.
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
            vault.engine.dispose()
        with serving(made):
            assert "was not properly shut down" in (made.folder / "log").read_text(), "it must have been a crash"
            vault = Vault(open_engine(made.address), "research")
            assert assert_whole(vault) == set(acknowledged)
            vault.engine.dispose()


@pytest.mark.torture
def test_two_hundred_kills_lose_nothing(tmp_path: Path, database: Callable[[], str]) -> None:
    chance = random.Random(7)
    for address in (f"sqlite:///{tmp_path}/many.db", database()):
        vault = Vault(open_engine(address, new=True), "research")
        create_vault(vault)
        acknowledged: set[bytes] = set()
        for _ in range(100):
            acknowledged |= set(killed(WRITER, address, chance.uniform(0, 0.3)))
            assert acknowledged <= assert_whole(vault)
        vault.engine.dispose()
    assert acknowledged
