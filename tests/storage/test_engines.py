"""A database is opened durable, erasing and private, or not at all. Every promise is read back, none assumed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from errors import SettingsError, StorageError
from storage.engines import PRAGMAS, open_engine
from storage.reaching import REACHED, reached
from storage.stores import Addresses, Stores, close_stores, create_stores, open_stores
from storage.vaults import deposit
from tests.storage.conftest import UNTIL, envelope, journal_key_in, on_sqlite


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 1), ("busy_timeout", 15000)],
)
def test_sqlite_says_itself_that_it_is_durable_and_erasing(tmp_path: Path, name: str, wanted: object) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a.db", new=True)
    with engine.connect() as first, engine.connect() as second:
        assert first.exec_driver_sql(f"pragma {name}").scalar() == wanted
        assert second.exec_driver_sql(f"pragma {name}").scalar() == wanted
    engine.dispose()


def test_a_pragma_that_does_not_hold_stops_the_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "synchronous", 9)
    with pytest.raises(StorageError, match="synchronous"):
        open_engine(f"sqlite:///{tmp_path}/a.db", new=True).connect()


@pytest.mark.parametrize("value", ["off", "local"])
def test_a_postgresql_that_can_lose_what_it_acknowledged_is_refused(database: Callable[[], str], value: str) -> None:
    address = database()
    owner = create_engine(address, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        name = connection.scalar(text("select current_database()"))
        sound = open_engine(address)
        sound.connect().close()
        sound.dispose()
        connection.execute(text(f"alter database {name} set synchronous_commit = {value}"))
    owner.dispose()
    with pytest.raises(StorageError, match="synchronous_commit"):
        open_engine(address).connect()


def test_of_several_servers_the_one_that_may_be_written_to_is_taken() -> None:
    found = reached(make_url("postgresql://amanah@/research?host=one:5432&host=two:5433&sslmode=verify-full"))
    _, told = dialect().create_connect_args(found)
    assert (told["host"], told["port"], told["sslmode"]) == ("one,two", "5432,5433", "verify-full")
    assert told["target_session_attrs"] == "read-write"
    assert all(told[name] for name in REACHED)
    assert reached(make_url("postgresql://h/x?connect_timeout=9")).query["connect_timeout"] == "9"


@pytest.mark.parametrize("wanted", ["any", "standby", "prefer-standby", "read-only"])
def test_an_address_that_would_read_from_a_standby_is_refused(wanted: str) -> None:
    with pytest.raises(SettingsError, match="withdrawn"):
        open_engine(f"postgresql://one,two/research?target_session_attrs={wanted}")


def test_a_commit_is_never_cut_short_by_a_time_limit_and_no_lock_is_waited_for_without_end(
    database: Callable[[], str],
) -> None:
    address = database()
    owner = create_engine(address, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("alter database " + str(owner.url.database) + " set statement_timeout = '1s'"))
    owner.dispose()
    engine = open_engine(address)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("show statement_timeout").scalar() == "0"
        assert connection.exec_driver_sql("show lock_timeout").scalar() == "15s"
    engine.dispose()


def test_store_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "stores"
        files = (f"sqlite:///{folder}/{name}.db" for name in ("research", "identity", "office"))
        stores = create_stores(Addresses(*files, journal_key=journal_key_in(tmp_path)))
        deposit(stores.research, os.urandom(16), os.urandom(16), envelope(), UNTIL)
        assert folder.stat().st_mode & 0o777 == 0o700
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
        assert set(modes.values()) == {"0o600"}
        assert {"research.db", "research.db-wal", "research.db-shm"} <= set(modes)
        close_stores(stores)
    finally:
        os.umask(before)


def test_a_store_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    close_stores(create_stores(on_sqlite(tmp_path)))
    (tmp_path / "identity.db").chmod(0o644)
    close_stores(open_stores(on_sqlite(tmp_path)))
    assert (tmp_path / "identity.db").stat().st_mode & 0o777 == 0o600


def test_a_missing_store_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="flask init"):
        open_engine(f"sqlite:///{tmp_path}/research.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    ["mysql://somewhere/x", "sqlite://", "sqlite:///:memory:", "nothing", "postgresql://one:5432,two:5433/research"],
)
def test_an_address_of_neither_engine_is_refused(address: str) -> None:
    with pytest.raises(SettingsError):
        open_engine(address, new=True)


def test_an_error_of_the_database_shows_nothing_that_was_stored(stores: Stores) -> None:
    from sqlalchemy import insert

    from storage.vaults import records

    secret = {"id": b"marker-id-000000", "digest": b"marker-d", "envelope": b"marker-e"}
    with stores.research.engine.connect() as connection:
        connection.execute(insert(records).values(**secret))
        with pytest.raises(IntegrityError) as raised:
            connection.execute(insert(records).values(**secret))
    assert "[SQL parameters hidden" in str(raised.value)
    # PostgreSQL names the id that is taken; it is random. The rest stays out.
    assert "marker-d" not in str(raised.value)
    assert "marker-e" not in str(raised.value)
