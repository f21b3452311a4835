"""A whole instance moves from SQLite into PostgreSQL by a backup, and there too no backup undoes a withdrawal."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldwork.backups.making import make_backup
from fieldwork.backups.restoring import begin_to_serve, restore
from fieldwork.backups.staging import Wanted
from fieldwork.instance import add_keys
from fieldwork.withdrawal import withdraw
from storage.journal_check import verify_journal
from storage.vaults import count, how_many, rewrite
from tests.backups import LATER, Lived, arrive, lived
from tests.conftest import TODAY, Keys, new_instance
from tests.fieldwork.test_backup_killed import Killer
from tests.storage.conftest import bytes_at_rest

PEOPLE, GONE = 5, 2


def moved(here: Lived, database: Callable[[], str]) -> Lived:
    """The instance on PostgreSQL, by its backup: no office of now stands there, and no tombstone tells anything yet."""
    with (here.home / "settings.toml").open("a", encoding="utf-8") as file:
        for store in ("research", "identity", "office"):
            file.write(f'{store}_database = "{database()}"\n')
    restore(here.instance, here.backup, Wanted(doors="then", tombstones_lost=True), replace=False, today=TODAY)
    return here


def test_a_backup_of_sqlite_is_put_into_postgresql_and_a_withdrawal_outlives_it(
    database: Callable[[], str], keys: Keys, tmp_path: Path
) -> None:
    here = moved(lived(new_instance(tmp_path / "instance", keys), PEOPLE), database)
    with here.study() as study:
        assert count(study.stores.research) == PEOPLE
        later = make_backup(study.stores, here.instance, here.backups, LATER)
        gone = here.visits[:GONE]
        for one in gone:
            withdraw(study, one.receipt.grouped, LATER)
        arrive(study, "later", today=LATER)
    here.settings.tombstones.unlink()
    restore(here.instance, later, Wanted(), replace=True, today=LATER)
    with here.study() as study:
        assert (count(study.stores.research), count(study.stores.identity)) == (PEOPLE - GONE, 3 * (PEOPLE - GONE))
        for vault, half in ((study.stores.research, "research"), (study.stores.identity, "identity")):
            at_rest = bytes_at_rest(vault)
            assert not [one for one in gone if one.envelope(half).to_bytes()[-64:] in at_rest]
            rewrite(vault)
        add_keys(study.stores.office, study.name, keys.keyring.to_json(), LATER)
        arrive(study, "again", today=LATER)
    aside = here.home / f"before-restore-{LATER}"
    assert sorted(path.name for path in aside.glob("*.db")) == ["identity.db", "office.db", "research.db"]


@pytest.mark.torture
def test_a_restore_into_postgresql_is_killed_at_many_steps(
    database: Callable[[], str], keys: Keys, tmp_path: Path
) -> None:
    here, killer = moved(lived(new_instance(tmp_path / "instance", keys), PEOPLE), database), Killer()
    with here.study() as study:
        make_backup(study.stores, here.instance, here.backups, TODAY)
        for one in here.visits[:GONE]:
            withdraw(study, one.receipt.grouped, LATER)
    outcomes, whole = set(), int(killer("restore", here, 0).split()[0])
    # The last ones are those after the transactions.
    for step in (*random.Random(9).sample(range(20, whole - 18), 25), *range(whole - 18, whole)):
        with here.study() as study:
            arrive(study, f"later {step}", today=LATER)
        ended = killer("restore", here, step)
        assert ended != "failed", step
        os.close(begin_to_serve(here.instance))
        with here.study() as study:
            kept = count(study.stores.research)
            assert count(study.stores.identity) == 3 * kept
            assert verify_journal(study.stores.office)
            tags = [bytes.fromhex(one.parcel("research")["tag"]) for one in here.visits[:GONE]]
            assert [how_many(study.stores.research, tag) for tag in tags] == [0] * GONE
        assert list(here.home.glob(".restoring")) == []
        outcomes.add((ended == "killed", kept == PEOPLE - GONE))
    killer.end()
    assert {(True, True), (True, False)} <= outcomes, "kills before and after the mark"
