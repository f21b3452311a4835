"""An instance of the tests on PostgreSQL: the same folder and the same rows, and three other addresses."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Engine, Integer, Table, create_engine, insert, select, text

import storage.office
from commands import addresses_of
from config import Settings, read_settings
from storage.meta import meta, tell
from storage.stores import close_stores, create_stores, open_stores

STORES = ("research", "identity", "office")


def new_databases(server: str, prefix: str) -> Callable[[], str]:
    """Three new databases on this server, and what gives the address of one after the other."""
    owner = create_engine(server, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for store in STORES:
            connection.execute(text(f"create database {prefix}_{store}"))
    owner.dispose()
    unused = iter(server.replace("/postgres?", f"/{prefix}_{store}?") for store in STORES)
    return lambda: next(unused)


def moved(unused: Path, home: Path, database: Callable[[], str]) -> Settings:
    """A copy of this unused instance in `home`, with its three stores in new databases."""
    shutil.copytree(unused, home)
    before = open_stores(addresses_of(read_settings(home, {})))
    settings = read_settings(home, {f"AMANAH_{store.upper()}_DATABASE": database() for store in STORES})
    after = create_stores(addresses_of(settings))
    for table in storage.office.metadata.sorted_tables:
        _copy(table, before.office.engine, after.office.engine)
    with before.office.engine.connect() as connection:
        for fact in connection.execute(select(meta)):
            tell(after.office.engine, fact.name, fact.value)
    close_stores(before)
    close_stores(after)
    shutil.rmtree(home / "stores")
    return settings


def addresses_in(settings: Settings) -> Mapping[str, str]:
    """What the environment of another process says of these stores."""
    return {f"AMANAH_{store.upper()}_DATABASE": getattr(settings, f"{store}_database") for store in STORES}


def _copy(table: Table, before: Engine, after: Engine) -> None:
    with before.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(table))]  # noqa: SLF001 (SQLAlchemy's public name for it)
    if not rows:
        return
    with after.begin() as connection:
        connection.execute(insert(table), rows)
        counted = [column.name for column in table.primary_key if isinstance(column.type, Integer)]
        for name in counted:
            number = max(row[name] for row in rows)
            connection.exec_driver_sql(
                f"select setval(pg_get_serial_sequence('{table.name}', '{name}'), {number}) "
                f"where pg_get_serial_sequence('{table.name}', '{name}') is not null"
            )
