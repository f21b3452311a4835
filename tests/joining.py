"""Somebody joins the staff by a link, signs in by a passkey: as their browser does it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldwork.staff.links import invite_staff
from fieldwork.study import Study
from storage.journal import read_journal
from tests.authenticator import Device
from tests.staff import csrf_in, press

JOIN, STAFF, PASSKEYS = "/office/join", "/office/staff", "/office/own/passkeys"


def invited(here: Study, name: str) -> str:
    return invite_staff(here.stores.office, "Mara", name, "coordinator", datetime.now(UTC))


def device() -> Device:
    return Device("http://localhost", "localhost")


def join_by_passkey(client: FlaskClient, token: str, device: Device) -> TestResponse:
    csrf = csrf_in(press(client, JOIN, {"token": token}).text)
    asked = client.post(f"{JOIN}/challenge", data={"csrf_token": csrf, "token": token})
    typed = {"csrf_token": csrf, "token": token, "label": "Telephone", "answer": device.make(asked.text)}
    return client.post(f"{JOIN}/passkey", data=typed)


def sign_in_by_passkey(client: FlaskClient, device: Device) -> TestResponse:
    csrf = csrf_in(client.get("/office/sign-in").text)
    asked = client.post("/office/sign-in/passkey/challenge", data={"csrf_token": csrf})
    return client.post("/office/sign-in/passkey", data={"csrf_token": csrf, "proof": device.prove(asked.text)})


def acts(here: Study) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.act, entry.detail) for entry in read_journal(here.stores.office)]


def joined(here: Study, client: FlaskClient, name: str) -> tuple[str, Device]:
    """Somebody who has joined with a passkey, and is signed in."""
    phone = device()
    assert join_by_passkey(client, invited(here, name), phone).status_code == 303
    return name, phone
