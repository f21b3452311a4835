"""A copy of a store is one moment of it in key order, on either engine, and can take a database's place."""

from __future__ import annotations

import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from errors import BackupRefused, StorageError
from storage.engines import is_sqlite
from storage.office import add_keyring, all_keyrings
from storage.placing import bring_beside, give_name, is_shut, keep_aside, let_in, loaded, refuse_company, shut_out
from storage.store_copies import PASSING, STORES, check_copy, copy_store, tables_of
from storage.stores import Addresses, Stores, close_stores, engines_of, open_stores
from storage.vaults import Vault, records, tags
from tests.storage.conftest import UNTIL, Both, envelope
from tests.storage.test_arrival_order import rank_correlation

PEOPLE, LARGEST = 500, 0.1


MARK = re.compile(rb"-(ID|TAG|END)-")


def arrive(vault: Vault) -> list[tuple[bytes, bytes, bytes]]:
    """Id, tag and the envelope's last bytes of five hundred who came one after another. Each is random, then a mark."""
    chance = random.Random(20261126)
    came = [
        tuple(chance.randbytes(16 - len(mark)) + mark for mark in (b"-ID-", b"-TAG-", b"-END-")) for _ in range(PEOPLE)
    ]
    with vault.engine.begin() as connection:
        for record_id, tag, end in came:
            sealed = envelope(end).to_bytes()
            connection.execute(insert(tags).values(tag=tag, id=record_id, until=UNTIL))
            row = {"id": record_id, "digest": sha256(sealed).digest(), "envelope": sealed}
            connection.execute(insert(records).values(row))
    return came


def places(data: bytes, came: list[tuple[bytes, bytes, bytes]]) -> dict[str, float]:
    """How well the place of each row, its tag and its envelope's end in a file tell who came when."""
    first: dict[bytes, int] = {}
    last: dict[bytes, int] = {}
    for found in MARK.finditer(data):
        key = data[found.end() - 16 : found.end()]
        first.setdefault(key, found.end())
        last[key] = found.end()
    where = {
        "row": [first[record_id] for record_id, _, _ in came],
        "last of its keys": [last[record_id] for record_id, _, _ in came],
        "tag": [first[tag] for _, tag, _ in came],
        "end of the envelope": [first[end] for _, _, end in came],
    }
    return {name: rank_correlation(range(len(came)), one) for name, one in where.items()}


def test_a_copy_tells_no_order_though_maintenance_has_never_run(stores: Stores, tmp_path: Path) -> None:
    came = arrive(stores.research)
    path = tmp_path / "copy.db"
    copy_store(stores.research.engine, "research", path)
    told = places(path.read_bytes(), came)
    assert {name: value for name, value in told.items() if abs(value) >= LARGEST} == {}
    assert [one.name for one in tmp_path.glob("copy*")] == ["copy.db"], "no log lies beside it"
    assert path.stat().st_mode & 0o777 == 0o600
    if is_sqlite(stores.research.engine):
        stores.research.engine.dispose()
        live = Path(str(stores.research.engine.url.database)).read_bytes()
        assert places(live, came)["end of the envelope"] > 0.9, "the store itself tells, so this could fail"


def test_a_copy_holds_every_row_but_what_opens_doors_again(stores: Stores, tmp_path: Path) -> None:
    add_keyring(stores.office, b"first")
    with stores.office.engine.begin() as connection:
        for table in PASSING:
            connection.execute(insert(table).values({column.name: filled(column) for column in table.columns}))
    for store, engine in engines_of(stores).items():
        assert store in STORES
        path = tmp_path / f"copy-{store}.db"
        copy_store(engine, store, path)
        check_copy(path, store)
        copied = create_engine(f"sqlite:///{path}")
        with engine.connect() as live, copied.connect() as copy:
            for table in tables_of(store):
                wanted = [] if table in PASSING else live.execute(select(table).order_by(*table.primary_key)).all()
                assert copy.execute(select(table).order_by(*table.primary_key)).all() == wanted
        copied.dispose()


def filled(column: object) -> object:
    kind = column.type.python_type  # type: ignore[attr-defined]
    return b"x" * 32 if kind is bytes else kind() if kind in (str, int) else kind(2026, 1, 1)


def test_a_file_that_is_no_whole_copy_is_refused(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    copy_store(stores.research.engine, "research", path)
    with pytest.raises(BackupRefused, match="identity"):
        check_copy(path, "identity")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BackupRefused, match="damaged"):
        check_copy(path, "research")


def test_a_copy_takes_the_place_of_a_store_and_what_stood_there_is_kept(
    stores: Stores, addresses: Addresses, tmp_path: Path
) -> None:
    came, copies = arrive(stores.research), {}
    add_keyring(stores.office, b"first")
    for store, engine in engines_of(stores).items():
        assert store in STORES
        copies[store] = (getattr(addresses, store), tmp_path / f"copy-{store}.db")
        copy_store(engine, store, copies[store][1])
    with stores.research.engine.begin() as connection:
        connection.execute(records.delete())
    close_stores(stores)
    for store, (address, copy) in copies.items():
        keep_aside(address, store, tmp_path / "aside")
        bring_beside(address, copy)
    with loaded(copies) as connections:
        for connection in connections:
            connection.commit()
    for address, _ in copies.values():
        give_name(address, "aside")
        give_name(address, "aside")  # done already: it changes nothing
    opened = open_stores(addresses)
    with opened.research.engine.connect() as connection:
        assert set(map(bytes, connection.scalars(select(records.c.id)))) == {one for one, _, _ in came}
    # The database goes on numbering after the last.
    add_keyring(opened.office, b"second")
    assert all_keyrings(opened.office) == ((2, b"second"), (1, b"first"))
    close_stores(opened)
    before = create_engine(f"sqlite:///{tmp_path / 'aside' / 'research.db'}")
    with before.connect() as connection:
        assert connection.execute(select(records)).all() == []
    before.dispose()


def test_an_owner_who_is_no_superuser_sees_a_server_of_another_role(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL tells such a role of others that they are there, and not what kind of process they are."""
    monkeypatch.setattr("storage.placing.PATIENCE", 0.1)
    close_stores(both.collector)
    with pytest.raises(BackupRefused, match="Stop every server"):
        refuse_company(both.addresses.office)


def test_nobody_opens_a_database_that_waits_for_its_copy(stores: Stores, addresses: Addresses, tmp_path: Path) -> None:
    if is_sqlite(stores.office.engine):
        return
    copy_store(stores.research.engine, "research", tmp_path / "research.db")
    close_stores(stores)
    shut_out(addresses.research)
    with pytest.raises(StorageError, match="put back"):
        open_stores(addresses)
    let_in(addresses.research, "research")
    close_stores(open_stores(addresses))
    shut_out(addresses.research)
    with loaded({"research": (addresses.research, tmp_path / "research.db")}) as (connection,):
        assert is_shut(addresses.office) is False
        connection.commit()
    assert is_shut(addresses.research) is False
    close_stores(open_stores(addresses))


def test_nobody_elses_database_is_replaced_under_them(
    stores: Stores, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite(stores.office.engine):
        return
    monkeypatch.setattr("storage.placing.PATIENCE", 0.1)
    with stores.office.engine.connect() as somebody:
        somebody.execute(text("select 1"))
        with pytest.raises(BackupRefused, match="Stop every server"):
            refuse_company(addresses.office)
    close_stores(stores)
    monkeypatch.undo()
    refuse_company(addresses.office)
