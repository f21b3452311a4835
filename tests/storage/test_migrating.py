"""Stores go forwards with all that they hold, or stay as they were; new ones and migrated ones have the same tables."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from commands import DEFAULT_STUDY
from errors import JournalNotWritten, SchemaOther, StorageError
from fieldwork.instance import open_study
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from instruments.stored import instrument_from_canonical
from privacy.key_files import unlock
from privacy.opening import PrivateKey
from privacy.receipts import labels_of, read_receipt
from release.build import build_release
from release.dataset import open_records
from release.export import write_release
from release.source import Source
from release.specification import Specification
from storage import meta, office
from storage.engines import is_sqlite, open_engine
from storage.journal import Act, read_journal
from storage.journal_check import verify_journal
from storage.meta import SCHEMA, SINCE, told
from storage.migrating import ORDER, migrate_stores, standings, steps, take_steps
from storage.office import instruments
from storage.stores import Addresses, close_stores, create_stores, engines_of, open_stores
from storage.tombstones import is_buried, replay
from storage.vaults import Vault, rows, until_of
from tests.conftest import STUDY
from tests.instances import BEHIND, INSTANCES, VERSIONS, kept, put
from tests.releases import SIGNER
from tests.storage.conftest import on_sqlite

ROOT = Path(__file__).parents[2]

TODAY = date(2026, 11, 26)
# Alembic cannot compare an index over an expression; `described` compares its words.
OF_AN_EXPRESSION = "proposals_one_held"
UNREADABLE = "ignore:Skipped unsupported reflection of expression-based index:sqlalchemy.exc.SAWarning"


def model_of(store: str) -> MetaData:
    """The tables of a store as storage/ says them."""
    whole, tables = MetaData(), office.metadata.sorted_tables
    if store != "office":
        tables = list(Vault(None, store).tables)  # type: ignore[arg-type]  # no engine is asked
    for table in (*meta.metadata.sorted_tables, *tables):
        copied = table.to_metadata(whole)
        copied.indexes = {index for index in copied.indexes if index.name != OF_AN_EXPRESSION}
    return whole


def by_steps(addresses: Addresses) -> dict[str, Engine]:
    """Three stores that were made by all steps from the first, as if somebody had had them since."""
    made = {store: open_engine(getattr(addresses, store), new=True) for store in ORDER}
    for store, engine in made.items():
        meta.metadata.create_all(engine)
        with engine.begin() as connection:
            take_steps(connection, store, 0)
    return made


def described(engine: Engine) -> dict[str, Any]:
    """All that a database says of its tables: columns, keys, constraints, indices, triggers, and whether rows are
    numbered as they come."""
    if is_sqlite(engine):
        asked = "select type, name, sql from sqlite_master where sql is not null"
    else:
        asked = "select 'index', indexname, indexdef from pg_indexes where schemaname = 'public' union all "
        asked += "select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger"
    with engine.connect() as connection:
        rows = connection.execute(text(asked)).all()
    found: dict[str, Any] = {f"{kind} {name}": sql for kind, name, sql in rows if kind != "table"}
    found |= {f"{name}: numbered": "WITHOUT ROWID" not in sql for kind, name, sql in rows if kind == "table"}
    seen = inspect(engine)
    for table in seen.get_table_names():
        columns = {one["name"]: {key: str(value) for key, value in one.items()} for one in seen.get_columns(table)}
        unique = sorted(tuple(one["column_names"]) for one in seen.get_unique_constraints(table))
        found[table] = columns, seen.get_pk_constraint(table)["constrained_columns"], unique
    return found


@pytest.mark.filterwarnings(UNREADABLE)
def test_steps_from_the_first_and_a_new_store_give_the_same_tables(addresses: Addresses, tmp_path: Path) -> None:
    made = create_stores(addresses)
    new = {store: described(engine) for store, engine in engines_of(made).items()}
    same_as_said(engines_of(made))
    close_stores(made)
    old = by_steps(emptied(addresses, tmp_path))
    assert {store: described(engine) for store, engine in old.items()} == new
    same_as_said(old)
    for engine in old.values():
        engine.dispose()


def emptied(addresses: Addresses, folder: Path) -> Addresses:
    """The same addresses with nothing in them."""
    for store in ORDER:
        engine = open_engine(getattr(addresses, store))
        if is_sqlite(engine):
            engine.dispose()
            for file in folder.glob(f"{store}.db*"):
                file.unlink()
            continue
        with engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        engine.dispose()
    return addresses


def same_as_said(engines: dict[str, Engine]) -> None:
    """Alembic finds nothing to do: what a database has is what storage/ says."""
    for store, engine in engines.items():
        with engine.connect() as connection:
            comparing = {"compare_server_default": True, "include_name": lambda name, *_: name != OF_AN_EXPRESSION}
            context = MigrationContext.configure(connection, opts=comparing)
            assert compare_metadata(context, model_of(store)) == [], store


def envelopes(addresses: Addresses) -> dict[str, list[tuple[bytes, bytes]]]:
    """Every row of both vaults as it is stored."""
    found = {}
    for store in ("research", "identity"):
        engine = open_engine(getattr(addresses, store))
        with engine.connect() as connection:
            asked = connection.execute(text("select id, envelope from records order by id"))
            found[store] = [(bytes(row.id), bytes(row.envelope)) for row in asked]
        engine.dispose()
    return found


def change(addresses: Addresses, store: str, statement: str) -> None:
    engine = open_engine(getattr(addresses, store))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@lru_cache
def key_of(version: str) -> PrivateKey:
    """The research key of a stored instance, out of its file."""
    return unlock((INSTANCES / version / "research.key").read_bytes(), kept(version).passphrase)


def released(study: Study, key: PrivateKey, folder: Path) -> int:
    """Make a release of the young people and return how many stand in its file."""
    found = {digest: instrument_from_canonical(data) for digest, data in instruments(study.stores.office).items()}
    source = Source("kept", STUDY, found, tuple(rows(study.stores.research)))
    dataset = open_records(source.rows(), [key], source.instruments)
    ordered = Specification("test", ("young_person",), 2, ("csv",), "en")
    write_release(build_release(source, dataset, [key], ordered), folder, SIGNER)
    return len((folder / "data.csv").read_text("utf-8").splitlines()) - 1


@pytest.mark.parametrize("version", VERSIONS)
def test_an_instance_of_every_version_goes_forwards_with_all_that_it_holds(
    version: str, addresses: Addresses, tmp_path: Path
) -> None:
    instance = kept(version)
    there = put(instance, addresses, tmp_path)
    files = (tmp_path / "tombstones.txt",)
    # Whoever withdrew last is remembered by the file alone, as after an office that was put back.
    change(there, "office", "delete from tombstones")
    before = envelopes(there)
    moved = [(stood.store, stood.version) for stood in migrate_stores(there, files, instance.day)]
    assert moved == ([] if version == SCHEMA else [(store, version) for store in ORDER])
    assert {stood.version for stood in standings(there)} == {SCHEMA}
    assert envelopes(there) == before
    assert len(before["research"]) == len(instance.receipts) - 1
    study = open_study(STUDY, DEFAULT_STUDY, there, files)
    entries = read_journal(study.stores.office)
    assert len(entries) == verify_journal(study.stores.office).entries
    written = [entry.detail for entry in entries if entry.act == Act.MIGRATED]
    assert written == ([f"{version} → {SCHEMA}"] if moved else [])
    assert released(study, key_of(version), tmp_path / "released") == len(before["research"])
    replay(study.stores.office, files)  # as each start does
    assert is_buried(study.stores.office, labels_of(read_receipt(instance.receipts[-1]), STUDY).research_tag)
    for receipt in instance.receipts:
        withdraw(study, receipt, instance.day)
    close_stores(study.stores)
    assert envelopes(there) == {"research": [], "identity": []}


# Run as a process of its own: it kills itself before a statement, or before a commit, and nothing of it can tidy up.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from sqlalchemy import Engine, event
from storage.migrating import migrate_stores
from storage.stores import Addresses
left = int(sys.argv[1])
def count(connection, *told):
    global left
    left -= sys.argv[6] in (told[1] if told else "commit")
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", count)
event.listen(Engine, "commit", count)
list(migrate_stores(Addresses(*sys.argv[2:5], Path(sys.argv[5])), (), date(2026, 11, 26)))
"""


