"""Lighthouse judges every page that anybody can open: a new one is not forgotten."""

from __future__ import annotations

from flask.testing import FlaskClient

from bench.lighthouse import public_pages
from tests.routes import address
from views.field.doors import DOORS

OPEN = ("anyone", "sign-in")


def test_every_page_that_anybody_can_open_is_judged(field: FlaskClient) -> None:
    rules = [rule for rule in field.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    found = {address(rule) for rule in rules if rule.endpoint != "static" and DOORS.get(rule.endpoint) in OPEN}
    answers = {path: field.get(path) for path in found}
    pages = {path for path, said in answers.items() if said.status_code == 200 and said.mimetype == "text/html"}
    assert "/support" in pages
    assert pages - set(public_pages().values()) == set()
