"""A whole instance moves from SQLite into PostgreSQL by a backup, and there too no backup undoes a withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldwork.backups.making import make_backup
from fieldwork.backups.restoring import restore
from fieldwork.backups.staging import Wanted
from fieldwork.instance import add_keys
from fieldwork.withdrawal import withdraw
from storage.vaults import count, rewrite
from tests.backups import LATER, arrive, lived
from tests.conftest import TODAY, Keys, new_instance
from tests.storage.conftest import bytes_at_rest

PEOPLE, GONE = 5, 2


def test_a_backup_of_sqlite_is_put_into_postgresql_and_a_withdrawal_outlives_it(
    database: Callable[[], str], keys: Keys, tmp_path: Path
) -> None:
    here = lived(new_instance(tmp_path / "instance", keys), PEOPLE)
    with (here.home / "settings.toml").open("a", encoding="utf-8") as file:
        for store in ("research", "identity", "office"):
            file.write(f'{store}_database = "{database()}"\n')
    # Nothing stands there: no office of now, and only the tombstone files that this machine still has.
    restore(here.instance, here.backup, Wanted(doors="then", tombstones_lost=True), replace=False, today=TODAY)
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
