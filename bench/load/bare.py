"""What ours is compared with: one row of an answers' envelope's size in one durable commit, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.pool import ThreadPool
from pathlib import Path

from sqlalchemy.engine import make_url

SIZE = 9341  # bytes: the sealed answers of the study that Amanah ships
PROCESSES, THREADS = 2, 4  # eight connections, in as many processes as gunicorn has
MAKE = "create table if not exists kept (id bytea primary key, envelope bytea not null)"
KEEP = "insert into kept values (%s, %s)"


def sqlite_commits(path: Path) -> Callable[[], object]:
    """One bare commit into a SQLite database, as durable as ours: write-ahead log, FULL."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("pragma journal_mode=wal")
    store.execute("pragma synchronous=full")
    store.execute("create table if not exists kept (id blob primary key, envelope blob) without rowid")
    return lambda: store.execute("insert into kept values (?, ?)", (os.urandom(16), os.urandom(SIZE)))


def postgresql_rate(address: str, seconds: float) -> float:
    """Bare commits a second over eight connections to this PostgreSQL database (a SQLAlchemy address)."""
    import psycopg

    told = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(told, autocommit=True) as connection:
        connection.execute(MAKE)
    with get_context("spawn").Pool(PROCESSES) as pool:
        return sum(pool.starmap(_some_connections, [(told, seconds)] * PROCESSES))


def _some_connections(address: str, seconds: float) -> float:
    # Started beside the others and connected before anything is counted.
    with ThreadPool(THREADS) as pool:
        return sum(pool.starmap(_one_connection, [(address, seconds)] * THREADS))


def _one_connection(address: str, seconds: float) -> float:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        done, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            connection.execute(KEEP, (os.urandom(16), os.urandom(SIZE)))
            done += 1
    return done / passed
