"""Every answer carries the strict headers: every route, every method, every error, and the desk's."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from views.field.pages import security_txt
from views.headers import DENIED, PREVIEW, SHOWS_PREVIEW

ROOT = Path(__file__).parents[2]
CODES = (400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429, 431, 500, 503)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def addresses(app: Flask) -> list[str]:
    """Every address that the app has a rule for, with something in the place of what varies."""
    return sorted({re.sub(r"<[^>]+>", "young_person", rule.rule) for rule in app.url_map.iter_rules()})


def hard(answer: TestResponse) -> list[str]:
    """What is missing of the headers that this answer needs."""
    headers, policy = answer.headers, answer.headers.get("Content-Security-Policy", "")
    wanted = {
        "policy": policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "corp": headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "transport": int(re.findall(r"max-age=(\d+)", headers.get("Strict-Transport-Security", "max-age=0"))[0])
        >= 31536000,
        "kept": "no-store" in headers.get("Cache-Control", "") or "public" in headers["Cache-Control"],
        "no server": "Server" not in headers and "X-Powered-By" not in headers,
        "no hints": "Accept-CH" not in headers,
    }
    if answer.mimetype == "text/html":
        wanted |= {
            "referrer": headers.get("Referrer-Policy") == "no-referrer",
            "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
            "embedder": headers.get("Cross-Origin-Embedder-Policy") == "require-corp",
            "permissions": headers.get("Permissions-Policy", "").count("=()") >= len(DENIED) - 2,
            "types": "require-trusted-types-for 'script'; trusted-types worker answer" in policy,
            "framing": "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy,
            "base": "base-uri 'none'" in policy,
        }
    return [name for name, holds in wanted.items() if not holds]


def test_every_route_answers_every_method_with_the_strict_headers(standing_app: Flask, visitor: FlaskClient) -> None:
    found = {}
    for address in addresses(standing_app):
        for method in METHODS:
            with visitor.open(address, method=method) as answer:
                found[f"{method} {address} {answer.status_code}"] = hard(answer)
    assert len(found) > 200
    assert {where: missing for where, missing in found.items() if missing} == {}


@pytest.fixture(scope="session")
def failing(standing_settings: Settings) -> Flask:
    """The field app with a page for each error."""
    app = create_app(standing_settings)
    app.add_url_rule("/fail/<int:code>", "fail", lambda code: abort(code))
    app.add_url_rule("/crash", "crash", lambda: 1 / 0)
    app.add_url_rule("/wait", "wait", wait)
    return app


def wait() -> None:
    raise TooManyRequests(retry_after=60)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("code", CODES)
def test_every_error_says_what_to_do_and_carries_the_headers(failing: Flask, code: int, accept: str) -> None:
    answer = failing.test_client().get(f"/fail/{code}", headers={"Accept": accept})
    assert (answer.status_code, hard(answer)) == (code, [])
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Please" in answer.text or code in (401, 403, 405, 410, 415, 422)
    assert not re.search(r"werkzeug|flask|traceback|\.py|sqlalchemy", answer.text, re.IGNORECASE)
    assert re.fullmatch("[0-9a-f]{8}", answer.headers["X-Request-Id"])
    assert (answer.headers["X-Request-Id"] in answer.text) == (accept == "text/html")


def test_a_crash_tells_a_visitor_nothing_of_itself(failing: Flask) -> None:
    answer = failing.test_client().get("/crash")
    assert (answer.status_code, hard(answer)) == (500, [])
    assert "division" not in answer.text


def test_a_refusal_tells_a_machine_what_to_do_instead(failing: Flask) -> None:
    client = failing.test_client()
    assert client.get("/wait").headers["Retry-After"] == "60"
    assert "POST" in client.get("/deliveries").headers["Allow"]


def test_what_a_browser_may_keep_carries_no_number_of_a_log_line(visitor: FlaskClient) -> None:
    for path in ("/", "/visit/young_person", "/away", "/worker.js", "/keyring.json", "/support", "/tablet"):
        answer = visitor.get(path)
        assert "public" in answer.headers["Cache-Control"]
        assert "X-Request-Id" not in answer.headers, path
        assert "Set-Cookie" not in answer.headers, path


def test_a_kept_page_is_asked_about_anew_when_its_headers_change(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = visitor.get("/").headers["ETag"]
    monkeypatch.setattr("views.field.common.MARK", "other headers")
    assert visitor.get("/", headers={"If-None-Match": before}).status_code == 200


def test_leaving_forgets_pages_and_never_what_waits_to_be_sent(visitor: FlaskClient) -> None:
    for answer in (visitor.get("/away"), visitor.post("/office/sign-out")):
        assert answer.headers["Clear-Site-Data"] == '"cache"'
    said = (ROOT / "views").rglob("*.py")
    assert not [path for path in said if '"storage"' in path.read_text("utf-8")]


def test_without_tls_nobody_is_told_to_insist_on_it(standing_desk: Flask) -> None:
    assert "Strict-Transport-Security" not in standing_desk.test_client().get("/").headers


def test_the_desk_is_as_hard(standing_desk: Flask) -> None:
    client = standing_desk.test_client()
    found = {}
    for address in addresses(standing_desk):
        for method in METHODS:
            with client.open(address, method=method) as answer:
                assert answer.status_code in (200, 400, 403, 404, 405), (method, address)
                found[f"{method} {address}"] = [one for one in hard(answer) if one != "transport"]
    assert {where: missing for where, missing in found.items() if missing} == {}


def test_previews_are_framed_by_our_own_pages_only_and_send_nothing() -> None:
    assert "frame-ancestors 'self'" in PREVIEW
    assert "form-action 'none'" in PREVIEW
    assert "frame-src 'self'" in SHOWS_PREVIEW
    assert all("trusted-types" in policy and "unsafe" not in policy for policy in (PREVIEW, SHOWS_PREVIEW))


def targets() -> dict[str, str]:
    """Where every redirect of ours leads, as the code writes it."""
    found = {}
    for path in [*(ROOT / "views").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("redirect", "Redirect"):
                found[f"{path.name}:{node.lineno}"] = ast.unparse(node.args[0])
    return found


def test_no_redirect_leads_where_a_visitor_says() -> None:
    assert len(targets()) > 10
    # url_for leads to a page of ours, on this host, whatever it is given; but for words of its own, which begin with _.
    # onward.py makes its addresses by url_for too, of endpoints that the app itself has signed.
    known = {where: to for where, to in targets().items() if to not in ("deed", "kept_page()")}
    strange = {where: to for where, to in known.items() if not to.startswith("url_for(") or "request." in to}
    assert strange == {}
    # A place on the page is one that stands in our own code.
    assert not [to for to in targets().values() if re.search(r"_external|_scheme|_anchor=(?!\"\w+\"|'\w+')", to)]


@pytest.mark.parametrize(
    "path", ["/%2Fevil.example/", "/\\evil.example", "/.//evil.example", "/office//sign-in", "/office/sign-in/"]
)
def test_no_address_is_turned_into_another(visitor: FlaskClient, path: str) -> None:
    for query in ("", "?next=//evil.example", "?url=https://evil.example&lang=en"):
        answer = visitor.get(path + query)
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)


@pytest.mark.parametrize("path", ["/office", "/office/tablets"])
def test_who_is_not_signed_in_is_led_to_our_own_page(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(f"{path}?next=https://evil.example/", headers={"Referer": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/office/sign-in")


@pytest.mark.parametrize(
    "lang", ["en%0d%0aSet-Cookie:%20a=b", "en%0aX-Injected:%201", "%E5%98%8D%E5%98%8ASet-Cookie:a"]
)
def test_no_header_can_be_put_into_an_answer(visitor: FlaskClient, lang: str) -> None:
    for path in ("/", "/visit/young_person", "/office", "/support"):
        headers = visitor.get(f"{path}?lang={lang}").headers
        assert "Set-Cookie" not in headers
        assert not [name for name, value in headers if "injected" in f"{name}{value}".lower()]


def test_who_finds_a_weakness_is_told_whom_to_tell(visitor: FlaskClient, settings: Settings) -> None:
    answer = visitor.get("/.well-known/security.txt?typed", base_url="https://localhost")
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert (answer.mimetype, told["Contact"]) == ("text/plain", "mailto:amina@example.org")
    assert told["Canonical"] == "https://localhost/.well-known/security.txt"
    assert told["Preferred-Languages"] == "en"
    assert create_app(settings).test_client().get("/.well-known/security.txt").status_code == 404


def test_the_contact_is_good_for_a_while_and_not_for_good() -> None:
    told = security_txt("tel:+44-20-7946-0000", "https://a.example/", datetime(2026, 11, 25, 13, 5, tzinfo=UTC))
    assert "Expires: 2027-02-23T00:00:00Z\n" in told
