"""What deploy/ holds is run as it stands: gunicorn in every suite, nginx before it in the torture."""

from __future__ import annotations

import http.client
import re
import resource
import runpy
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from config import Settings
from fieldwork.certificate import issue, keep_certificate
from fieldwork.study import Study
from instruments.model import Instrument
from tests.house.journey import assert_nothing_said, journey
from tests.house.scanner import files_with
from tests.house.served import ROOT, Answer, Served, free_port, serving
from tests.shell.test_watching import assert_only_what_is_documented
from tls import tablet_server
from views.limits import FILES, LARGEST_FORM, LARGEST_HEAD, MOST_CONNECTIONS, MOST_HEADERS

CONF = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
UNIT = (ROOT / "deploy" / "amanah.service").read_text("utf-8")
# Variables of nginx that name a visitor, or what they asked for, or when.
TELLING = r"remote|addr|user|agent|referer|uri|request\b|args|query|cookie|http_|time|msec|host|forwarded|realip|arg_"


def test_a_full_journey_under_gunicorn_leaves_no_trace_in_any_sink(
    settings: Settings, study: Study, instrument: Instrument, tmp_path: Path
) -> None:
    """What `./run` serves with is looked at in the same places by tests/house/test_canaries.py."""
    watch = free_port()
    with serving(settings.home, tmp_path, is_gunicorn=True, watch=f"127.0.0.1:{watch}") as served:
        went = journey(served.send, study, instrument, settings.home)
        seen = replace(served, port=watch)
        lines = served.said.count(b"\n")
        assert [seen.send("GET", path).status for path in ("/health/live", "/health/ready", "/")] == [200, 200, 404]
        numbers = seen.send("GET", "/metrics").text
        # Whatever a monitor asks is no line of the log: asked every ten seconds it would be a clock beside the others.
        assert served.said.count(b"\n") == lines
        assert_nothing_said(served, went, settings.home)
        assert_only_what_is_documented(numbers)
        # Whom nginx leads in finds none of it.
        assert {served.send("GET", path).status for path in ("/health/live", "/health/ready", "/metrics")} == {404}
        assert {kept.stat().st_mode & 0o077 for kept in (settings.home / "stores").iterdir()} == {0}


def test_the_limits_of_gunicorn_are_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    for name in ("AMANAH_BIND", "AMANAH_WATCH"):
        monkeypatch.delenv(name, raising=False)
    told = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    assert (told["limit_request_fields"], told["accesslog"], told["umask"]) == (MOST_HEADERS, None, 0o077)
    assert told["limit_request_line"] < LARGEST_HEAD
    assert told["bind"] == ["127.0.0.1:8000"]
    assert told["control_socket_disable"], "nothing but systemd tells the server what to do"
    assert told["secure_scheme_headers"] == {}, "only the app's own setting says what a proxy is believed"


