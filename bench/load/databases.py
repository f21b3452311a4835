"""The PostgreSQL that is measured: a private cluster on this disk, as durable as PostgreSQL is when it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from tests.postgres import cluster, serving

# What an operator would give a small server of its own; nothing here makes a commit less durable.
OPTIONS = ("-c", "shared_buffers=512MB", "-c", "max_connections=200", "-c", "max_wal_size=2GB")


@contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """Gives what makes a new database of a name, and tells its SQLAlchemy address."""
    with cluster(on_disk=True) as made, serving(made, *OPTIONS):

        def new(name: str) -> str:
            owner = create_engine(made.address, isolation_level="AUTOCOMMIT")
            with owner.connect() as connection:
                connection.execute(text(f"create database {name}"))
            owner.dispose()
            return made.address.replace("/postgres?", f"/{name}?")

        yield new
