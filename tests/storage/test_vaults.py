"""A vault keeps each envelope once, gives it back byte for byte, and erases it so that not even a byte search finds it."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import DateTime, inspect
from sqlalchemy.types import Date, Integer

from errors import IdTaken, SettingsError, StorageError
from privacy.envelope import Envelope
from storage import office, vaults
from storage.engines import PRAGMAS, is_sqlite, open_engine
from storage.stores import Addresses, Stores, create_stores, open_stores
from storage.vaults import count, deposit, erase, expire_tags, rows, take_back, until_of
from tests.storage.conftest import UNTIL, envelope


def test_what_is_deposited_comes_back_byte_for_byte(stores: Stores) -> None:
    kept = {os.urandom(16): envelope(os.urandom(40)) for _ in range(20)}
    for record_id, one in kept.items():
        assert deposit(stores.research, record_id, os.urandom(16), one, UNTIL)
    found = list(rows(stores.research))
    assert dict(found) == kept
    assert [record_id for record_id, _ in found] == sorted(kept)


def test_the_same_bytes_again_are_no_second_record(stores: Stores) -> None:
    record_id, tag = os.urandom(16), os.urandom(16)
    assert deposit(stores.research, record_id, tag, envelope(b"a"), UNTIL)
    assert not deposit(stores.research, record_id, tag, envelope(b"a"), UNTIL)
    with pytest.raises(IdTaken):
        deposit(stores.research, record_id, tag, envelope(b"b"), UNTIL)
    assert list(rows(stores.research)) == [(record_id, envelope(b"a"))]


def test_a_tag_erases_everything_it_stands_for_and_nothing_else(stores: Stores) -> None:
    mine, other = os.urandom(16), os.urandom(16)
    for tag in (mine, mine, other):
        deposit(stores.identity, os.urandom(16), tag, envelope(), UNTIL)
    assert erase(stores.identity, mine) == 2
    assert erase(stores.identity, mine) == 0
    assert count(stores.identity) == 1


def test_taking_one_back_leaves_the_others_of_its_tag(stores: Stores) -> None:
    tag, first, second = os.urandom(16), os.urandom(16), os.urandom(16)
    deposit(stores.identity, first, tag, envelope(b"1"), UNTIL)
    deposit(stores.identity, second, tag, envelope(b"2"), UNTIL)
    take_back(stores.identity, second)
    assert [record_id for record_id, _ in rows(stores.identity)] == [first]
    assert erase(stores.identity, tag) == 1


def test_tags_end_the_day_after_their_last(stores: Stores) -> None:
    tag = os.urandom(16)
    deposit(stores.research, os.urandom(16), tag, envelope(), UNTIL)
    assert expire_tags(stores.research, UNTIL) == 0
    assert until_of(stores.research, tag) == UNTIL
    assert expire_tags(stores.research, UNTIL + timedelta(1)) == 1
    assert until_of(stores.research, tag) is None
    assert count(stores.research) == 1


def test_erased_bytes_are_gone_from_every_file(tmp_path: Path) -> None:
    addresses = Addresses(*(f"sqlite:///{tmp_path}/{name}.db" for name in ("research", "identity", "office")))
    vault = create_stores(addresses).research
    marker, tag = b"marker-of-amina-0123456789", os.urandom(16)
    deposit(vault, os.urandom(16), tag, envelope(marker), UNTIL)
    assert any(marker in path.read_bytes() for path in tmp_path.iterdir()), "the search itself must find"
    erase(vault, tag)
    found = {path.name for path in tmp_path.iterdir() if marker in path.read_bytes() or tag in path.read_bytes()}
    assert found == set()


def test_sqlite_is_opened_durable_and_erasing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a.db")
    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"pragma {name}").scalar() for name in PRAGMAS}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 15000,
    }


def test_a_pragma_that_does_not_hold_stops_the_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "synchronous", 9)
    with pytest.raises(StorageError, match="synchronous"):
        open_engine(f"sqlite:///{tmp_path}/a.db").connect()


def test_store_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "stores"
        stores = create_stores(Addresses(*(f"sqlite:///{folder}/{name}.db" for name in ("a", "b", "c"))))
        deposit(stores.research, os.urandom(16), os.urandom(16), envelope(), UNTIL)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {
            path.name: "0o600" for path in folder.iterdir()
        }
        assert len(list(folder.glob("*-wal"))) == 3
    finally:
        os.umask(before)


def test_no_clock_or_counter_can_be_reached_from_a_participants_row(stores: Stores) -> None:
    for vault in (stores.research, stores.identity):
        found = {table: inspect(vault.engine).get_columns(table) for table in inspect(vault.engine).get_table_names()}
        assert set(found) == {"records", "tags"}
        named = {(table, column["name"]) for table, columns in found.items() for column in columns}
        assert named == {("records", "id"), ("records", "envelope"), ("tags", "tag"), ("tags", "id"), ("tags", "until")}
        kinds = [column["type"] for columns in found.values() for column in columns]
        assert not [kind for kind in kinds if isinstance(kind, Integer | DateTime)]
        # The one day that is kept is a week's end, asked for by the promise on the slip.
        assert sum(isinstance(kind, Date) for kind in kinds) == 1
        assert not [column for columns in found.values() for column in columns if column.get("default")]


def test_sqlite_keeps_participants_rows_without_an_arrival_number(tmp_path: Path) -> None:
    stores = create_stores(Addresses(*(f"sqlite:///{tmp_path}/{name}.db" for name in ("a", "b", "c"))))
    for vault, tables in ((stores.research, vaults.metadata), (stores.office, office.metadata)):
        assert is_sqlite(vault.engine)
        for name in set(tables.tables) & {"records", "tags", "tombstones", "tallies"}:
            with vault.engine.connect() as connection, pytest.raises(Exception, match="no such column"):
                connection.exec_driver_sql(f"select rowid from {name}")


def test_two_vaults_never_share_a_database(tmp_path: Path) -> None:
    one = f"sqlite:///{tmp_path}/one.db"
    with pytest.raises(SettingsError, match="must differ"):
        create_stores(Addresses(one, one, f"sqlite:///{tmp_path}/two.db"))


def test_a_store_that_was_never_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="flask init"):
        open_stores(Addresses(*(f"sqlite:///{tmp_path}/{name}.db" for name in ("a", "b", "c"))))


def test_a_database_that_is_neither_engine_is_refused() -> None:
    with pytest.raises(SettingsError, match="mysql"):
        open_engine("mysql://somewhere/x")


def test_only_an_envelope_can_be_kept(stores: Stores) -> None:
    with pytest.raises(AttributeError):
        deposit(stores.research, os.urandom(16), os.urandom(16), {"answers": "plain"}, date.max)  # type: ignore[arg-type]
    assert Envelope.parse(envelope().to_bytes()) == envelope()
