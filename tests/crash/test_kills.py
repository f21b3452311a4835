"""Whatever is killed while visits come in: what was acknowledged is there once, and what was withdrawn stays away."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from commands import addresses_of, opened_study
from config import Settings, read_settings
from errors import StorageError
from fieldwork.instance import add_keys, add_study, found_instance
from fieldwork.study import Study
from storage.office import keyring_json
from storage.stores import close_stores
from tests.conftest import TODAY
from tests.crash.chaos import Chaos, Chores, chores_of
from tests.crash.supervised import SOON, Kept, amanah, kept_running, kept_serving
from tests.crash.tablets import Heard, Tablets
from tests.crash.whole import assert_kept, assert_sound, assert_withdrawn, lacking, left_over
from tests.postgres import Cluster, cluster

VISITS = int(os.environ.get("AMANAH_CRASH_VISITS", "10000"))
KILLS = int(os.environ.get("AMANAH_CRASH_KILLS", "100"))
SEED = int(os.environ.get("AMANAH_CRASH_SEED", "9"))
AN_HOUR = 3600.0
SAMPLE = ("a worker", "the field app", "the master")


def test_what_was_acknowledged_outlives_kills_of_the_field_app(settings: Settings, tmp_path: Path) -> None:
    study = opened_study(settings)
    with kept_running(settings.home, tmp_path) as served:
        tablets = Tablets(study, served.port, 90)
        chaos = Chaos(served, random.Random(SEED))
        tablets.start()
        chaos.strike_while(tablets, 90, SAMPLE, lambda: assert_none_lacks(study, tablets))
        heard = tablets.finish(3 * SOON)
    assert_all_holds(study, settings, heard, 90, tmp_path)
    close_stores(study.stores)


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_hundred_kills_in_twenty_thousand_deliveries(engine: str, tmp_path: Path) -> None:
    with instance_on(engine, tmp_path) as (settings, database):
        study, chance, out = opened_study(settings), random.Random(SEED), tmp_path / "out"
        out.mkdir()
        with kept_running(settings.home, tmp_path) as served:
            chores = Chores(settings.home, chores_of(settings.home, out), chance)
            tablets = Tablets(study, served.port, VISITS, at_once=8)
            chaos = Chaos(served, chance, database, chores)
            tablets.start()
            try:
                chaos.strike_while(tablets, VISITS, [""] * KILLS, lambda: assert_none_lacks(study, tablets))
                heard = tablets.finish(AN_HOUR)
            finally:
                tablets.stopped.set()
                chores.stop()
        print(dict(chaos.killed), dict(heard.statuses), dict(chores.ended))  # noqa: T201 (figures of a long trial)
        assert_all_holds(study, settings, heard, VISITS, tmp_path)
        close_stores(study.stores)
        assert chores.faults == []


def assert_none_lacks(study: Study, tablets: Tablets) -> None:
    until = time.monotonic() + SOON
    while True:
        try:
            assert lacking(study, tablets.heard) == set()
            return
        except (SQLAlchemyError, StorageError):  # a database that is coming up again
            assert time.monotonic() < until
            time.sleep(0.1)


def assert_all_holds(study: Study, settings: Settings, heard: Heard, visits: int, around: Path) -> None:
    """All that must be so once the last visit was taken, and after the next start."""
    close_stores(create_app(settings).extensions["amanah"].stores)
    assert len(heard.kept) == visits
    assert heard.withdrawn
    assert_kept(study, heard)
    assert_withdrawn(study, settings, heard)
    assert_sound(study)
    assert left_over([settings.home]) == []
    assert "Traceback" not in (around / "output.txt").read_text()


@contextmanager
def instance_on(engine: str, around: Path) -> Iterator[tuple[Settings, Kept | None]]:
    """A demo with its keys and nobody in it yet, on this engine; with PostgreSQL, which is kept running meanwhile."""
    home = around / "demo"
    made = amanah(home, "demo", str(home), "--people", "0")
    said = made.communicate(timeout=SOON)[0]
    assert made.returncode == 0, said
    settings = read_settings(home, {})
    if engine == "sqlite":
        yield settings, None
        return
    with cluster(on_disk=True) as one, kept_serving(one) as database:
        yield moved(settings, one), database


def moved(settings: Settings, to: Cluster) -> Settings:
    """The same instance, begun anew on PostgreSQL."""
    before = opened_study(settings).stores
    ring = keyring_json(before.office)
    close_stores(before)
    assert ring
    superuser, lines = create_engine(to.address, isolation_level="AUTOCOMMIT"), []
    with superuser.connect() as connection:
        for store in ("research", "identity", "office"):
            connection.execute(text(f"create database {store}"))
            lines.append(f'{store}_database = "{to.address.replace("/postgres?", f"/{store}?")}"\n')
    superuser.dispose()
    with (settings.home / "settings.toml").open("a") as file:
        file.writelines(lines)
    settings = read_settings(settings.home, {})
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, settings.study, ring, TODAY)
    close_stores(stores)
    return settings
