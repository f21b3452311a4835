"""No clock, counter, site or order can be reached from a participant's row (REQUIREMENTS 42)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import BINARY, BLOB, DATE, VARCHAR, TypeEngine

from storage import meta, office, vaults
from storage.engines import is_sqlite
from storage.stores import Stores, close_stores, create_stores
from tests.storage.conftest import on_sqlite

# All that a vault may have: nothing here can carry a time or count up, but the cut-off, which is a week's last day.
VAULT = {
    "records": {"id": bytes, "digest": bytes, "envelope": bytes},
    "tags": {"tag": bytes, "id": bytes, "until": "day"},
    "meta": {"name": str, "value": str},
}
# Of the identity vault alone: its day is a week's last or a quarter's first, the same for all who came in it.
IDENTITY = {"limits": {"id": bytes, "kind": str, "until": "day"}}
# Tables of the office that a visit or a withdrawal touches. A tally counts; no row points to it.
TOUCHED = {
    "tallies": {"outcome": str, "group": str, "site": str, "month": str, "count": "number"},
    "tombstones": {"tag": bytes},
    # A delivery spends its invitation. Nothing here leads to a record; the day is the one the coordinator chose.
    "invitations": {
        "token_hash": bytes,
        "kind": str,
        "group": str,
        "site": str,
        "language": str,
        "pin": str,
        "until": "day",
        "spent": "number",
        "withdrawn": "number",
    },
}


def kind(found: TypeEngine[object]) -> object:
    if isinstance(found, BLOB | BINARY) or type(found).__name__ == "BYTEA":
        return bytes
    return str if isinstance(found, VARCHAR) else "day" if isinstance(found, DATE) else "number"


def shape(engine: Engine) -> dict[str, dict[str, object]]:
    """Every table of a database, as the database itself describes it."""
    found = inspect(engine)
    return {
        table: {column["name"]: kind(column["type"]) for column in found.get_columns(table)}
        for table in found.get_table_names()
    }


@pytest.mark.parametrize("which", ["research", "identity"])
def test_a_vault_has_these_columns_and_no_other(stores: Stores, which: str) -> None:
    assert shape(getattr(stores, which).engine) == VAULT | (IDENTITY if which == "identity" else {})


def test_what_a_visit_touches_in_the_office_has_these_columns_and_no_other(stores: Stores) -> None:
    found = shape(stores.office.engine)
    assert {table: found[table] for table in TOUCHED} == TOUCHED


def test_no_column_of_a_store_fills_itself_in(stores: Stores) -> None:
    for engine in (stores.research.engine, stores.identity.engine, stores.office.engine):
        found = inspect(engine)
        filled = {
            (table, column["name"])
            for table in found.get_table_names()
            for column in found.get_columns(table)
            if column.get("default") or column.get("computed") or column.get("identity")
        }
        # Keyrings are numbered as they are added, by staff: no participant's row can be put beside them.
        assert filled <= {("keyrings", "number")}


def test_nothing_but_keys_finds_a_row_and_nothing_runs_behind_it(stores: Stores) -> None:
    for which in ("research", "identity"):
        engine = getattr(stores, which).engine
        found = inspect(engine)
        assert [index for table in found.get_table_names() for index in found.get_indexes(table)] == []
        asked = "select name from sqlite_master where type = 'trigger'"
        if not is_sqlite(engine):
            asked = "select tgname from pg_trigger union select sequencename from pg_sequences"
        with engine.connect() as connection:
            assert connection.execute(text(asked)).all() == []


def test_sqlite_keeps_participants_rows_without_an_arrival_number(tmp_path: Path) -> None:
    stores = create_stores(on_sqlite(tmp_path))
    for engine, names in (
        (stores.research.engine, ("records", "tags")),
        (stores.identity.engine, ("records", "tags", "limits")),
        (stores.office.engine, ("tombstones", "tallies", "invitations")),
    ):
        for name in names:
            with engine.connect() as connection, pytest.raises(OperationalError, match="no such column: rowid"):
                connection.exec_driver_sql(f"select rowid from {name}")
    with stores.office.engine.connect() as connection:
        # The question itself is a good one: an ordinary table does answer it.
        assert connection.exec_driver_sql("select count(rowid) from staff").scalar() == 0
    close_stores(stores)


def test_every_table_is_one_that_this_test_or_the_staff_knows(stores: Stores) -> None:
    staffs = {"keyrings", "instruments", "journal", "staff", "sign_ins", "tablets", "enrolments", "shown_tallies"}
    staffs |= {"recovery_codes", "half_sign_ins", "totp_offers", "throttle", "proposals"}
    staffs |= {"staff_links", "passkeys", "user_handles", "spent_challenges", "notices"}
    assert set(meta.metadata.tables) | set(vaults.metadata.tables) == set(VAULT | IDENTITY)
    assert set(office.metadata.tables) == set(TOUCHED) | staffs