def killed_at(moment: int, addresses: Addresses, kind: str) -> bool:
    """Whether a run was killed before its so manieth statement of a kind, or commit; it ended by itself otherwise."""
    told = (addresses.research, addresses.identity, addresses.office, addresses.journal_key, kind)
    run = subprocess.run([sys.executable, "-c", KILLED, str(moment), *map(str, told)], cwd=ROOT)
    assert run.returncode in (0, -signal.SIGKILL)
    return run.returncode != 0


def is_whole_after(moment: int, addresses: Addresses, folder: Path, kind: str = "") -> bool:
    """Put an instance there, kill its migration, and finish it. False where the moment came too late to kill."""
    there = put(kept(BEHIND[-1]), addresses, folder)
    before = envelopes(there)
    if not killed_at(moment, there, kind):
        return False
    left = [stood.version for stood in standings(there)]
    # In this order, each as it was or as it should be: the office is never behind a vault.
    assert left == sorted(left, key=int, reverse=True)
    assert set(left) <= {BEHIND[-1], SCHEMA}
    list(migrate_stores(there, (), TODAY))
    stores = open_stores(there)
    assert [entry.act for entry in read_journal(stores.office)].count(Act.MIGRATED) == 1
    for receipt in kept(BEHIND[-1]).receipts[:-1]:
        labels = labels_of(read_receipt(receipt), STUDY)
        assert until_of(stores.research, labels.research_tag)
        assert until_of(stores.identity, labels.identity_tag)
    close_stores(stores)
    assert envelopes(there) == before
    return True


