"""Three PostgreSQL servers, one for each store, as deploy/postgres/ has them, and a field app with least rights."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app import create_app
from commands import DEFAULT_STUDY, addresses_of
from config import Settings, read_settings
from errors import NotGranted, StorageError
from fieldwork.certificate import issue
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder
from instruments.model import Instrument
from storage.engines import open_engine
from storage.grants import RIGHTS, grants_for
from storage.stores import close_stores, engines_of, open_stores
from storage.vaults import count, rows
from tests.conftest import TODAY, Keys
from tests.house.journey import RECEIPT
from tests.house.served import ROOT, free_port
from tests.postgres import Cluster, cluster, serving
from tests.visits import amina

CONF = ROOT / "deploy" / "postgres"
ROLES = ("amanah_owner", "amanah_field", "amanah_backup", "amanah_custodians")


@dataclass(frozen=True)
class Host:
    """A server of its own for one store, reached by TLS and a password alone."""

    store: str
    cluster: Cluster
    port: int

    def address(self, role: str, **told: object) -> str:
        asked = "&".join(f"{name}={value}" for name, value in told.items())
        return f"postgresql://{role}@127.0.0.1:{self.port}/{self.store}?{asked}"


def furnish(host: Host, certificate: bytes, key: bytes) -> None:
    """deploy/postgres/ as it stands, with this test's paths and addresses in the place of the documented ones."""
    folder, data = host.cluster.folder, host.cluster.folder / "data"
    for name, content in (("server.crt", certificate), ("server.key", key)):
        (folder / name).write_bytes(content)
    changed = {
        "amanah.conf": {},
        "tls.conf": {"/etc/amanah": str(folder), "'*'": "'127.0.0.1'"},
        "pg_hba.conf": {
            "hostssl  identity": f"hostssl  {host.store}",
            "192.0.2.10/32": "127.0.0.1/32",
            "postgres                            peer": "postgres                            trust",
        },
    }
    for name, places in changed.items():
        told = (CONF / name).read_text("utf-8")
        for before, after in places.items():
            assert before in told, before
            told = told.replace(before, after)
        (data / name).write_text(told, "utf-8")
    with (data / "postgresql.conf").open("a") as told_last:
        told_last.write("include 'amanah.conf'\ninclude 'tls.conf'\n")
    for path in (*folder.glob("server.*"), *(data / name for name in changed)):
        path.chmod(0o600)
        if host.cluster.user:
            os.chown(path, host.cluster.user["user"], host.cluster.user["group"])


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[dict[str, Host]]:
    issued, words = issue(["127.0.0.1"], datetime.now(UTC)), secrets.token_hex(16)
    (tmp_path / "ca.crt").write_bytes(issued.authority)
    (tmp_path / "pgpass").write_text(f"127.0.0.1:*:*:*:{words}\n")
    (tmp_path / "pgpass").chmod(0o600)
    with ExitStack() as stack:
        made = {}
        for store in RIGHTS:
            host = made[store] = Host(store, stack.enter_context(cluster()), free_port())
            furnish(host, issued.certificate, issued.key)
            over_tls = ("-c", "listen_addresses=127.0.0.1", "-c", f"port={host.port}")
            stack.enter_context(serving(host.cluster, *over_tls))
            engine = create_engine(
                host.cluster.address.replace("port=5432", f"port={host.port}"), isolation_level="AUTOCOMMIT"
            )
            with engine.connect() as connection:
                for role in ROLES:
                    connection.execute(text(f"create role {role} login password '{words}'"))
                connection.execute(text(f"create database {store} owner amanah_owner"))
            engine.dispose()
        yield made


def settings_as(role: str, home: Path, hosts: dict[str, Host], folder: Path) -> Settings:
    told = {"passfile": folder / "pgpass", "sslmode": "verify-full", "sslrootcert": folder / "ca.crt"}
    addresses = {f"AMANAH_{host.store.upper()}_DATABASE": host.address(role, **told) for host in hosts.values()}
    return read_settings(home, addresses)


def found(settings: Settings, keys: Keys) -> None:
    """What `flask init`, `flask keys add` and `flask grants collector amanah_field --apply` do."""
    copy_study(DEFAULT_STUDY, settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, settings.study, keys.keyring.to_json(), TODAY)
    for store, engine in engines_of(stores).items():
        with engine.begin() as connection:
            for statement in grants_for("collector", store, "amanah_field"):  # type: ignore[arg-type]
                connection.execute(text(statement))
    close_stores(stores)


@pytest.mark.torture
def test_a_study_on_three_hosts_by_tls_and_least_rights(
    hosts: dict[str, Host], keys: Keys, instrument: Instrument, tmp_path: Path
) -> None:
    home = tmp_path / "instance"
    make_folder(home, instrument.study, demo=True)
    owner = settings_as("amanah_owner", home, hosts, tmp_path)
    found(owner, keys)
    app = create_app(settings_as("amanah_field", home, hosts, tmp_path))
    stores = app.extensions["amanah"].stores
    with app.test_client() as client:
        visit = client.post("/visit/young_person", data=amina(instrument, o_recontact="yes", v_name="Amina"))
        assert visit.status_code == 200
        kept = open_stores(addresses_of(owner))
        assert (count(kept.research), count(kept.identity)) == (1, 3)
        with pytest.raises(NotGranted):
            list(rows(stores.identity))
        assert list(rows(kept.identity)), "the owner can read what nobody opens"
        receipt = RECEIPT.search(visit.text)
        assert receipt
        assert client.post("/withdraw", data={"code": receipt.group()}).status_code == 200
        assert (count(kept.research), count(kept.identity)) == (0, 0)
        close_stores(kept)
    close_stores(stores)
    assert_nobody_else_comes(hosts["identity"], tmp_path)
    for host in hosts.values():
        said = (host.cluster.folder / "log").read_text("utf-8")
        assert [
            word for word in ("select", "insert", "statement:", "authorized", "received") if word in said.lower()
        ] == []
        assert re.findall(r"(?m)^\d", said) == [], "no line begins with a time"


def assert_nobody_else_comes(host: Host, folder: Path) -> None:
    """No TLS, another authority, a wrong password, a role or a database without a line: each is refused."""
    other = folder / "other.crt"
    other.write_bytes(issue(["127.0.0.1"], datetime.now(UTC)).authority)
    good = {"passfile": folder / "pgpass", "sslmode": "verify-full", "sslrootcert": folder / "ca.crt"}
    assert comes(host.address("amanah_field", **good))
    for role, told in (
        ("amanah_field", good | {"sslmode": "disable"}),
        ("amanah_field", good | {"sslrootcert": other}),
        ("amanah_field", good | {"passfile": folder / "missing"}),
        ("amanah_backup", good),
        ("postgres", good),
    ):
        assert not comes(host.address(role, **told)), (role, told)


def comes(address: str) -> bool:
    """Whether this address lets somebody in."""
    engine = open_engine(address)
    try:
        engine.connect().close()
    except (OperationalError, StorageError):
        return False
    finally:
        engine.dispose()
    return True