CONNECTIONS = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
from views.limits import most_connections
print(most_connections(), runpy.run_path(sys.argv[1] + "/deploy/gunicorn.conf.py")["worker_connections"])
"""


@pytest.mark.parametrize(("files", "wanted"), [(4096, MOST_CONNECTIONS), (1024, 1024 - FILES), (60, FILES // 4)])
def test_a_server_takes_no_more_connections_than_leave_it_files_to_open(files: int, wanted: int) -> None:
    # In a process of its own: this one may have more files open than the least of these.
    told = subprocess.run(
        [sys.executable, "-c", CONNECTIONS, str(ROOT)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.split() == [str(wanted), str(wanted)]


def sizes(name: str) -> int:
    found = re.search(rf"^\s*{name} (\d+)m;", CONF, re.MULTILINE)
    assert found, name
    return int(found.group(1)) * 1024 * 1024


def test_nginx_logs_nothing_that_names_a_visitor_and_keeps_bodies_in_memory() -> None:
    formats = re.findall(r"log_format[^;]*;", CONF)
    assert len(formats) == 1
    used = re.findall(r"\$(\w+)", formats[0])
    assert [name for name in used if re.search(TELLING, name.replace("request_method", ""))] == []
    assert re.findall(r"^\s*access_log ([^;]+);", CONF, re.MULTILINE) == ["off"]
    assert re.findall(r"^\s*error_log ([^;]+);", CONF, re.MULTILINE) == ["/dev/null emerg"]
    assert sizes("client_max_body_size") == sizes("client_body_buffer_size") == LARGEST_FORM
    for line in ("client_body_in_file_only off", "proxy_max_temp_file_size 0", "server_tokens off", "proxy_cache off"):
        assert f"{line};" in CONF


def test_nginx_overwrites_what_a_visitor_claims_about_themselves() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in CONF
    assert "$proxy_add_x_forwarded_for" not in CONF
    for name in ("X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"):
        assert f'proxy_set_header {name} "";' in CONF
    assert "$http_host" not in CONF
    assert "proxy_set_header Host $" not in CONF


def test_nginx_takes_modern_tls_only_and_leads_no_device_on_to_it() -> None:
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in CONF
    ciphers = re.findall(r"^\s*ssl_ciphers ([^;]+);", CONF, re.MULTILINE)
    assert len(ciphers) == 1
    assert all(re.fullmatch("ECDHE-.*-(GCM-.*|POLY1305)", one) for one in ciphers[0].split(":")), ciphers
    plain = CONF.partition("server_name study.example.org;")[2].partition("}\n    server")[0]
    for refused in ("if ($http_authorization) { return 403; }", "!~ ^(GET|HEAD)$) { return 403; }"):
        assert plain.index(refused) < plain.index("return 301")


def test_tablets_are_served_by_modern_tls_only(tmp_path: Path) -> None:
    keep_certificate(tmp_path, issue(["127.0.0.1"], datetime.now(UTC)))
    told = tablet_server(Flask("tablets"), tmp_path, "127.0.0.1", 0).ssl_adapter.context
    assert told.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert {one["kea"] for one in told.get_ciphers()} <= {"kx-ecdhe", "kx-dhe", "kx-any"}, "a key of its own each time"


def test_the_unit_writes_no_memory_and_no_times() -> None:
    for line in (
        "UMask=0077", "LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes",
        "StandardOutput=append:/var/log/amanah/field.log", "StandardError=append:/var/log/amanah/field.log",
        "CapabilityBoundingSet=", "IPAddressDeny=any",
    ):  # fmt: skip
        assert f"\n{line}\n" in UNIT, line


@dataclass(frozen=True)
class Fronted:
    """nginx as deploy/ configures it, on a port of this test, before gunicorn."""

    port: int
    plain_port: int
    folder: Path

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        context = ssl._create_unverified_context()  # noqa: S323 (a certificate of this test's own)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(source, 0), context=context
        )
        sent = {"Host": "study.example.org"} | dict(headers or {})
        if isinstance(body, Mapping):
            body = urlencode(body, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        try:
            try:
                connection.request(method, path, body, sent)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                pass
            answer = connection.getresponse()
            kept = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie", []))
            return Answer(answer.status, dict(answer.headers.items()), answer.read(), kept)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return Answer(444, {}, b"")
        finally:
            connection.close()


@contextmanager
def fronted(behind: Served, settings: Settings, folder: Path) -> Iterator[Fronted]:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert nginx, "nginx is needed for this trial. Please run: apt install nginx-light"
    folder.mkdir(mode=0o700)
    tls = keep_certificate(settings.home, issue(["study.example.org"], datetime.now(UTC)))
    port, plain = free_port(), free_port()
    changed = {
        "user www-data;": "daemon off; user root;",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/run/amanah-nginx": str(folder),
        "/etc/amanah/fullchain.pem": str(tls / "server.crt"),
        "/etc/amanah/privkey.pem": str(tls / "server.key"),
        "http://127.0.0.1:8000": behind.url,
        "access_log off;": f"access_log {folder}/access.log amanah;",
    }
    told = CONF
    for before, after in changed.items():
        assert before in told, before
        told = told.replace(before, after)
    (folder / "nginx.conf").write_text(told, "utf-8")
    with (folder / "output").open("wb") as sink:
        process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")], stdout=sink, stderr=sink)
        front = Fronted(port, plain, folder)
        try:
            for _ in range(100):
                if process.poll() is not None or answers(front):
                    break
                time.sleep(0.1)
            yield front
        finally:
            process.terminate()
            process.wait(20)


def answers(front: Fronted) -> bool:
    try:
        return front.send("GET", "/").status == 200
    except OSError:
        return False


def without_tls(front: Fronted, method: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=30)
    connection.request(method, "/admission", headers={"Host": "study.example.org"} | headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.torture
def test_a_full_journey_through_nginx_leaves_no_trace_in_any_sink(
    settings: Settings, study: Study, instrument: Instrument, tmp_path: Path
) -> None:
    told = settings.home / "settings.toml"
    told.write_text(
        told.read_text("utf-8").replace("secure_cookies = false", "secure_cookies = true")
        + 'hosts = "study.example.org"\ntrusted_proxies = 1\n',
        "utf-8",
    )
    with (
        serving(settings.home, tmp_path, is_gunicorn=True) as served,
        fronted(served, settings, tmp_path / "nginx") as front,
    ):
        token = {"Authorization": "Bearer x"}
        plain = [without_tls(front, method, sent) for method, sent in (("GET", {}), ("GET", token), ("POST", {}))]
        assert plain == [301, 403, 403]
        page = front.send("GET", "/visit/young_person")
        assert page.status == 200, (front.folder / "output").read_text("utf-8")
        assert page.headers["Strict-Transport-Security"] == "max-age=63072000"
        assert "Server" not in page.headers or page.headers["Server"] == "nginx"
        large = front.send("POST", "/withdraw", b"x" * (LARGEST_FORM + 1))
        assert (large.status, large.headers["X-Content-Type-Options"]) == (413, "nosniff")
        went = journey(front.send, study, instrument, settings.home)
        # A stranger's host gets no answer at all from nginx.
        went = replace(went, statuses=went.statuses | {"400": 400 if went.statuses["400"] == 444 else 0})
        assert_nothing_said(served, went, settings.home, unseen={400})
        assert [path.name for path in front.folder.rglob("*") if path.is_file()] != []
        spooled = [path for kind in ("body", "proxy") for path in (front.folder / kind).rglob("*") if path.is_file()]
        assert spooled == []
        assert files_with(front.folder, went.markers) == {}
        assert len((front.folder / "access.log").read_text("utf-8").splitlines()) > 180
