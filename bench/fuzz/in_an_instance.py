"""The readers that need a running instance: the staff's cookie and links, and a tablet's outbox file."""

from __future__ import annotations

import hmac
import random
import re
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from itsdangerous import BadSignature
from werkzeug.test import EnvironBuilder

from bench.fuzz import samples
from bench.fuzz.mutating import Change, as_json, some_bytes, some_values
from bench.fuzz.of_the_office import link
from bench.fuzz.targets import Target
from bench.instance import TODAY, make_instance
from errors import DeliveryRefused, NotAdmitted
from fieldwork.admissions import enrol_tablet, hash_of, new_enrolment
from fieldwork.outbox_files import take_in_file
from fieldwork.study import Study


def readers(folder: Path) -> tuple[Target, ...]:
    """The targets, against a fresh instance in this new folder."""
    from app import create_app

    app = create_app(make_instance(folder)[0])
    return of_app(app)


def of_app(app: Flask) -> tuple[Target, ...]:
    """The targets, against this app's own instance."""
    study: Study = app.extensions["amanah"]
    return cookie(app), outbox(study), link(study.stores.office)


def cookie(app: Flask) -> Target:
    """The signed cookie of the staff: whatever a browser sends, the app has a session or begins an empty one."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own interface
    given: list[dict[str, object]] = [
        {"token": "a" * 43, "csrf_token": "b" * 40},
        {},
        {"_flashes": [("message", "a" * 600)]},
    ]

    asked, name = EnvironBuilder().get_environ(), app.config["SESSION_COOKIE_NAME"]

    def read(data: bytes) -> object:
        sent = re.sub(r"[\r\n]", "", f"{name}={data.decode('latin-1')}")
        found = app.session_interface.open_session(app, app.request_class(asked | {"HTTP_COOKIE": sent}))
        assert found is not None
        return dict(found)

    def is_signed(data: bytes) -> bool:
        try:
            return bool(signer.loads(data)) or True
        except BadSignature:
            return False

    def signed_anew(chance: random.Random, data: bytes) -> bytes:
        kept = as_json({"token": "a" * 43, "next": "/", "_flashes": []})
        told = some_values(chance, kept).decode("utf-8", "replace")
        return str(signer.dumps({"token": told, "more": [told] * chance.randrange(3)})).encode()

    dumped = tuple(str(signer.dumps(told)).encode() for told in given)
    return Target("cookie", dumped, read, (), is_signed, (some_bytes, signed_anew))


def outbox(study: Study) -> Target:
    """A tablet's outbox file, with the tablet's mark on most of what was changed."""
    now = datetime.now(UTC)
    token, _ = enrol_tablet(study, new_enrolment(study, "Tablet 1", "1", now), now)

    def marked(data: bytes) -> bytes:
        return data + b"\n" + hmac.digest(hash_of(token), data, "sha256").hex().encode() + b"\n"

    def is_marked(data: bytes) -> bool:
        return marked(data.partition(b"\n")[0]) == data

    def signed_anew(change: Change) -> Change:
        return lambda chance, data: marked(change(chance, data.partition(b"\n")[0]).replace(b"\n", b" "))

    given = tuple(marked(data) for data in samples.outboxes())
    return Target(
        "outbox",
        given,
        lambda data: take_in_file(study, data, TODAY),
        (DeliveryRefused, NotAdmitted),
        is_marked,
        (signed_anew(some_values), signed_anew(some_values), signed_anew(some_bytes), some_bytes),
    )
