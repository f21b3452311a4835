"""Stores go forwards with all that they hold, or stay as they were; new ones and migrated ones have the same tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from storage import meta, office
from storage.engines import is_sqlite, open_engine
from storage.migrating import ORDER, take_steps
from storage.stores import Addresses, close_stores, create_stores, engines_of
from storage.vaults import Vault

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
def test_steps_from_the_first_and_a_new_store_give_the_same_tables(
    addresses: Addresses, tmp_path: Path
) -> None:
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
