"""The delivery API is what docs/delivery-api.json says: every route, every status, every body, whatever is sent."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.ending import LATE, Ending
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from tests.changes import sealed_changes, withdrawal_of
from tests.conftest import TODAY, Keys, new_instance
from tests.deliveries import sealed_visit, several
from tests.staff import bearer

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "delivery-api.json").read_text("utf-8"))
OF_DEVICES = ("views.field.deliveries", "views.field.changes", "views.field.offline")
OPERATIONS = {(method.upper(), path): told for path, ways in DOCUMENT["paths"].items() for method, told in ways.items()}
# A host that is not ours is refused before any route is looked for.
EVERYWHERE = {400}
# What is answered while a store is away, tests/storage/test_away.py shows; without public keys, this here.
AWAY, NOT_OPEN = {503}, {("POST", path) for path in ("/deliveries", "/deliveries/several", "/changes")}
NOT_OPEN.add(("GET", "/keyring.json"))


def routes(app: Flask) -> set[tuple[str, str]]:
    """What the views for devices are reached by."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint].__module__ in OF_DEVICES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def documented(method: str, path: str) -> dict[int, dict[str, Any]]:
    """The answers of an operation by their status, each followed to where it is written."""
    answers = OPERATIONS[method, path]["responses"].items()
    shared = DOCUMENT["components"]["responses"]
    return {int(code): shared[told["$ref"].rpartition("/")[2]] if "$ref" in told else told for code, told in answers}


def check_body(answer: TestResponse, method: str, path: str) -> None:
    """The body is one that the document allows under this status."""
    told = documented(method, path)[answer.status_code]
    if "content" not in told:
        assert answer.data == b""
        return
    schema = told["content"][answer.mimetype]["schema"]
    body = answer.json if "json" in answer.mimetype else answer.text
    jsonschema_rs.validator_for(schema | {"components": DOCUMENT["components"]}).validate(body)


def test_every_route_of_a_device_stands_in_the_document_and_the_other_way_round(field: FlaskClient) -> None:
    assert routes(field.application) == set(OPERATIONS)
    # Nothing else reads a bearer token, so nothing else could belong here.
    readers = [path for path in (ROOT / "views").rglob("*.py") if re.search("Authorization", path.read_text("utf-8"))]
    assert [path.name for path in readers] == ["deliveries.py"]


def test_without_a_token_every_operation_that_asks_for_one_answers_401(field: FlaskClient) -> None:
    asked = [place for place, told in OPERATIONS.items() if told["security"]]
    assert len(asked) == 5
    for method, path in asked:
        answer = field.open(path, method=method, headers={"Accept": "application/json"})
        assert answer.status_code == 401
        check_body(answer, method, path)


@pytest.fixture
def asked(field: FlaskClient, study: Study) -> Iterator[tuple[str, str, TestResponse]]:
    """One request for each answer that the document names, in its order of happening."""
    return _requests(field, study)


def _requests(field: FlaskClient, study: Study) -> Iterator[tuple[str, str, TestResponse]]:
    app, now = field.application, datetime.now(UTC)
    code = bearer(new_enrolment(study, "Tablet 3", "1", now))
    token = bearer(enrol_tablet(study, new_enrolment(study, "Tablet 4", "1", now), now)[0])
    sent, other, gone = (sealed_visit(study, seed) for seed in ("amina", "other", "gone"))
    withdraw(study, gone.receipt.grouped, TODAY)
    taken = other.with_half("research", id=sent.parcel("research")["id"])
    large = {"outcome": "refused", "group": "young_person", "more": "a" * 1024 * 1024}

    def post(path: str, given: dict[str, str], **sent: Any) -> tuple[str, str, TestResponse]:
        return "POST", path, field.post(path, headers={"Accept": "application/json"} | given, **sent)

    def get(path: str, **given: str) -> tuple[str, str, TestResponse]:
        return "GET", path, field.get(path, headers=given)

    for one in (sent, sent, taken, gone, sent.changed(group="nobody"), sent.changed(more="a" * 1024 * 1024)):
        yield post("/deliveries", token, data=one.data)
    yield post("/deliveries", {}, data=sent.data)
    mixed = [one.told for one in (sealed_visit(study, "new"), sent, taken, gone, sent.changed(group="nobody"))]
    yield post("/deliveries/several", token, json=several(*mixed))
    for message in (several(*mixed * 5), several(*[{**sent.told, "more": "a" * 100_000}] * 12)):
        yield post("/deliveries/several", token, json=message)
    yield post("/deliveries/several", {}, json=several(sent.told))
    yield post("/outcomes", token, json={"outcome": "refused", "group": "young_person"})
    yield post("/outcomes", token, json={"outcome": "finished", "group": "young_person"})
    yield post("/outcomes", token, json=large)
    yield post("/outcomes", {}, json={})
    change, withdrawal = sealed_changes(study, sent.receipt, {"o_quote": "no"}), withdrawal_of(study, sent.receipt)
    for path, told in (("/changes", change), ("/withdrawals", withdrawal)):
        for one in (told, told | {"version": 2}, told | {"more": "a" * 1024 * 1024}):
            yield post(path, {}, json=one)
    for _ in range(2):
        yield post("/tablet/enrolment", code)
    yield get("/admission", **token)
    yield get("/admission")
    for path in ("/keyring.json", "/manifest.webmanifest", "/worker.js"):
        yield get(path)
        yield get(path, **{"If-None-Match": field.get(path).headers["ETag"]})
    yield post("/walk-in", {})
    served = app.extensions["amanah"]
    app.extensions["amanah_lookout"].clock = lambda: 0.0  # what is changed here is not to be read anew
    app.extensions["amanah"] = replace(served, settings=replace(served.settings, plain_path=False))
    yield post("/walk-in", {})
    app.extensions["amanah"] = replace(served, ending=Ending(TODAY - 2 * LATE))
    for path in ("/deliveries", "/walk-in", "/outcomes"):
        yield post(path, token)
    yield get("/admission", Accept="application/json", **token)
    app.extensions["amanah"] = replace(served, keyring=None)
    yield post("/deliveries", token, data=sealed_visit(study, "third").data)
    yield post("/deliveries/several", token, json=several(sealed_visit(study, "fourth").told))
    yield post("/changes", {}, json=change)
    yield get("/keyring.json")


