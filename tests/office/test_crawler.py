"""Every page, as every role, with attacks in every field: nothing but clean refusals, and nothing changed by them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import inspect

from app import create_app
from fieldwork.admissions import enrol_tablet, invite, new_enrolment
from fieldwork.drafts import WHOLE, Upload, begin_draft
from fieldwork.journal import pen_of
from fieldwork.roles import Role
from fieldwork.study import Study
from instruments.back_out import backed_out
from storage.journal_check import verify_journal
from tests.attack_strings import PRODUCT
from tests.conftest import Keys, new_instance
from tests.crawling import TOKEN, Crawler
from tests.staff import bearer, csrf_in, sign_in_as

ROLES = ("nobody", "bearer", "coordinator", "administrator")


@dataclass
class Site:
    """One instance that everybody attacks, with something on every page."""

    app: Flask
    home: Path
    visits: int = 0

    @property
    def study(self) -> Study:
        served = self.app.extensions["amanah"]
        assert isinstance(served, Study)
        return served

    def client_of(self, role: str) -> FlaskClient:
        """A new client of this role, from a network of its own, so that nobody is slowed by another's attempts."""
        self.visits += 1
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.{self.visits}.0.1"
        if role == "bearer":
            now = datetime.now(UTC)
            code = new_enrolment(self.study, f"Tablet {self.visits}", "1", now)
            client.environ_base["HTTP_AUTHORIZATION"] = bearer(enrol_tablet(self.study, code, now)[0])["Authorization"]
        return client if role in ("nobody", "bearer") else self._signed_in(client, role)

    def _signed_in(self, client: FlaskClient, role: str) -> FlaskClient:
        named: Role = "administrator" if role == "administrator" else "coordinator"
        return sign_in_as(client, self.study, named, f"{role.capitalize()} {self.visits}")

    def shape(self) -> list[object]:
        """What no form may ever change: tables and columns, the study, its keys, files outside the stores."""
        stores = self.study.stores
        engines = (stores.research.engine, stores.identity.engine, stores.office.engine)
        tables = [
            (name, tuple(column["name"] for column in inspect(engine).get_columns(name)))
            for engine in engines
            for name in sorted(inspect(engine).get_table_names())
        ]
        assert self.study.keyring
        outside = sorted(path.name for path in (*self.home.iterdir(), *self.home.parent.iterdir()))
        return [tables, self.study.instrument.digest, self.study.keyring.fingerprint, outside]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Site:
    home = tmp_path_factory.mktemp("attacked") / "instance"
    site = Site(create_app(new_instance(home, keys)), home)
    site.client_of("nobody").get("/")
    now = datetime.now(UTC)
    new_enrolment(site.study, "Tablet <b>0</b>", "1", now)
    invite(site.study, "open", date(2099, 1, 1))
    return site


def attacked(site: Site, role: str, step: int, spared: set[object]) -> Crawler:
    """A crawl as this role, with attacks on all but the spared forms. The stores are then as they were."""
    before = site.shape()
    crawler = Crawler(site.client_of(role), step)
    crawler.walk()
    for attack in attacks(crawler, ROLES.index(role), spared):
        attack()
        if role in ("coordinator", "administrator") and crawler.client.get("/office").status_code != 200:
            renew(crawler, site.client_of(role))  # a form ended the session, as it should
    assert crawler.wrong == []
    assert site.shape() == before
    verify_journal(site.study.stores.office)
    return crawler


def attacks(crawler: Crawler, start: int, spared: set[object]) -> Iterator[Callable[[], None]]:
    """One after the other; what may end the session comes last."""
    yield partial(crawler.attack_addresses, start)
    yield partial(crawler.attack_headers, "/")
    yield crawler.attack_hidden
    ours = [form for mark, form in crawler.forms.items() if mark not in spared]
    for form in sorted(ours, key=lambda form: ("/sign" in form.action, form.action)):
        yield partial(crawler.attack, form)


def renew(crawler: Crawler, client: FlaskClient) -> None:
    """Go on with a new session, whose forms carry its own token."""
    crawler.client = client
    token = csrf_in(client.get("/office").text)
    for form in crawler.forms.values():
        form.fields |= {TOKEN: token} if TOKEN in form.fields else {}


EVERYBODYS = {"/visit/young_person", "/withdraw", "/withdraw/choices"}
OF_STAFF = {"/office/sign-out", "/office/tablets", "/office/tablets/revoke", "/office/invitations"}
OF = {
    "nobody": EVERYBODYS | {"/office/sign-in"},
    "bearer": EVERYBODYS,
    "coordinator": EVERYBODYS | OF_STAFF,
    "administrator": EVERYBODYS | OF_STAFF | {"/office/instruments/check"},
}


def check(site: Site, step: int) -> None:
    """Each role attacks what the roles before it did not reach."""
    spared: set[object] = set()
    for role in ROLES:
        crawler = attacked(site, role, step, spared)
        found = {form.action.partition("?")[0] for form in crawler.forms.values() if form.method == "post"}
        assert OF[role] <= found
        spared |= set(crawler.forms)


def test_whatever_is_typed_anywhere_is_refused_cleanly(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    check(site, 96)
    # A crash is logged; a refusal is not, whatever was sent.
    assert caplog.text == ""


@pytest.mark.torture
def test_every_attack_in_every_field_is_refused_cleanly(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    book = backed_out(site.study.instrument, site.study.settings)
    pen = pen_of(site.study, "Mara", date.today())
    begin_draft(site.home / "studies" / site.study.name, WHOLE, Upload("study.xlsx", book), pen)
    check(site, 1)
    assert caplog.text == ""


def careless() -> Flask:
    """An app with one of each fault that the crawler looks for."""
    app = Flask("careless")
    page = "<form method=post action=/said><input name=word></form><form action=/there><input name=next></form>"
    app.add_url_rule("/", "start", lambda: page)
    app.add_url_rule("/office", "office", lambda: render_template_string(request.args.get("lang", "")))
    app.add_url_rule("/said", "said", lambda: request.form["word"], methods=["POST"])
    app.add_url_rule("/there", "there", lambda: redirect(request.args.get("next", "/").strip()))
    app.add_url_rule("/set", "set", lambda: ("", {"Set-Cookie": f"word={quote(request.args.get('next', ''))}"}))
    app.add_url_rule("/broken", "broken", lambda: str(int(request.args.get("url", "1"))))
    return app


def test_the_crawler_finds_what_is_planted() -> None:
    crawler = Crawler(careless().test_client())
    crawler.walk()
    for attack in attacks(crawler, 0, set()):
        attack()
    found = "\n".join(crawler.wrong)
    planted = (
        "answered 500",
        "shows '<xq7f3a'",
        f"shows {PRODUCT!r}",
        "leads to 'https://xq7f3a.example",
        "may be framed",
        "sets a cookie that others",
        "has what was sent in its headers",
        "lets its kind be guessed",
    )
    assert [told for told in planted if told not in found] == []
