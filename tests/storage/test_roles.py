"""The roles beside the collector's on PostgreSQL: one that copies and one that carries the identities, neither more."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from errors import NotGranted
from grants_commands import grants
from storage.bundle import open_bundle, write_bundle
from storage.grants import RIGHTS, ROLES, grants_for
from storage.journal import Act, write_entry
from storage.stores import Addresses, Stores, close_stores, engines_of, open_stores
from storage.vaults import deposit, rows
from tests.postgres import installed
from tests.storage.conftest import UNTIL, Both, envelope
from tests.storage.test_grants import refused

DAY = date(2026, 11, 26)
WRITES = (
    "delete from records", "update records set envelope = ''", "insert into records select * from records",
    "truncate records", "delete from tags", "update meta set value = ''", "create table mine (id int)",
)  # fmt: skip


# What the statements of test_grants.py do not try.
OTHER_WAYS = (
    "select ctid from records where envelope > ''",
    "select xmin, envelope from records",
    "select length(envelope) from records",
    "select (records).envelope from records",
    "select to_json(records) from records",
    "with gone as (delete from records returning *) select * from gone",
    "insert into records values ('a', 'b', 'c') on conflict (id) do update set envelope = excluded.envelope",
    "insert into records values ('a', 'b', 'c') returning envelope",
    "copy (select envelope from records) to stdout",
    "create index on records (envelope)",
    "create rule r as on delete to records do also select 1",
    "create policy p on records",
    "alter table records disable trigger all",
    "select pg_read_file('PG_VERSION')",
    "select pg_ls_dir('base')",
    "select lo_import('/etc/passwd')",
    "select * from pg_authid",
    "create extension file_fdw",
    "set role postgres",
)


@pytest.fixture
def acting(both: Both, server: str) -> Iterator[Callable[[str], Stores]]:
    """Opens the three stores with the rights of a kind, which `flask grants --apply` gave."""
    superuser, made = create_engine(server, isolation_level="AUTOCOMMIT"), []
    kept = both.addresses

    def act(kind: str) -> Stores:
        role = f"{kind}_{secrets.token_hex(4)}"
        with superuser.connect() as connection:
            connection.execute(text(f"create role {role} login"))
        for store in RIGHTS:
            with engines_of(both.owner)[store].begin() as connection:
                for statement in grants_for(kind, store, role):
                    connection.execute(text(statement))
        mine = (make_url(getattr(kept, store)).set(username=role).render_as_string() for store in RIGHTS)
        made.append((role, open_stores(Addresses(*mine, journal_key=kept.journal_key))))
        return made[-1][1]

    yield act
    for role, stores in made:
        close_stores(stores)
        for engine in engines_of(both.owner).values():
            with engine.begin() as connection:
                connection.execute(text(f"drop owned by {role}"))
        with superuser.connect() as connection:
            connection.execute(text(f"drop role {role}"))
    superuser.dispose()


def test_the_custodians_role_makes_their_bundle_and_changes_nothing(
    both: Both, acting: Callable[[str], Stores], tmp_path: Path
) -> None:
    deposit(both.collector.identity, b"i" * 16, b"t" * 16, envelope(), UNTIL)
    stores = acting("custodians")
    write_entry(stores.office, "Nadia", Act.BUNDLE_MADE, DAY, detail="identity")
    assert write_bundle(tmp_path / "b", "wt", stores.identity, stores.office, None, {}, ()) == 1
    assert [record_id for record_id, _ in open_bundle(tmp_path / "b").rows()] == [b"i" * 16]
    assert [one for one in WRITES if not refused(stores.identity, one)] == []
    with pytest.raises(NotGranted):
        list(rows(stores.research))
    for statement in (
        "select * from staff",
        "select * from tablets",
        "delete from journal",
        "update tombstones set tag=''",
    ):
        assert refused(stores.office, statement), statement  # type: ignore[arg-type]


def test_the_backup_role_reads_every_table_and_changes_none(
    both: Both, acting: Callable[[str], Stores], tmp_path: Path
) -> None:
    deposit(both.collector.identity, b"i" * 16, b"t" * 16, envelope(), UNTIL)
    stores = acting("backup")
    write_entry(stores.office, "the command line", Act.INIT, DAY)
    for store, engine in engines_of(stores).items():
        with engine.connect() as connection:
            for table in inspect(engines_of(both.owner)[store]).get_table_names():
                connection.execute(text(f'select * from "{table}"')).all()
    for vault in (stores.research, stores.identity):
        assert [one for one in WRITES if not refused(vault, one)] == []
    for table in set(RIGHTS["office"]) - {"journal"}:
        for statement in (f'delete from "{table}"', f'insert into "{table}" select * from "{table}"'):
            assert refused(stores.office, statement), statement  # type: ignore[arg-type]
    assert refused(stores.office, "update journal set entry = ''")  # type: ignore[arg-type]
    # PostgreSQL's own tool copies with these rights too.
    binaries, url = installed(), stores.identity.engine.url
    assert binaries, "pg_dump is needed: install PostgreSQL"
    where = ["-h", url.query["host"], "-p", url.query["port"], "-U", url.username, "-d", url.database]
    command = [binaries / "pg_dump", *map(str, where), "-Fc", "-f", tmp_path / "dump"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "dump").read_bytes().startswith(b"PGDMP")


def test_the_collector_finds_no_other_way_to_an_identity(both: Both) -> None:
    """PostgreSQL samples values for its planner too, and shows them only to whoever may read the column."""
    for _ in range(8):
        deposit(both.collector.identity, os.urandom(16), os.urandom(16), envelope(), UNTIL)
    assert [one for one in OTHER_WAYS if not refused(both.collector.identity, one)] == []
    asked = text("select attname from pg_stats where tablename = 'records'")
    with both.owner.identity.engine.begin() as connection:
        connection.execute(text("analyze records"))
        assert "envelope" in set(connection.scalars(asked))
    with both.collector.identity.engine.connect() as connection:
        assert "envelope" not in set(connection.scalars(asked))


def test_flask_grants_prints_what_it_would_do_and_does_it(
    both: Both, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text('study = "wt"\n')
    monkeypatch.setenv("AMANAH_HOME", str(tmp_path))
    role, superuser = f"keeper_{secrets.token_hex(4)}", create_engine(server, isolation_level="AUTOCOMMIT")
    run = CliRunner().invoke
    printed = run(grants, ["backup", role]).output
    assert [line for store in RIGHTS for line in grants_for("backup", store, role) if f"{line};" not in printed] == []
    for store, engine in engines_of(both.owner).items():
        monkeypatch.setenv(f"AMANAH_{store.upper()}_DATABASE", engine.url.render_as_string())
    with superuser.connect() as connection:
        connection.execute(text(f"create role {role} login"))
    told = run(grants, ["backup", role, "--apply"])
    assert told.exit_code == 0, told.output
    for engine in engines_of(both.owner).values():
        with engine.begin() as connection:
            connection.execute(text(f"set local role {role}"))
            connection.execute(text("select * from meta")).all()
        with engine.begin() as connection:
            connection.execute(text(f"drop owned by {role}"))
    with superuser.connect() as connection:
        connection.execute(text(f"drop role {role}"))
    superuser.dispose()
    assert "lower-case" in run(grants, ["backup", 'x"; drop table records']).output


def test_every_kind_of_role_has_its_line_in_the_document() -> None:
    document = (Path(__file__).parents[2] / "docs" / "grants.md").read_text("utf-8")
    assert [kind for kind in ROLES if f"| `{kind}` |" not in document] == []
