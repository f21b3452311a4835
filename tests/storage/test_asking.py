"""What every delivery asks is asked of the driver itself: the same answers, and the same words where there is none."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from errors import StoreAway
from storage.engines import is_sqlite, open_engine
from storage.office import Office, create_office
from storage.stores import Stores
from storage.tombstones import AT_ONCE, buried, bury
from tests.storage.test_disks import limited, no_descriptor_left


@pytest.fixture
def office(stores: Stores) -> Office:
    return stores.office


@contextmanager
def asked_in_sqlalchemys_way(engine: Engine) -> Iterator[list[str]]:
    """What is asked in its way meanwhile."""
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, words: str, *_: object) -> None:
        asked.append(words)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def held_by_somebody_else(engine: Engine) -> Iterator[None]:
    """Nobody can read from the tombstones meanwhile, and whoever wants to waits for a moment."""
    if is_sqlite(engine):
        with engine.connect() as connection:  # no connection but this one reads the file from now on
            connection.exec_driver_sql("pragma locking_mode = exclusive")
            connection.exec_driver_sql("pragma journal_mode = delete")
            connection.exec_driver_sql("begin exclusive")
            yield
            connection.exec_driver_sql("rollback")
            connection.exec_driver_sql("pragma locking_mode = normal")
            connection.exec_driver_sql("pragma journal_mode = wal")
    else:
        with engine.begin() as connection:
            connection.execute(text("lock table tombstones in access exclusive mode"))
            yield


def wait_for_a_moment_only(engine: Engine) -> None:
    def set_it(connection: object, *_: object) -> None:
        words = "pragma busy_timeout = 50" if is_sqlite(engine) else "set lock_timeout = 50"
        connection.execute(words)  # type: ignore[attr-defined]  # each driver's own

    event.listen(engine, "checkout", set_it)


def test_what_is_buried_is_found_among_more_than_one_statement_takes(office: Office) -> None:
    gone, others = ([os.urandom(16) for _ in range(AT_ONCE)] for _ in range(2))
    bury(office, [], gone)
    with asked_in_sqlalchemys_way(office.engine) as asked:
        assert buried(office, [*others, *gone, *others]) == set(gone)
        assert buried(office, []) == set()
    assert asked == []


def test_whoever_waited_for_somebody_else_does_not_wait_again(office: Office) -> None:
    office.engine.dispose()
    wait_for_a_moment_only(office.engine)
    with held_by_somebody_else(office.engine), asked_in_sqlalchemys_way(office.engine) as asked:
        with pytest.raises(StoreAway, match="is busy"):
            buried(office, [b"t" * 16])
        assert asked == []
    assert buried(office, [b"t" * 16]) == set()


def test_a_line_that_was_cut_is_opened_anew_and_not_noticed(database: Callable[[], str]) -> None:
    office = Office(open_engine(database()))
    create_office(office)
    bury(office, [], [b"t" * 16])
    with office.engine.begin() as connection:
        buried(office, [b"t" * 16])  # two connections lie in the pool from now on
        others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        connection.execute(text(f"{others} and pid <> pg_backend_pid()"))
    assert buried(office, [b"t" * 16]) == {b"t" * 16}
    office.engine.dispose()


def test_what_is_wrong_has_its_words(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("drop table tombstones"))
    with pytest.raises(DBAPIError, match="tombstones"):
        buried(office, [b"t" * 16])


def test_without_a_descriptor_the_answer_is_a_sentence(office: Office) -> None:
    office.engine.dispose()
    with limited(resource.RLIMIT_NOFILE, no_descriptor_left()), pytest.raises(StoreAway):
        buried(office, [b"t" * 16])
    assert buried(office, [b"t" * 16]) == set()
