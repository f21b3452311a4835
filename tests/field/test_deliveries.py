"""What a device is answered: by a bearer token alone, in JSON, with no cookie, and with nothing of it written down."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Settings
from fieldwork.admissions import enrol_tablet, invite, new_enrolment
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from privacy.envelope import Suite
from storage.admissions import revoke_tablet
from storage.office import tallies
from storage.vaults import count
from tests.conftest import TODAY
from tests.deliveries import Sent, sealed_visit
from tests.house.scanner import files_with, found_in
from tests.house.served import serving
from views.limits import LARGEST_BODY
from views.logs import FIELDS, OnlyOurs

JSON = {"Accept": "application/json"}
AGENT, FORWARDED = "canary-agent-5e1f", "203.0.113.88"


@pytest.fixture
def token(study: Study) -> str:
    """The token of an enrolled tablet."""
    now = datetime.now(UTC)
    return enrol_tablet(study, new_enrolment(study, "Tablet 3", "1", now), now)[0]


@pytest.fixture
def sent(study: Study) -> Sent:
    return sealed_visit(study, "amina")


def send(client: FlaskClient, data: bytes, bearer: str | None, **headers: str) -> TestResponse:
    head = JSON | headers | ({"Authorization": bearer} if bearer is not None else {})
    return client.post("/deliveries", data=data, headers=head)


def kept(study: Study) -> tuple[int, float]:
    """Visits in each vault: the identity vault has three records of each."""
    return count(study.stores.research), count(study.stores.identity) / 3


def test_a_store_that_is_missing_is_said_to_need_hands_and_the_device_keeps_its_visit(
    field: FlaskClient, token: str, sent: Sent, settings: Settings
) -> None:
    field.application.extensions["amanah"].stores.research.engine.dispose()
    store = settings.home / "stores" / "research.db"
    moved = store.rename(settings.home / "research.db")
    answer = send(field, sent.data, f"Bearer {token}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "please tell the study team" in answer.json["sentence"]
    moved.rename(store)
    assert send(field, sent.data, f"Bearer {token}").status_code == 201


@pytest.mark.parametrize("suite", Suite)
def test_a_delivery_is_answered_201_then_200(field: FlaskClient, study: Study, token: str, suite: Suite) -> None:
    sent = sealed_visit(study, "amina", suite)
    answers = [send(field, sent.data, f"Bearer {token}") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert [answer.json for answer in answers] == [{"kept": True}] * 2
    assert kept(study) == (1, 1)


@pytest.mark.parametrize(
    "bearer", [None, "", "Bearer", "Bearer ", "Bearer unknown", "Bearer Ä", "Basic {}", "bearer{}", "{}"], ids=repr
)
def test_without_a_token_that_the_study_knows_nothing_is_taken(
    field: FlaskClient, study: Study, token: str, sent: Sent, bearer: str | None
) -> None:
    answer = send(field, sent.data, bearer and bearer.replace("{}", token))
    assert answer.status_code == 401
    assert answer.json["sentence"].endswith(".")
    assert kept(study) == (0, 0)


def test_unknown_and_revoked_tokens_are_answered_alike(
    field: FlaskClient, study: Study, token: str, sent: Sent
) -> None:
    revoke_tablet(study.stores.office, "Tablet 3")
    revoked, unknown, none = (send(field, sent.data, one) for one in (f"Bearer {token}", "Bearer unknown", None))
    assert revoked.data == unknown.data == none.data
    assert revoked.status_code == 401


def test_a_token_in_the_address_or_a_cookie_counts_for_nothing(
    field: FlaskClient, study: Study, token: str, sent: Sent
) -> None:
    field.set_cookie("token", token)
    for name in ("token", "authorization", "access_token"):
        assert field.post(f"/deliveries?{name}={token}", data=sent.data).status_code == 401
    assert kept(study) == (0, 0)


def test_more_than_a_megabyte_is_refused(field: FlaskClient, study: Study, token: str, sent: Sent) -> None:
    padded = sent.data.ljust(LARGEST_BODY)
    assert LARGEST_BODY == 1024 * 1024
    assert send(field, padded, f"Bearer {token}").status_code == 201
    answer = send(field, padded + b" ", f"Bearer {token}")
    assert answer.status_code == 413
    assert "too large" in answer.json["sentence"]


@pytest.mark.parametrize("data", [b"", b"nonsense", b"{}", b"[]", b"\xff", b"format=amanah-delivery"])
def test_nonsense_is_refused_in_a_sentence(field: FlaskClient, study: Study, token: str, data: bytes) -> None:
    answer = send(field, data, f"Bearer {token}")
    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert "Nothing was kept" in answer.json["sentence"]
    assert kept(study) == (0, 0)


def test_a_person_who_opens_it_is_told_so_on_a_page(field: FlaskClient, token: str) -> None:
    answer = field.post("/deliveries", data=b"nonsense", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_a_page_about_a_withdrawn_visit_does_not_say_that_the_study_is_over(
    field: FlaskClient, study: Study, token: str, sent: Sent
) -> None:
    withdraw(study, sent.receipt.grouped, TODAY)
    answer = field.post("/deliveries", data=sent.data, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.mimetype) == (410, "text/html")
    assert "This visit was withdrawn. It was not kept." in answer.text
    assert not re.search("study (is over|has ended)", answer.text, re.IGNORECASE)


def test_each_refusal_has_its_own_answer(field: FlaskClient, study: Study, token: str, sent: Sent) -> None:
    other, gone = sealed_visit(study, "other"), sealed_visit(study, "gone")
    withdraw(study, gone.receipt.grouped, TODAY)
    send(field, sent.data, f"Bearer {token}")
    taken = other.with_half("research", id=sent.parcel("research")["id"])
    answers = [send(field, one.data, f"Bearer {token}") for one in (taken, gone, other.changed(group="nobody"))]
    assert [answer.status_code for answer in answers] == [409, 410, 422]
    assert all(answer.json["sentence"].endswith(".") for answer in answers)
    assert kept(study) == (1, 1)


def test_a_spent_invitation_is_answered_401_but_not_to_the_visit_that_spent_it(
    field: FlaskClient, study: Study, sent: Sent
) -> None:
    bearer = f"Bearer {invite(study, 'single', datetime.now(UTC).date())}"
    assert field.get("/admission", headers={"Authorization": bearer}).status_code == 200
    told = [send(field, one.data, bearer).status_code for one in (sent, sealed_visit(study, "other"), sent)]
    assert told == [201, 401, 200]
    assert field.get("/admission", headers={"Authorization": bearer}).status_code == 401
    assert kept(study) == (1, 1)


def test_no_answer_to_a_device_sets_a_cookie_or_may_be_cached(
    field: FlaskClient, study: Study, token: str, sent: Sent
) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    code = {"Authorization": f"Bearer {new_enrolment(study, 'Tablet 4', '', datetime.now(UTC))}"}
    answers = [
        send(field, sent.data, f"Bearer {token}"),
        send(field, sent.data, None),
        send(field, b"nonsense", f"Bearer {token}"),
        field.get("/admission", headers=bearer),
        field.get("/admission"),
        field.post("/tablet/enrolment", headers=code),
        field.post("/tablet/enrolment", headers=code),
        field.post("/walk-in"),
        field.post("/outcomes", headers=bearer, json={"outcome": "refused", "group": "young_person"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 401, 422, 200, 401, 200, 401, 200, 200]
    assert [answer for answer in answers if "Set-Cookie" in answer.headers] == []
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_a_device_needs_no_cookie_and_a_page_elsewhere_gains_nothing_by_one(
    signed_in: FlaskClient, study: Study, sent: Sent
) -> None:
    assert signed_in.get("/office").status_code == 200
    assert send(signed_in, sent.data, None).status_code == 401
    assert kept(study) == (0, 0)


def test_an_outcome_is_counted_only_for_whoever_is_admitted(field: FlaskClient, study: Study, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"} | JSON
    good = {"outcome": "refused", "group": "young_person"}
    assert field.post("/outcomes", json=good).status_code == 401
    for bad in ({}, [], None, good | {"outcome": "finished"}, good | {"group": "nobody"}, good | {"group": ["x"]}):
        answer = field.post("/outcomes", json=bad, headers=bearer)
        assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert tallies(study.stores.office) == ()
    assert field.post("/outcomes", json=good, headers=bearer).status_code == 200
    assert [(one.outcome, one.group, one.site, one.month, one.count) for one in tallies(study.stores.office)] == [
        ("refused", "young_person", "", "", 1)
    ]


def test_the_keyring_is_served_byte_for_byte(field: FlaskClient, study: Study) -> None:
    assert study.keyring
    answer = field.get("/keyring.json")
    assert answer.data == study.keyring.to_json()
    assert "Set-Cookie" not in answer.headers


def test_nothing_of_a_request_is_logged(
    field: FlaskClient, study: Study, token: str, sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for data in (sent.data, sent.data, b"nonsense-canary"):
        send(field, data, f"Bearer {token}", **{"User-Agent": AGENT, "X-Forwarded-For": FORWARDED})
    send(field, sent.data, "Bearer canary-token")
    said = [json.loads(OnlyOurs().format(record)) for record in caplog.records]
    assert [line["route"] for line in said if line["event"] == "request"][:4] == ["field.deliver"] * 4
    assert all(set(line) <= set(FIELDS) for line in said)
    assert not found_in(f"{said}{caplog.text}".encode(), [AGENT, FORWARDED, "canary", "127.0.0.1", "deliveries "])


def test_a_served_delivery_leaves_only_what_is_sealed(
    settings: Settings, study: Study, token: str, sent: Sent, tmp_path: Path
) -> None:
    head = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED, "Authorization": f"Bearer {token}"} | JSON
    stranger = head | {"Authorization": "Bearer canary-stranger-77aa"}
    with serving(settings.home, tmp_path) as served:
        told = [
            served.send("POST", "/deliveries", sent.data, head, source="127.0.0.98"),
            served.send("POST", "/deliveries", sent.data, stranger, source="127.0.0.98"),
            served.send("POST", "/deliveries", b"canary-nonsense-31c2", head, source="127.0.0.98"),
            served.send("GET", "/admission?x=canary-query-90ee", None, head, source="127.0.0.98"),
            served.send("POST", "/deliveries", b"canary-nonsense-31c2" * 60_000, head, source="127.0.0.98"),
        ]
        assert [answer.status for answer in told] == [201, 401, 422, 200, 413]
        markers = [
            AGENT,
            FORWARDED,
            "127.0.0.98",
            token,
            "canary-stranger-77aa",
            "canary-nonsense-31c2",
            "canary-query-90ee",
        ]
        assert found_in(served.said, markers) == set()
        assert files_with(served.scratch, markers) == {}
        assert files_with(settings.home, markers) == {}
        # The ids stand in the stores and nowhere else: no log of ours could say when one came.
        ids = [sent.parcel(half)[name] for half in ("research", "identity") for name in ("id", "tag")]
        assert found_in(served.said, ids) == set()
