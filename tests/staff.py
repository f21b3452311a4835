"""Staff for tests, signed in by the ways that staff have, and what tests of their pages need."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from functools import cache
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldwork.roles import Role
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.passwords import hash_password
from fieldwork.staff.sessions import begin_session
from fieldwork.staff.totp import seal_secret
from fieldwork.study import Study
from storage.office import Office
from storage.staff import add_staff

PASSWORD = "five quiet words in a row"
SECRET = b"twenty secret bytes."  # of an authenticator app


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def sign_in_as(client: FlaskClient, study: Study, role: Role, name: str) -> FlaskClient:
    """Somebody new on the staff, signed in. The way over the pages is tried in tests/office/test_signing_in.py."""
    employ(study.stores.office, name, role)
    open_session(client, study, name)
    return client


def employ(office: Office, name: str, role: Role = "administrator", keys: OfficeKeys | None = None) -> None:
    """Somebody new on the staff, with the password of the tests; with keys, their app has the SECRET of the tests."""
    totp = seal_secret(keys, name, SECRET, secrets.token_bytes(12)) if keys else None
    add_staff(office, name, role, hashed(), totp)


@cache
def hashed() -> str:
    """The hash of the password, made once: it costs a sixth of a second."""
    return hash_password(PASSWORD, secrets.token_bytes(16))


def open_session(client: FlaskClient, study: Study, name: str, now: datetime | None = None) -> str:
    """A session of a member, begun by the function that ends every sign-in, in this client's cookie."""
    token = begin_session(study.stores.office, name, now or datetime.now(UTC))
    with client.session_transaction() as kept:
        kept.clear()
        kept["token"] = token
    return token


def press(client: FlaskClient, page: str, typed: dict[str, str], to: str | None = None) -> TestResponse:
    """Fill in a form of a page and send it, as a person would."""
    return client.post(to or page, data=typed | {"csrf_token": csrf_in(client.get(page).text)})


def links_in(page: str) -> list[str]:
    """Every link that a page shows to be copied."""
    return [unescape(found) for found in re.findall(r'class="copyable">([^<]+)<', page)]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
