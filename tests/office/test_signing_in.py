"""Staff sign in with a password and then a code; a password alone opens only the page that sets a code up."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldwork.staff.members import hire
from fieldwork.staff.totp import code_at, from_base32
from fieldwork.study import Study
from tests.staff import PASSWORD, press

SIGN_IN, CODE, SET_UP = "/office/sign-in", "/office/sign-in/code", "/office/sign-in/set-up"


def secret_in(page: str) -> bytes:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return from_base32(found.group(1).replace(" ", ""))


def enter(client: FlaskClient, name: str, password: str = PASSWORD) -> TestResponse:
    return press(client, SIGN_IN, {"name": name, "password": password})


def test_who_has_a_password_alone_reaches_only_the_page_that_sets_a_code_up(field: FlaskClient, study: Study) -> None:
    hire(study.stores.office, "Idris", "coordinator", PASSWORD)
    assert enter(field, "Idris").location == CODE
    assert field.get(CODE).location == SET_UP
    pages = [rule.rule for rule in field.application.url_map.iter_rules() if rule.endpoint.startswith("office.")]
    for page in set(pages) - {SIGN_IN, CODE, SET_UP, "/office/sign-out", "/office/join"}:
        answer = field.get(page)
        assert answer.status_code in (303, 405)
        assert answer.location in (SIGN_IN, None)
    secret = secret_in(field.get(SET_UP).text)
    assert press(field, SET_UP, {"code": "000000"}).status_code == 403
    done = press(field, SET_UP, {"code": code_at(secret, datetime.now(UTC))})
    assert len(re.findall(r"<li><code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", done.text)) == 10
    assert field.get("/office").status_code == 200
