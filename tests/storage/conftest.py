"""Every storage test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from privacy.envelope import BLOCK, Envelope, Suite
from storage.engines import is_sqlite
from storage.grants import RIGHTS, collector_grants
from storage.journal_key import new_key_file
from storage.stores import Addresses, Stores, close_stores, create_stores, open_stores
from storage.vaults import Vault
from tests.postgres import postgres

UNTIL = date(2026, 12, 27)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(scope="session")
def databases(server: str) -> tuple[str, ...]:
    """The addresses of three PostgreSQL databases. Making one takes a second, so all tests share these."""
    names = ("first", "second", "third")
    owner = create_engine(server, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for name in names:
            connection.execute(text(f"create database {name}"))
    owner.dispose()
    return tuple(server.replace("/postgres?", f"/{name}?") for name in names)


@pytest.fixture
def database(databases: tuple[str, ...]) -> Callable[[], str]:
    """Makes one of them as good as new and gives its address; three times in one test."""
    unused = iter(databases)

    def make() -> str:
        address = next(unused)
        owner = create_engine(address, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
            connection.execute(text("grant all on schema public to public"))
            connection.execute(text(f"alter database {owner.url.database} reset all"))
        owner.dispose()
        return address

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Addresses:
    """Where three stores can be made, on each engine."""
    if request.param == "sqlite":
        return on_sqlite(tmp_path)
    make = request.getfixturevalue("database")
    return Addresses(make(), make(), make(), journal_key_in(tmp_path))


@pytest.fixture
def stores(addresses: Addresses) -> Iterator[Stores]:
    """Three new stores."""
    made = create_stores(addresses)
    yield made
    close_stores(made)


@dataclass(frozen=True)
class Both:
    """The same three stores, once with the owner's rights and once with the collector's, by these addresses."""

    owner: Stores
    collector: Stores
    addresses: Addresses


@pytest.fixture
def both(database: Callable[[], str], server: str, tmp_path: Path) -> Iterator[Both]:
    addresses = Addresses(database(), database(), database(), journal_key_in(tmp_path))
    owner, role = create_stores(addresses), f"collector_{secrets.token_hex(4)}"
    superuser = create_engine(server, isolation_level="AUTOCOMMIT")
    with superuser.connect() as connection:
        connection.execute(text(f"create role {role} login"))
    for store in RIGHTS:
        with getattr(owner, store).engine.begin() as connection:
            for statement in collector_grants(store, role):
                connection.execute(text(statement))
    mine = (make_url(getattr(addresses, store)).set(username=role).render_as_string() for store in RIGHTS)
    collectors = Addresses(*mine, journal_key=addresses.journal_key)
    collector = open_stores(collectors)
    yield Both(owner, collector, collectors)
    close_stores(collector)
    for store in RIGHTS:
        with getattr(owner, store).engine.begin() as connection:
            connection.execute(text(f"drop owned by {role}"))
    close_stores(owner)
    with superuser.connect() as connection:
        connection.execute(text(f"drop role {role}"))
    superuser.dispose()


def on_sqlite(folder: Path) -> Addresses:
    """The addresses of three SQLite files in this folder."""
    here = (f"sqlite:///{folder}/{name}.db" for name in ("research", "identity", "office"))
    return Addresses(*here, journal_key=journal_key_in(folder))


def journal_key_in(folder: Path) -> Path:
    """A journal's key in this folder, where there is none yet."""
    file = folder / "journal.key"
    if not file.exists():
        file.write_bytes(new_key_file())
    return file


def envelope(content: bytes = b"") -> Envelope:
    """A well-formed envelope that nobody can open. Like real ones it cannot be compressed, and it ends in `content`."""
    length = Suite.XWING.enc_length + 2 * BLOCK + 16
    return Envelope(Suite.XWING, b"k" * 8, secrets.token_bytes(length - len(content)) + content)


def bytes_at_rest(vault: Vault) -> bytes:
    """All that the database keeps of the vault's tables on disk: every SQLite file, or the tables' files."""
    if is_sqlite(vault.engine):
        here = Path(str(vault.engine.url.database))
        return b"".join(path.read_bytes() for path in sorted(here.parent.glob(here.name + "*")))
    asked = "select pg_relation_filepath(oid) from pg_class where relname in ('records', 'tags') or oid in "
    asked += "(select reltoastrelid from pg_class where relname in ('records', 'tags')) or oid in "
    asked += "(select indexrelid from pg_index where indrelid in ('records'::regclass, 'tags'::regclass))"
    with vault.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("checkpoint"))
        home = Path(str(connection.scalar(text("show data_directory"))))
        files = list(connection.scalars(text(asked)))
    return b"".join((home / file).read_bytes() for file in files)
