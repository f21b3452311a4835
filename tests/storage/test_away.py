"""A database that is away for a while: said in words, kept by devices, over without hands once it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from commands import addresses_of
from config import Settings
from errors import StorageError, StoreAway
from fieldwork.admissions import invite
from fieldwork.study import Study
from storage.office import tallies
from storage.stores import close_stores, open_stores
from storage.vaults import count
from tests.conftest import TODAY
from tests.deliveries import sealed_visit
from tests.moving import moved, new_databases
from tests.staff import bearer
from tests.visits import amina

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


def test_opening_a_store_that_is_away_names_it(site: Site) -> None:
    told = "identity store cannot be reached.*IDENTITY_DATABASE"
    with site.without("identity"), pytest.raises(StoreAway, match=told):
        open_stores(addresses_of(site.settings))
    assert issubclass(StoreAway, StorageError)
