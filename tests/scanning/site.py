"""An instance to be scanned, with something on every page, and a watch that keeps the scanners' sessions alive.

What scanners press ends sessions, uses tries up and disables staff; from then on they would see only refusals.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from app import create_app
from fieldwork.admissions import enrol_tablet, invite, new_enrolment
from fieldwork.approvals import propose_removal
from fieldwork.staff.links import invite_staff
from fieldwork.staff.sessions import hash_of, new_token
from fieldwork.study import Study
from privacy.opening import new_private_key
from storage.sign_ins import end_half, mark_proved, mark_used, sign_in_of, start_half, start_sign_in
from storage.staff import staff, staff_named
from storage.staff_links import all_links
from storage.throttle import throttle
from tests.conftest import STUDY, Keys, counted_bytes, new_instance
from tests.staff import employ

SCANNER, LACKING = "Scanner", "Without a second factor"
TO_JOIN = "t" * 43  # the token of the link that is scanned
EVERY = 2  # seconds


@dataclass(frozen=True)
class Site:
    """The instance, and the tokens of the sessions that are scanned."""

    app: Flask
    home: Path
    token: str
    half: str
    lacking: str

    @property
    def study(self) -> Study:
        served = self.app.extensions["amanah"]
        assert isinstance(served, Study)
        return served

    def client(self) -> FlaskClient:
        """An administrator, signed in, who is half signed in once more: so every step of signing in is open too."""
        return self._client(token=self.token, half=self.half)

    def beginner(self) -> FlaskClient:
        """Somebody who has shown a password and has to set a second factor up."""
        return self._client(half=self.lacking)

    def _client(self, **kept: str) -> FlaskClient:
        client = self.app.test_client()
        with client.session_transaction() as session:
            session.update(kept)
        # The forms' token belongs to the cookie, which a scanner sends unchanged for as long as it scans.
        client.get("/office/sign-in")
        return client

    def cookie_of(self, client: FlaskClient) -> str:
        """The cookie as a scanner is given it."""
        name = str(self.app.config["SESSION_COOKIE_NAME"])
        found = client.get_cookie(name)
        assert found
        return f"{name}={found.value}"


def make_site(home: Path) -> Site:
    """A new instance in this folder: staff, tablets, invitations, a link, a proposal that waits."""
    random_bytes = counted_bytes("keys of the scans")
    keys = Keys(*(new_private_key(purpose, STUDY, random_bytes) for purpose in ("research", "identity")))
    app = create_app(new_instance(home, keys))
    study, now = app.extensions["amanah"], datetime.now(UTC)
    office, secrets = study.stores.office, app.extensions["amanah_office_keys"]
    for name in (SCANNER, "Second", "Third"):
        employ(office, name, keys=secrets)
    employ(office, LACKING)
    employ(office, "Coordinator", "coordinator", secrets)
    enrol_tablet(study, new_enrolment(study, "Tablet 1", "1", now), now)
    new_enrolment(study, "Tablet 2", "1", now)
    invite(study, "open", date(2099, 1, 1))
    invite_staff(office, "Second", "Newcomer", "coordinator", now, lambda _: TO_JOIN)
    propose_removal(study, "Second", "Third", now.date())
    return Site(app, home, new_token(), new_token(), new_token())


@contextmanager
def watched(site: Site) -> Iterator[None]:
    """Every two seconds, put back what a scanner needs in order to get further."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            put_back(site)

    put_back(site)
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def put_back(site: Site) -> None:
    """Sessions with a fresh factor, halves with all their tries, the staff as they were, and no brakes."""
    office, now = site.study.stores.office, datetime.now(UTC)
    whole = hash_of(site.token)
    if sign_in_of(office, whole) is None:
        start_sign_in(office, whole, SCANNER, now)
    mark_proved(office, whole, now)
    mark_used(office, whole, now)
    for token, name in ((site.half, SCANNER), (site.lacking, LACKING)):
        end_half(office, hash_of(token))
        start_half(office, hash_of(token), name, now + timedelta(minutes=5))
    with office.engine.begin() as connection:
        connection.execute(delete(throttle))
        connection.execute(update(staff).where(staff.c.name.in_([SCANNER, "Second"])).values(
            role="administrator", disabled=False))  # fmt: skip
        connection.execute(update(staff).where(staff.c.name == LACKING).values(totp=None, disabled=False))
    if staff_named(office, "Newcomer") is None and all(link.name != "Newcomer" for link in all_links(office)):
        invite_staff(office, "Second", "Newcomer", "coordinator", now, lambda _: TO_JOIN)
