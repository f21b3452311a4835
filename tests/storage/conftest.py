"""Every storage test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from privacy.envelope import BLOCK, Envelope, Suite
from storage.stores import Addresses, Stores, create_stores
from tests.postgres import postgres

UNTIL = date(2026, 12, 27)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def database(server: str) -> Iterator[Callable[[], str]]:
    """Makes a new PostgreSQL database and gives its address."""
    owner = create_engine(server, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        name = f"amanah_{secrets.token_hex(6)}"
        with owner.connect() as connection:
            connection.execute(text(f"create database {name}"))
        made.append(name)
        return server.replace("/postgres?", f"/{name}?")

    yield make
    with owner.connect() as connection:
        for name in made:
            connection.execute(text(f"drop database {name} with (force)"))
    owner.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Three new stores."""
    if request.param == "sqlite":
        addresses = Addresses(*(f"sqlite:///{tmp_path}/{name}.db" for name in ("research", "identity", "office")))
    else:
        make = request.getfixturevalue("database")
        addresses = Addresses(make(), make(), make())
    made = create_stores(addresses)
    yield made
    for engine in (made.research.engine, made.identity.engine, made.office.engine):
        engine.dispose()


def envelope(content: bytes = b"") -> Envelope:
    """A well-formed envelope that nobody can open."""
    return Envelope(Suite.XWING, b"k" * 8, content.ljust(Suite.XWING.enc_length + BLOCK + 16, b"x"))
