"""One instance with everybody at its doors, and what they are answered: for tests that walk over all addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from commands import opened_study
from fieldwork.roles import May
from fieldwork.staff.sessions import FRESH_FOR, LONGEST_IDLE
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.members import change_member
from storage.office import metadata, tallies
from storage.staff import add_staff
from storage.vaults import count
from tests.conftest import STUDY, Keys, counted_bytes, new_instance
from tests.routes import address
from tests.staff import open_session

NOW = datetime.now(UTC)
# Who asks. The last four hold a cookie that once was good, or never.
STAFF: dict[str, str] = {"Mara": "administrator", "Idris": "coordinator"}
NOBODY = ("stranger", "disabled", "idle", "forged")
OUTSIDERS = ("police", "school", "funder", "", "Administrator")
# What changes by being looked at: when a session was last used, how often somebody guessed, which secret is offered.
RESTLESS: dict[str, set[str]] = {"sign_ins": {"used"}, "throttle": set(), "totp_offers": set()}


@dataclass
class House:
    """One instance with everybody at its doors."""

    app: Flask
    study: Study
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def rules(self) -> list[Rule]:
        return list(self.app.url_map.iter_rules())

    @property
    def staff_rules(self) -> list[tuple[Rule, May]]:
        views = self.app.view_functions
        return [(one, views[one.endpoint].act) for one in self.rules if hasattr(views[one.endpoint], "act")]

    def enter(self, who: str, name: str, now: datetime | None = None) -> FlaskClient:
        # What is dangerous is open for ten minutes after a sign-in, and a run of tests may take longer.
        self.clients[who] = self.app.test_client()
        open_session(self.clients[who], self.study, name, now or datetime.now(UTC))
        return self.clients[who]

    def kept(self) -> dict[str, object]:
        """Everything that the instance keeps, but what changes by being looked at."""
        office = self.study.stores.office
        found: dict[str, object] = {}
        with office.engine.connect() as connection:
            for name, table in metadata.tables.items():
                if RESTLESS.get(name) != set():
                    columns = [one for one in table.c if one.name not in RESTLESS.get(name, ())]
                    rows = map(repr, connection.execute(select(*columns)))
                    # That somebody was refused is written down, once a day.
                    found[name] = sorted(row for row in rows if '"act":"not_permitted"' not in row)
        folder = self.app.extensions["amanah_settings"].home / "studies"
        found["sheets"] = sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))
        stores = self.study.stores
        return found | {"records": (count(stores.research), count(stores.identity), tallies(office))}


def everybody(home: Path, keys: Keys) -> House:
    """A new instance in this folder, with everybody at its doors."""
    settings = new_instance(home, keys)
    made = House(create_app(settings), opened_study(settings))
    office = made.study.stores.office
    for name, role in (STAFF | {"Zara": "administrator", "Nadia": "administrator", "Lazy": "administrator"}).items():
        add_staff(office, name, role, None)
        made.enter(name, name)
    for role in OUTSIDERS:
        add_staff(office, f"of {role}", role, None)
        made.enter(f"of {role}", f"of {role}")
    made.clients["stranger"] = made.app.test_client()
    made.clients["disabled"] = made.clients.pop("Zara")
    change_member(office, "Zara", may_be_last=True, disabled=True)
    made.enter("idle", "Lazy", NOW - LONGEST_IDLE - timedelta(minutes=1))
    made.enter("stale", "Mara", NOW - FRESH_FOR - timedelta(minutes=1))
    made.clients["forged"] = made.app.test_client()
    made.clients["forged"].set_cookie("amanah", "eyJ0b2tlbiI6IngifQ.aa.bb")
    return made


def methods_of(rule: Rule) -> list[str]:
    return sorted(rule.methods or ())


def told(answer: TestResponse) -> tuple[int, str, str]:
    """An answer as somebody who compares two would see it: each page has its own token, each refusal its number."""
    return answer.status_code, answer.location or "", re.sub(r'value="[^"]*"|\b[0-9a-f]{8}\b', "", answer.text)


def ask(client: FlaskClient, rule: Rule, method: str, **words: object) -> TestResponse:
    return client.open(address(rule), method=method, buffered=True, **words)  # type: ignore[arg-type]  # what the client takes


def new_keys(seed: str) -> bytes:
    random_bytes = counted_bytes(seed)
    made = (new_private_key(purpose, STUDY, random_bytes).public() for purpose in ("research", "identity"))
    return Keyring(STUDY, tuple(made)).to_json()
