"""Write tables anew in key order, so that the place of a row in a file does not tell when it came. Changes no row."""

from __future__ import annotations

from sqlalchemy import Engine, Table

from errors import NotGranted
from storage.engines import checkpoint, is_sqlite

# What a role needs to let PostgreSQL's own log forget (docs/retention.md); a superuser has both.
TURN_OVER = ("select pg_switch_wal()", "checkpoint")


def rewrite_tables(engine: Engine, tables: tuple[Table, ...]) -> None:
    """Write tables anew in key order. On PostgreSQL every row then has the one transaction's `xmin`."""
    if is_sqlite(engine):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum")
        checkpoint(engine)
        return
    with engine.begin() as connection:
        for table in tables:
            connection.exec_driver_sql(f"lock table {table.name} in access exclusive mode")
        for table in tables:
            key = ", ".join(column.name for column in table.primary_key)
            connection.exec_driver_sql(f"create temp table anew on commit drop as select * from {table.name}")  # noqa: S608 (our own names)
            connection.exec_driver_sql(f"truncate {table.name}")
            connection.exec_driver_sql(f"insert into {table.name} select * from anew order by {key}")  # noqa: S608 (our own names)
            connection.exec_driver_sql("drop table anew")


def turn_log_over(engine: Engine) -> bool:
    """Let the database's own write-ahead log begin anew, so that what it wrote as it came can go; whether it may.

    SQLite's is emptied by every rewriting. PostgreSQL drops segments that it needs no more; with `wal_recycle = off`
    they are gone, else their old bytes stay until they are written over.
    """
    if is_sqlite(engine):
        return True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            for statement in TURN_OVER:
                connection.exec_driver_sql(statement)
        except NotGranted:
            return False
    return True
