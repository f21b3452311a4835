"""A database that is away for a while: said in words, kept by devices, over without hands once it is back."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from select import select
from threading import Thread, Timer

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import create_app
from commands import addresses_of
from config import Settings
from errors import NotGranted, StorageError, StoreAway, StoreLost
from fieldwork.admissions import invite
from fieldwork.study import Study
from fieldwork.upkeep import put_right
from storage.engines import open_engine
from storage.office import tallies
from storage.stores import close_stores, open_stores
from storage.vaults import count
from tests.changes import sealed_changes, withdrawal_of
from tests.conftest import TODAY
from tests.deliveries import sealed_visit
from tests.field.test_delivery_api import OPERATIONS, check_body, documented
from tests.moving import moved, new_databases
from tests.staff import bearer
from tests.visits import amina

ROOT = Path(__file__).parents[2]
JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Site:
    """A field app on PostgreSQL, and who owns its server."""

    app: FlaskClient
    study: Study
    settings: Settings
    server: str

    def counted(self) -> list[int]:
        """How many envelopes each vault holds, and how many visits the tallies count."""
        stores = self.study.stores
        tallied = sum(one.count for one in tallies(stores.office) if one.outcome == "finished")
        return [count(stores.research), count(stores.identity), tallied]

    @contextmanager
    def without(self, store: str) -> Iterator[None]:
        """While this store's database takes nobody and has thrown out who was there."""
        name = make_url(getattr(self.settings, f"{store}_database")).database
        self._say(f"alter database {name} allow_connections false")
        self._say(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        try:
            yield
        finally:
            self._say(f"alter database {name} allow_connections true")

    @contextmanager
    def demoted(self, store: str) -> Iterator[None]:
        """While this store's server is one that may be read alone, as after its place went to another."""
        name = make_url(getattr(self.settings, f"{store}_database")).database
        self._say(f"alter database {name} set default_transaction_read_only = on")
        self._say(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        try:
            yield
        finally:
            self._say(f"alter database {name} reset default_transaction_read_only")

    def _say(self, statement: str) -> None:
        owner = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text(statement))
        owner.dispose()


@pytest.fixture(scope="module")
def site(unused: Path, tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("away") / "instance"
    settings = moved(unused, home, new_databases(server, "away"))
    app = create_app(settings)
    study = app.extensions["amanah"]
    with app.test_client() as client:
        yield Site(client, study, settings, server)
    close_stores(study.stores)


@pytest.mark.parametrize("lost", ["research", "identity", "office"])
def test_a_delivery_that_finds_a_store_away_is_told_when_to_come_again_and_is_kept_then(site: Site, lost: str) -> None:
    sent, token = sealed_visit(site.study, lost), bearer(invite(site.study, "single", TODAY))
    before = site.counted()
    with site.without(lost):
        for _ in range(2):
            answer = site.app.post("/deliveries", headers=JSON | token, data=sent.data)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) == 10
            assert "cannot be reached" in answer.json["sentence"]
    assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 201
    assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 200
    assert site.counted() == [one + new for one, new in zip(before, (1, 3, 1), strict=True)]


def test_every_operation_of_a_device_that_the_document_says_so_of_answers_that_a_store_is_away(site: Site) -> None:
    asked = [place for place in OPERATIONS if 503 in documented(*place) and place != ("GET", "/keyring.json")]
    change = sealed_changes(site.study, sealed_visit(site.study, "changes").receipt, {"o_quote": "no"})
    bodies = {"/changes": change, "/withdrawals": withdrawal_of(site.study, sealed_visit(site.study, "gone").receipt)}
    token = bearer(invite(site.study, "open", TODAY))
    with site.without("office"):
        for method, path in asked:
            answer = site.app.open(path, method=method, headers=JSON | token, json=bodies.get(path, {}))
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"]
            check_body(answer, method, path)
    assert len(asked) == 8


def test_a_person_reads_a_sentence_and_no_traceback(site: Site) -> None:
    with site.without("research"):
        answer = site.app.post("/visit/young_person", data=amina(site.study.instrument))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "wait a minute" in answer.text
        assert "psycopg" not in answer.text
        assert site.app.get("/visit/young_person").status_code == 200
    assert site.app.post("/visit/young_person", data=amina(site.study.instrument)).status_code == 200


def test_a_server_that_may_only_be_read_is_never_taken_for_the_truth(site: Site) -> None:
    sent, token = sealed_visit(site.study, "demoted"), bearer(invite(site.study, "open", TODAY))
    with site.demoted("identity"):
        assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 503
    assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 201


@pytest.fixture(scope="module")
def engine(server: str) -> Iterator[Engine]:
    made = open_engine(server)
    yield made
    made.dispose()


def fail(engine: Engine, state: str) -> None:
    """Let PostgreSQL end a statement with this code."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"do $$ begin raise exception 'it' using errcode = '{state}'; end $$")


@pytest.mark.parametrize("state", ["08006", "25006", "40001", "40P01", "53100", "53300", "55P03", "57014", "58030"])
def test_what_goes_by_without_a_change_of_settings_is_a_store_that_is_away(engine: Engine, state: str) -> None:
    with pytest.raises(StoreAway):
        fail(engine, state)


def test_a_file_that_is_missing_under_a_database_is_said_to_need_hands(engine: Engine) -> None:
    with pytest.raises(StoreLost, match="does not come back by itself"):
        fail(engine, "58P01")


@pytest.mark.parametrize(("state", "kind"), [("23505", IntegrityError), ("42501", NotGranted), ("42P01", DBAPIError)])
def test_what_is_wrong_for_good_is_not(engine: Engine, state: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        fail(engine, state)


def test_a_server_that_lost_its_place_is_left_by_every_connection(engine: Engine) -> None:
    before = processes_of(engine)
    with pytest.raises(StoreAway):
        fail(engine, "25006")
    assert not before & processes_of(engine)


def processes_of(engine: Engine) -> set[int]:
    """The server's processes behind two connections."""
    with engine.connect() as one, engine.connect() as two:
        return {each.exec_driver_sql("select pg_backend_pid()").scalar_one() for each in (one, two)}


SYNC = b"S\x00\x00\x00\x04"  # how a client of PostgreSQL ends what it asks


class Severed:
    """Stands before a server, and cuts a line where it is told: a commit has gone in, and its answer is not out."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.is_armed = False
        self.cuts = 0
        self.server = server
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(folder / ".s.PGSQL.5432"))
        self.door.listen()
        Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                here, _ = self.door.accept()
                there = socket.socket(socket.AF_UNIX)
                there.connect(str(self.server / ".s.PGSQL.5432"))
                Thread(target=self._pass_on, args=(here, there), daemon=True).start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        is_kept = False
        with here, there:
            while True:
                for ready in select([here, there], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (there if ready is here else here).sendall(data)
                    # The statement comes first, and what it keeps after it: it is done once all of it is there.
                    is_kept |= ready is here and b"insert into records" in data
                    if ready is here and self.is_armed and is_kept and data.endswith(SYNC):
                        there.recv(65536)  # it is done, and nobody hears of it
                        self.is_armed = False
                        self.cuts += 1
                        return


@pytest.fixture
def severed(site: Site) -> Iterator[tuple[Site, Severed]]:
    """The same site, with a line to its research vault that can be cut."""
    address = make_url(site.settings.research_database)
    folder = Path(tempfile.mkdtemp(prefix="amanah-cut-", dir="/tmp"))
    line = Severed(folder, Path(str(address.query["host"])))
    told = address.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    settings = replace(site.settings, research_database=told)
    app = create_app(settings)
    with app.test_client() as client:
        yield Site(client, app.extensions["amanah"], settings, site.server), line
    close_stores(app.extensions["amanah"].stores)
    line.door.close()
    shutil.rmtree(folder)


def test_a_delivery_whose_commit_was_done_and_its_answer_lost_is_sent_again_and_kept_once(
    severed: tuple[Site, Severed],
) -> None:
    site, line = severed
    sent, token, before = sealed_visit(site.study, "cut"), bearer(invite(site.study, "single", TODAY)), site.counted()
    line.is_armed = True
    assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 503
    assert line.cuts == 1
    assert site.counted()[:2] == [before[0] + 1, before[1] + 3], "it stands there, though nobody was told"
    assert site.app.post("/deliveries", headers=JSON | token, data=sent.data).status_code == 200
    assert site.counted()[:2] == [before[0] + 1, before[1] + 3]


def test_a_visit_on_the_plain_path_of_which_nobody_got_the_receipt_is_taken_out_again(
    severed: tuple[Site, Severed],
) -> None:
    site, line = severed
    before = site.counted()
    line.is_armed = True
    assert site.app.post("/visit/young_person", data=amina(site.study.instrument)).status_code == 503
    assert line.cuts == 1
    assert site.counted()[0] == before[0] + 1, "its answers stand there, and nobody could ever withdraw them"
    put_right(site.study, TODAY)
    assert site.counted() == before


def test_a_field_app_that_starts_before_its_database_waits_for_it(site: Site) -> None:
    with ExitStack() as away:
        away.enter_context(site.without("office"))
        Timer(1.5, away.close).start()
        app = create_app(site.settings)
    assert app.test_client().get("/visit/young_person").status_code == 200
    close_stores(app.extensions["amanah"].stores)


READS = """
import sys
import click
from console import Refusing
from storage.engines import open_engine
@click.command(cls=Refusing)
def reads():
    engine = open_engine(sys.argv[1])
    with engine.connect() as reader, engine.connect() as other:
        server = reader.exec_driver_sql("select pg_backend_pid()").scalar_one()
        found = reader.execution_options(yield_per=100).exec_driver_sql("select generate_series(1, 5000)")
        found.fetchmany(100)
        other.exec_driver_sql(f"select pg_terminate_backend({server}, 5000)")
        found.close()
        reader.exec_driver_sql("select 1")
reads([])
"""


def test_a_command_whose_server_ends_while_it_reads_says_one_line(site: Site) -> None:
    command = [sys.executable, "-c", READS, site.settings.research_database]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_opening_a_store_that_is_away_names_it(site: Site) -> None:
    told = "identity store cannot be reached.*identity_database"
    with site.without("identity"), pytest.raises(StoreAway, match=told):
        open_stores(addresses_of(site.settings))
    assert issubclass(StoreAway, StorageError)