def test_each_status_in_the_document_comes_and_each_body_is_as_it_says(
    asked: Iterator[tuple[str, str, TestResponse]],
) -> None:
    came: dict[tuple[str, str], set[int]] = {}
    for method, path, answer in asked:
        check_body(answer, method, path)
        if path == "/deliveries/several" and answer.status_code == 200 and answer.json:
            assert [one["status"] for one in answer.json["deliveries"]] == [201, 200, 409, 410, 422]
        came.setdefault((method, path), set()).add(answer.status_code)
    told = {
        place: set(documented(*place)) - EVERYWHERE - (AWAY if place not in NOT_OPEN else set()) for place in OPERATIONS
    }
    assert came == told


def test_what_may_not_be_asked_is_told_with_what_may(field: FlaskClient) -> None:
    answer = field.get("/deliveries")
    assert answer.status_code == 405
    assert {"POST"} <= set(answer.headers["Allow"].split(", ")) <= {"POST", "OPTIONS"}


def without_rewriting() -> Any:
    """schemathesis with its asserts as they are: pytest would write them anew, which takes longer than the test."""
    with pytest.MonkeyPatch.context() as patch:
        others = [finder for finder in sys.meta_path if type(finder).__module__ != "_pytest.assertion.rewrite"]
        patch.setattr(sys, "meta_path", others)
        import schemathesis
        import schemathesis.engine.run
        import schemathesis.specs.openapi.schemas
    return schemathesis


def attacked(settings: Settings, study: Study, examples: int) -> tuple[dict[str, set[int]], list[str]]:
    """Let schemathesis loose on the app with a tablet's token: which statuses came, and what it complained of."""
    schemathesis = without_rewriting()
    from schemathesis import engine
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine.events import NonFatalError, ScenarioFinished

    now = datetime.now(UTC)
    token = enrol_tablet(study, new_enrolment(study, "Tablet 9", "1", now), now)[0]
    told = {
        "seed": 1,
        "headers": bearer(token) | {"Accept-Encoding": "identity"},
        "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        # Whether a key, group or version is the study's, no document can say. That a token is asked for is tried above:
        # schemathesis cannot ask a WSGI app again without it.
        "checks": {"positive_data_acceptance": {"enabled": False}, "ignored_auth": {"enabled": False}},
    }
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(told))
    schema.app = create_app(settings)
    statuses: dict[str, set[int]] = {}
    wrong: list[str] = []
    for event in engine.from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            wrong.append(str(event.value))
        if isinstance(event, ScenarioFinished):
            seen = [one.response.status_code for one in event.recorder.interactions.values() if one.response]
            statuses.setdefault(str(event.recorder.label), set()).update(seen)
            checks = [check for checks in event.recorder.checks.values() for check in checks]
            wrong += [
                f"{event.recorder.label} {one.name}: {one.failure_info.failure}" for one in checks if one.failure_info
            ]
    return statuses, wrong


# What shows that it came past the token.
BEYOND = {
    "POST /deliveries": 422,
    "POST /deliveries/several": 422,
    "GET /admission": 200,
    "POST /outcomes": 422,
    "POST /withdrawals": 200,
}


def test_schemathesis_finds_nothing(settings: Settings, study: Study) -> None:
    statuses, wrong = attacked(settings, study, 3)
    assert wrong == []
    assert set(statuses) == {" ".join(place) for place in OPERATIONS}
    assert all(code in statuses[label] for label, code in BEYOND.items())


@pytest.mark.torture
def test_schemathesis_finds_nothing_for_long(tmp_path: Path, keys: Keys) -> None:
    settings = new_instance(tmp_path / "long", keys)
    statuses, wrong = attacked(settings, create_app(settings).extensions["amanah"], 1000)
    assert wrong == []
    assert set(statuses) == {" ".join(place) for place in OPERATIONS}
    assert all(code in statuses[label] for label, code in BEYOND.items())
