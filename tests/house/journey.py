"""All that people do with a field app and all that goes wrong, from many addresses and agents; and what to look for."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.totp import code_at
from fieldwork.study import Study
from instruments.model import Instrument
from tests.house.scanner import files_with, found_in
from tests.house.served import Answer, Served
from tests.staff import PASSWORD, SECRET, csrf_in, employ
from tests.visits import amina
from views.logs import FIELDS

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
AGENT, PATH, QUERY, TOKEN, TYPED, UPLOAD = (
    f"canary-{what}-5e1d" for what in ("agent", "path", "query", "token", "typed", "upload")
)
FORWARDED, STAFF = "203.0.113.", "Canarymara Staff-77c0"
# From 127.0.101.1 on: no address of this kind stands anywhere else.
SOURCES = "127.0.101."
Sending = Callable[..., Answer]


@dataclass(frozen=True)
class Journey:
    """What went through, and what must be found nowhere."""

    statuses: dict[str, int]
    markers: tuple[str, ...]


def journey(send: Sending, study: Study, instrument: Instrument, home: Path, count: int = 200) -> Journey:
    """A visit, its withdrawal, sign-in, uploads, every kind of refusal and a crash, in `count` requests."""
    took = 0

    def go(method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        nonlocal took
        took += 1
        sent = {
            "User-Agent": f"{AGENT}-{took}", "X-Forwarded-For": f"{FORWARDED}{took % 250}", "Referer": f"http://{PATH}/",
            "X-Request-Id": TOKEN,
        }  # fmt: skip
        return send(method, path, body, sent | (headers or {}), f"{SOURCES}{took % 250 + 1}")

    employ(study.stores.office, STAFF, "administrator", office_keys((home / "secret").read_text("utf-8")))
    done = {"form": go("GET", f"/visit/young_person?lang=en&x={QUERY}")}
    done["visit"] = go("POST", "/visit/young_person?lang=en", amina(instrument, o_recontact="yes", v_name=TYPED))
    receipt = RECEIPT.search(done["visit"].text)
    assert receipt, done["visit"].text
    done["withdraw"] = go("POST", "/withdraw", {"code": receipt.group()})
    done |= signed_in(go)
    for name, (method, path, body, headers) in refused().items():
        done[name] = go(method, path, body, headers)
    while took < count - 1:
        go("GET", f"/{PATH}-{took}?{QUERY}={took}")
    # Last: the crash. Everything that a visit sends meets a store that is no longer there.
    with sqlite3.connect(home / "stores" / "research.db") as research:
        research.execute("drop table records")
    research.close()
    done["crash"] = go("POST", "/visit/young_person?lang=en", amina(instrument, o_recontact="yes", v_name=TYPED))
    markers = (AGENT, PATH, QUERY, TOKEN, TYPED, UPLOAD, FORWARDED, SOURCES, receipt.group(), PASSWORD)
    return Journey({name: answer.status for name, answer in done.items()}, markers)


def signed_in(go: Sending) -> dict[str, Answer]:
    """Somebody of the staff tries a wrong password, then the right one, then uploads what is no questionnaire."""
    page = go("GET", "/office/sign-in")
    cookie = {"Cookie": page.cookies}
    typed = {"name": STAFF, "password": TYPED, "csrf_token": csrf_in(page.text)}
    wrong = go("POST", "/office/sign-in", typed, cookie)
    right = go("POST", "/office/sign-in", typed | {"password": PASSWORD}, cookie)
    cookie = {"Cookie": right.cookies}
    asked = go("GET", "/office/sign-in/code", None, cookie)
    cookie = {"Cookie": asked.cookies or right.cookies}
    code = {"code": code_at(SECRET, datetime.now(UTC)), "csrf_token": csrf_in(asked.text)}
    entered = go("POST", "/office/sign-in/code", code, cookie)
    cookie = {"Cookie": entered.cookies}
    token = csrf_in(go("GET", "/office/instruments", None, cookie).text)
    lines = [
        f'--{UPLOAD}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("csrf_token", "", token), ("place", "", ""), ("file", f'; filename="{UPLOAD}.xlsx"', UPLOAD * 1000),
        )
    ]  # fmt: skip
    body = ("".join(lines) + f"--{UPLOAD}--\r\n").encode()
    packed = cookie | {"Content-Type": f"multipart/form-data; boundary={UPLOAD}"}
    done = {"wrong": wrong, "right": right, "code": entered}
    return done | {"upload": go("POST", "/office/instruments/check", body, packed)}


def refused() -> dict[str, tuple[str, str, object, dict[str, str]]]:
    """Every kind of refusal that somebody from outside can provoke."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return {
        "400": ("GET", f"/{PATH}", None, {"Host": f"{PATH}.example"}),
        "401": ("POST", "/deliveries", TYPED.encode(), {"Authorization": f"Bearer {TOKEN}"}),
        "404": ("GET", f"/visit/{PATH}?{QUERY}", None, {}),
        "405": ("DELETE", f"/visit/young_person?{QUERY}", None, {}),
        "413": ("POST", "/visit/young_person", {"yp_text_1": TYPED * 80_000}, {}),
        "413 server": ("POST", "/visit/young_person", {"yp_text_1": TYPED * 200_000}, {}),
        "414": ("GET", f"/{PATH}?" + QUERY * 150, None, {}),
        "422": ("POST", "/visit/young_person", f"age={TYPED}%ff".encode(), form),
        "431": ("GET", f"/?{QUERY}", None, {f"X-{number}": TYPED for number in range(62)}),
    }


EXPECTED = {
    "form": {200}, "visit": {200}, "withdraw": {200}, "wrong": {403, 429}, "right": {303}, "code": {303},
    "upload": {422}, "400": {400}, "401": {401}, "404": {404}, "405": {405}, "413": {413}, "413 server": {413},
    "414": {414},
    "422": {422}, "431": {431, 400}, "crash": {500},
}  # fmt: skip


def assert_nothing_said(served: Served, went: Journey, home: Path, unseen: set[int] | None = None) -> None:
    """Every sink is searched: what was printed, the instance, and the temporary folder.

    `unseen`: codes of what a server before the app refuses.
    """
    assert {name: code for name, code in went.statuses.items() if code not in EXPECTED[name]} == {}
    assert found_in(served.said, went.markers) == set()
    assert files_with(home, went.markers) | files_with(served.scratch, went.markers) == {}
    lines = [json.loads(line) for line in served.said.decode().splitlines()]
    assert all(set(line) <= set(FIELDS) for line in lines)
    said = [line for line in lines if line["event"] == "request"]
    assert len(said) > 180
    assert {"field.finish", "field.erase", "field.deliver", ""} <= {line["route"] for line in said}
    codes = {200, 303, 400, 401, 404, 405, 413, 414, 422, 500} - (unseen or set())
    assert codes <= {line["status"] for line in said}
    assert [line["error"] for line in lines if line["event"] == "error"] == ["OperationalError"]
    # Nothing tells when: neither a date nor a time of day, nor the numbers of two lines one after the other.
    assert not re.search(rb"20\d\d-\d\d|\d\d:\d\d:\d\d|\d{10}", served.said)
    assert len({line["id"] for line in said}) == len(said)