def test_a_migration_that_is_killed_leaves_each_store_whole_and_the_next_one_ends_it(tmp_path: Path) -> None:
    # The third of them would tell the version of a vault whose tags are changed already. The long run kills before each
    # statement, on both engines.
    assert is_whole_after(3, on_sqlite(tmp_path), tmp_path, "INSERT INTO meta")


@pytest.mark.torture
def test_a_migration_is_killed_before_each_of_its_statements(addresses: Addresses, tmp_path: Path) -> None:
    moment = 1
    while is_whole_after(moment, addresses, tmp_path):
        moment += 1
        emptied(addresses, tmp_path)
        (tmp_path / "tombstones.txt").unlink()
    assert moment > 30, "so few statements cannot be all"


def stood(addresses: Addresses) -> set[str]:
    return {standing.version for standing in standings(addresses)}


def test_stores_that_somebody_has_open_stay_as_they_are(addresses: Addresses, tmp_path: Path) -> None:
    there = put(kept(BEHIND[-1]), addresses, tmp_path)
    # As a field app of before: it has read once, and its connection waits in its pool.
    served = open_engine(there.identity)
    told(served, "store")
    with pytest.raises(StorageError, match="The identity store is in use"):
        list(migrate_stores(there, (), TODAY))
    served.dispose()
    assert stood(there) == {BEHIND[-1]}
    assert len(list(migrate_stores(there, (), TODAY))) == len(ORDER)


def test_nobody_opens_a_store_while_it_goes_forwards(tmp_path: Path) -> None:
    there = put(kept(BEHIND[-1]), on_sqlite(tmp_path), tmp_path)
    going = migrate_stores(there, (), TODAY)
    next(going)  # the office has gone, and the vaults have not
    for store in ORDER:
        with closing(sqlite3.connect(tmp_path / f"{store}.db", timeout=0)) as late:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                late.execute("select * from meta")
    list(going)
    close_stores(open_stores(there))


def test_whoever_comes_between_two_stores_opens_none(tmp_path: Path) -> None:
    there = put(kept(BEHIND[-1]), on_sqlite(tmp_path), tmp_path)
    with closing(migrate_stores(there, (), TODAY)) as going:
        next(going)
    with pytest.raises(SchemaOther) as refused:
        open_stores(there)
    assert refused.value.found == dict.fromkeys(("research", "identity"), BEHIND[-1])
    assert [standing.store for standing in migrate_stores(there, (), TODAY)] == ["research", "identity"]


def test_where_the_journal_cannot_be_written_no_store_goes_forwards(tmp_path: Path) -> None:
    there = put(kept(BEHIND[-1]), on_sqlite(tmp_path), tmp_path)
    full = "create trigger full before insert on journal begin select raise(abort, 'full'); end"
    for wrong, error in ((full, StorageError), ("drop trigger full", JournalNotWritten)):
        change(there, "office", wrong)
        with pytest.raises(error):
            list(migrate_stores(there, (), TODAY))
        there.journal_key.unlink(missing_ok=True)
        assert stood(there) == {BEHIND[-1]}


def test_a_store_of_a_later_amanah_is_refused_with_the_one_that_knows_it(addresses: Addresses) -> None:
    close_stores(create_stores(addresses))
    change(addresses, "office", "update meta set value = '999' where name = 'schema'")
    change(addresses, "office", "update meta set value = '7.0.0' where name = 'since'")
    for deed in (open_stores, create_stores, lambda them: list(migrate_stores(them, (), TODAY))):
        with pytest.raises(SchemaOther, match="office store has version 999.*use Amanah 7.0.0 or newer") as refused:
            deed(addresses)
        assert refused.value.found == {"office": "999"}


def test_every_store_that_is_behind_is_named_with_the_command(tmp_path: Path) -> None:
    there = put(kept(BEHIND[-1]), on_sqlite(tmp_path), tmp_path)
    with pytest.raises(
        SchemaOther, match="make a backup with the Amanah that made them, and run `flask migrate`"
    ) as refused:
        open_stores(there)
    assert refused.value.found == dict.fromkeys(("research", "identity", "office"), BEHIND[-1])
    # To make new stores where old ones are would mark these as what they are not.
    with pytest.raises(SchemaOther):
        create_stores(there)
    assert stood(there) == {BEHIND[-1]}


def test_the_version_is_that_of_the_last_step_and_known_since_a_release_that_is_there() -> None:
    last = {int(step.revision) for store in ORDER for step in steps(store, 0)}
    assert max(last) == int(SCHEMA)
    release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert [int(part) for part in SINCE.split(".")] <= [int(part) for part in release.split(".")]
