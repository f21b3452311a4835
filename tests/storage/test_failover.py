"""A real Patroni cluster (deploy/ha), and a leading node that is gone from one moment to the next, under load.

`FAILOVERS` (10) and `RESUMES` (30 s, what docs/scale.md states) are the environment's to say.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from commands import opened_study
from config import Settings
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.study import Study
from storage.journal_check import verify_journal
from storage.office import tallies
from storage.stores import close_stores
from storage.tombstones import is_buried
from storage.vaults import rows
from tests.changes import withdrawal_of
from tests.deliveries import Sent, sealed_visit
from tests.house.served import ROOT, Served, serving
from tests.moving import STORES, moved
from tests.staff import bearer

CONNECTIONS = 8
FAILOVERS = int(os.environ.get("FAILOVERS", "10"))
RESUMES = float(os.environ.get("RESUMES", "30"))  # seconds
WITHDRAWN = 10  # of so many, one is withdrawn
PAUSE = 0.2  # seconds before the next try; a tablet waits five at least


@dataclass
class Load:
    """Tablets that deliver until they are told to stop, each visit again and again until it is acknowledged."""

    study: Study
    port: int
    token: dict[str, str]
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: list[tuple[float, Sent]] = field(default_factory=list)
    withdrawn: list[Sent] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    number: int = 0

    def run(self) -> None:
        """One tablet."""
        while not self.stopping.is_set():
            with self.lock:
                self.number += 1
                number = self.number
                sent = sealed_visit(self.study, f"failover {number}")
            self._until_taken("/deliveries", sent.data, self.token)
            with self.lock:
                self.kept.append((time.monotonic(), sent))
            if number % WITHDRAWN == 0:
                asked = json.dumps(withdrawal_of(self.study, sent.receipt)).encode()
                self._until_taken("/withdrawals", asked, {"Content-Type": "application/json"})
                with self.lock:
                    self.withdrawn.append(sent)

    def silence_after(self, moment: float) -> float:
        """Seconds from this moment until the last gap ends in which nothing was acknowledged."""
        with self.lock:
            times = sorted(when for when, _ in self.kept if when >= moment)
        gaps = [(later - before, later) for before, later in zip([moment, *times], times, strict=False)]
        return max(gaps)[1] - moment

    def _until_taken(self, path: str, data: bytes, headers: dict[str, str]) -> None:
        while True:
            status = 0
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("POST", path, data, {"Accept": "application/json"} | headers)
                status = connection.getresponse().status
                connection.close()
            if status in (200, 201):
                return
            with self.lock:
                self.refused.append(status)
            time.sleep(PAUSE)


def trial_clusters() -> Any:
    """deploy/ha/cluster.py, as a module."""
    told = spec_from_file_location("trial_clusters", ROOT / "deploy" / "ha" / "cluster.py")
    assert told
    assert told.loader
    sys.modules["trial_clusters"] = made = module_from_spec(told)
    told.loader.exec_module(made)
    return made


@contextmanager
def delivering(study: Study, served: Served, token: dict[str, str]) -> Iterator[Load]:
    """Load on a served app; over when every visit that was begun is acknowledged."""
    load = Load(study, served.port, token)
    tablets = [threading.Thread(target=load.run) for _ in range(CONNECTIONS)]
    for tablet in tablets:
        tablet.start()
    try:
        yield load
    finally:
        load.stopping.set()
        for tablet in tablets:
            tablet.join(120)


@pytest.fixture
def cluster() -> Iterator[Any]:
    # Short, as the path of a socket may be; in a folder that another account may enter.
    folder = Path(tempfile.mkdtemp(prefix="amanah-ha-", dir="/tmp"))
    made = trial_clusters().new_cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        rmtree(folder)


@pytest.fixture
def standing(cluster: Any, unused: Path, tmp_path: Path) -> Settings:
    """An instance whose three addresses name the cluster."""
    for store in STORES:
        cluster.say(f"create database {store}")
    waiting = iter(STORES)
    return moved(unused, tmp_path / "instance", lambda: cluster.address(next(waiting)))


@pytest.mark.torture
def test_a_leader_that_is_gone_loses_nothing_that_was_acknowledged_and_doubles_nothing(
    cluster: Any, standing: Settings, tmp_path: Path
) -> None:
    study = opened_study(standing)
    now = datetime.now(UTC)
    token = bearer(enrol_tablet(study, new_enrolment(study, "Tablet", "1", now), now)[0])
    with serving(standing.home, tmp_path, is_gunicorn=True) as served, delivering(study, served, token) as load:
        silences = [_failover(cluster, load) for _ in range(FAILOVERS)]
    print(f"{len(load.kept)} deliveries, {len(load.withdrawn)} withdrawn, {len(load.refused)} tries refused")
    print("seconds until deliveries went on:", [round(one, 1) for one in silences])
    assert set(load.refused) <= {0, 503}, "a device reads no other answer than to try again"
    assert_kept(study, load)
    verify_journal(study.stores.office)
    assert max(silences) <= RESUMES
    close_stores(study.stores)


def assert_kept(study: Study, load: Load) -> None:
    """Every acknowledged visit is there once with all its envelopes, and every withdrawn one is not."""
    gone = {sent.parcel("research")["id"] for sent in load.withdrawn}
    kept = [sent for _, sent in load.kept if sent.parcel("research")["id"] not in gone]
    research = [record_id.hex() for record_id, _ in rows(study.stores.research)]
    identity = [record_id.hex() for record_id, _ in rows(study.stores.identity)]
    assert sorted(research) == sorted(sent.parcel("research")["id"] for sent in kept)
    parts = ("identity", "contact", "link")
    assert sorted(identity) == sorted(sent.parcel(one)["id"] for sent in kept for one in parts)
    assert all(is_buried(study.stores.office, bytes.fromhex(sent.parcel("research")["tag"])) for sent in load.withdrawn)
    counted = sum(one.count for one in tallies(study.stores.office) if one.outcome == "finished")
    assert counted <= len(load.kept)


def _failover(cluster: Any, load: Load) -> float:
    begun = len(load.kept)
    while len(load.kept) < begun + 10 * CONNECTIONS:
        time.sleep(0.1)
    leader = cluster.leader()
    before, moment = len(load.kept), time.monotonic()
    cluster.kill(leader)
    cluster.wait_until(lambda roles: "leader" in roles.values() and roles.get(leader.name) != "leader")
    while len(load.kept) < before + 2 * CONNECTIONS and time.monotonic() < moment + 4 * RESUMES:
        time.sleep(0.1)
    cluster.revive()
    return load.silence_after(moment)
