"""Field apps and desks in every state that a page can show, served within this process for tests that look at pages.

Made once for a whole walk through the catalogue (tests/browser/catalogue.py). Whatever stands in them is invented.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from playwright.sync_api import BrowserContext
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app, create_desk
from commands import addresses_of
from config import Settings, read_settings
from fieldwork.approvals import propose_keys
from fieldwork.bundles import make_bundle
from fieldwork.instance import add_keys, add_study, copy_study, found_instance, make_folder, open_study
from fieldwork.staff.links import invite_staff, reset_staff
from fieldwork.staff.totp import seal_secret
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from instruments.reading.starter import write_study
from storage.journal import Act, write_entry
from storage.notices import count_notice
from storage.office import count_visit
from storage.staff import add_staff
from storage.stores import close_stores
from tests.approving import Here
from tests.browser.devices import close_plain_path
from tests.conftest import STUDY, TODAY, Keys, new_instance
from tests.holding import held, with_staff
from tests.house.served import ROOT
from tests.identities import AMINA, YUSUF
from tests.rehearsing import cabinet_of
from tests.staff import SECRET, employ, open_session
from tests.visits import amina
from views.desk import new_desk
from views.desk.state import Desk

# A form of a team's own, with the kinds of questions that the default study lacks.
KINDS = ROOT / "tests" / "browser" / "data" / "kinds.md"
KINDS_NAME = "kinds_of_questions"


class Quiet(WSGIRequestHandler):
    """A server that says nothing of what it is asked."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Field:
    """A field app that stands, and its study."""

    app: Flask
    url: str
    study: Study

    def sign_in(self, context: BrowserContext, name: str) -> None:
        """A browser in which this member has just signed in."""
        client = self.app.test_client()
        open_session(client, self.study, name)
        kept = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert kept
        context.add_cookies([{"name": kept.key, "value": kept.value, "url": self.url}])


@dataclass(frozen=True)
class DeskHouse:
    """A desk that stands."""

    app: Flask
    url: str

    @property
    def desk(self) -> Desk:
        found = self.app.extensions["amanah_desk"]
        assert isinstance(found, Desk)
        return found


@dataclass(frozen=True)
class Houses:
    """Everything that stands. `fields`: "busy" (much has happened), "bare" (founded, no keys), "held" (a legal hold is
    on, no plain path), "kinds" (a form of one's own). `desks`: "bare" (an empty folder), "full"."""

    keys: Keys
    fields: dict[str, Field] = field(default_factory=dict)
    desks: dict[str, DeskHouse] = field(default_factory=dict)


@contextmanager
def houses_in(around: Path, keys: Keys, unused: Path | None = None) -> Iterator[Houses]:
    """Build all of it in this folder, and serve it until the walk is over. `unused`: an instance to copy."""
    with ExitStack() as open_now:
        found = Houses(keys)
        for name, settings in _settings_in(around, keys, unused or new_instance(around / "unused", keys).home).items():
            study = open_study(settings.study, settings.study_folder, addresses_of(settings), settings.tombstone_files)
            if name == "busy":
                _fill(settings, study)
            if name == "held":
                held(with_staff(settings, study))
            app = create_app(settings)
            found.fields[name] = Field(app, open_now.enter_context(_served(app)), study)
            open_now.callback(close_stores, study.stores)
        _add_passkey_only(found.fields["busy"])
        for name in ("bare", "kinds"):
            employ(found.fields[name].study.stores.office, "Mara")
        full = _desk_in(around / "desk", found.fields["busy"], keys)
        for name, home in {"bare": around / "new desk", "full": full}.items():
            home.mkdir(exist_ok=True)
            app = _desk(home)
            found.desks[name] = DeskHouse(app, open_now.enter_context(_served(app)))
        yield found


def _desk(home: Path) -> Flask:
    app = create_desk()
    app.extensions["amanah_desk"] = new_desk(home)
    return app


def _settings_in(around: Path, keys: Keys, unused: Path) -> dict[str, Settings]:
    found = {}
    for name in ("busy", "held"):
        shutil.copytree(unused, around / name)
        found[name] = read_settings(around / name, {})
    close_plain_path(found["held"])
    found["bare"] = _bare(around / "bare")
    found["kinds"] = _of_ones_own(around, keys)
    return found


def _bare(home: Path) -> Settings:
    """An instance as it is before its keys are made."""
    make_folder(home, STUDY, demo=True)
    settings = read_settings(home, {})
    copy_study(ROOT / "instruments" / "definitions" / STUDY, settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    close_stores(stores)
    return settings


def _of_ones_own(around: Path, keys: Keys) -> Settings:
    """An instance around a form with every kind of question."""
    write_study(KINDS, around / "kinds study")
    make_folder(around / "kinds", KINDS_NAME, demo=True)
    settings = read_settings(around / "kinds", {})
    copy_study(around / "kinds study", settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    ring = type(keys.keyring)(KINDS_NAME, keys.keyring.keys)
    add_keys(stores.office, KINDS_NAME, ring.to_json(), TODAY)
    close_stores(stores)
    return settings


def _fill(settings: Settings, study: Study) -> None:
    """People on the staff, visits that were counted, links and proposals that wait."""
    office, now = study.stores.office, datetime.now(UTC)
    for name in ("Mara", "Idris", "Nadia"):
        write_entry(office, name, Act.STAFF_JOINED, TODAY, detail="invitation")
        employ(office, name)
    employ(office, "Salma", "coordinator")
    invite_staff(office, "Mara", "Tariq", "coordinator", now)
    invite_staff(office, "Mara", "Yusuf", "coordinator", now - timedelta(days=30))
    employ(office, "Owen", "coordinator")
    reset_staff(office, "Mara", "Owen", now)
    count_notice(office, "Mara", failed=12, halves=2)
    for group, number in (("community_leader", 7), ("young_person", 61), ("police_officer", 12)):
        for _ in range(number):
            count_visit(office, "finished", group, "2", "2026-11")
    maintain(study, TODAY)
    propose_keys(study, "Idris", Here(settings, study).new_keys(), TODAY)


def _add_passkey_only(busy: Field) -> None:
    """Somebody who signs in without a password, and has an app for codes."""
    totp = seal_secret(busy.app.extensions["amanah_office_keys"], "Rana", SECRET, os.urandom(12))
    add_staff(busy.study.stores.office, "Rana", "coordinator", None, totp)


def _desk_in(home: Path, busy: Field, keys: Keys) -> Path:
    """A desk's folder with every key file, the keyring, and both sealed bundles of six visits."""
    with busy.app.test_client() as client:
        for said in (AMINA, YUSUF, {}, {}, {}, {}):
            typed = amina(busy.study.instrument, yp_text_1="something", **said)
            assert client.post("/visit/young_person", data=typed).status_code == 200
    (home / "keys").mkdir(parents=True)
    cabinet = cabinet_of(keys)
    for name, data in cabinet.files.items():
        (home / "keys" / name).write_bytes(data)
    (home / "keys" / "keyring.json").write_bytes(cabinet.ring.to_json())
    make_bundle(busy.study, home / "records.amanah", "Mara", TODAY, "research")
    make_bundle(busy.study, home / "identities.amanah", "Mara", TODAY, "identity")
    return home


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """Serve an app from a thread; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
