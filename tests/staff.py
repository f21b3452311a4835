"""Staff for tests, signed in by the ways that staff have, and what tests of their pages need."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldwork.roles import Role
from fieldwork.staff.members import hire
from fieldwork.staff.sessions import begin_session
from fieldwork.study import Study

PASSWORD = "five quiet words in a row"


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def sign_in_as(client: FlaskClient, study: Study, role: Role, name: str) -> FlaskClient:
    """Somebody new on the staff, signed in. The way over the pages is tried in tests/office/test_signing_in.py."""
    hire(study.stores.office, name, role, PASSWORD)
    open_session(client, study, name)
    return client


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
