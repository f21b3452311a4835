"""Who holds connections open and drips keeps no real visitor out; and what the servers refuse themselves is as bare."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask

from config import Settings
from fieldwork.certificate import issue, keep_certificate
from serving import waitress_for
from tests.house.served import free_port
from tls import tablet_server
from views.limits import LARGEST_FORM, LARGEST_HEAD, PATIENCE

DRIPPING = b"GET /visit/young_person HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
TRUSTING = ssl._create_unverified_context()  # noqa: S323 (a certificate of this test's own)


@dataclass(frozen=True)
class Door:
    """A running server, with TLS or without."""

    port: int
    is_tls: bool

    def knock(self, *, shakes_hands: bool = True) -> socket.socket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return TRUSTING.wrap_socket(raw) if self.is_tls and shakes_hands else raw

    def status(self, path: str = "/") -> int:
        kind = http.client.HTTPSConnection if self.is_tls else http.client.HTTPConnection
        words = {"context": TRUSTING} if self.is_tls else {}
        connection = kind("127.0.0.1", self.port, timeout=20, **words)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def answer_to(self, sent: bytes) -> bytes:
        with self.knock() as one:
            with suppress(BrokenPipeError, ConnectionResetError):
                one.sendall(sent)
            got = b""
            with suppress(ConnectionResetError, TimeoutError):
                while more := one.recv(65536):
                    got += more
            return got


Opening = Callable[..., Door]


@pytest.fixture(scope="session")
def certified(standing_settings: Settings) -> Settings:
    keep_certificate(standing_settings.home, issue(["127.0.0.1"], datetime.now(UTC)))
    return standing_settings


@contextmanager
def door(app: Flask, settings: Settings, is_tls: bool, patience: int) -> Iterator[Door]:
    """A server in a thread of this process."""
    port = free_port()
    if is_tls:
        server = tablet_server(app, settings.home, "127.0.0.1", port)
        server.patience = patience
        run, end = server.safe_start, server.stop
    else:
        server = waitress_for(app, port, patience, threads=8, max_request_body_size=LARGEST_FORM)
        run, end = server.run, server.close
    thread = threading.Thread(target=_quietly(run), daemon=True)
    thread.start()
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.05)
    try:
        yield Door(port, is_tls)
    finally:
        end()


def _quietly(run: Callable[[], None]) -> Callable[[], None]:
    def running() -> None:
        with suppress(OSError):
            run()

    return running


def drip(door: Door, count: int, seconds: float, pause: float) -> tuple[list[float], int]:
    """Hold connections open with a byte at a time; how long real visits took meanwhile, and how many were closed."""
    slow = [door.knock(shakes_hands=number % 2 == 0) for number in range(count)]
    took: list[float] = []
    closed: set[int] = set()
    with suppress(OSError):
        for one in slow:
            one.sendall(DRIPPING)
    ending = time.monotonic() + seconds
    while time.monotonic() < ending:
        begun = time.monotonic()
        assert door.status("/visit/young_person") == 200
        took.append(time.monotonic() - begun)
        for number, one in enumerate(slow):
            try:
                one.sendall(b"x")
            except OSError:
                closed.add(number)
        time.sleep(pause)
    for one in slow:
        one.close()
    return took, len(closed)


@pytest.mark.parametrize("is_tls", [False, True])
def test_fifty_that_drip_keep_no_visit_out_and_are_let_go(
    standing_app: Flask, certified: Settings, is_tls: bool
) -> None:
    with door(standing_app, certified, is_tls, patience=1) as opened:
        took, closed = drip(opened, count=50, seconds=3.5, pause=0.2)
    assert max(took) < 2.5
    assert closed == 50


@pytest.mark.torture
@pytest.mark.parametrize("is_tls", [False, True])
def test_fifty_that_drip_for_a_minute_keep_no_visit_out(standing_app: Flask, certified: Settings, is_tls: bool) -> None:
    with door(standing_app, certified, is_tls, patience=PATIENCE) as opened:
        took, _ = drip(opened, count=50, seconds=60, pause=1)
    assert sorted(took)[len(took) // 2] < 1
    assert max(took) < 5


@pytest.fixture(scope="module", params=[False, True], ids=["waitress", "cheroot"])
def opened(request: pytest.FixtureRequest, standing_app: Flask, certified: Settings) -> Iterator[Door]:
    with door(standing_app, certified, request.param, patience=30) as running:
        yield running


ODD = b"canary-odd-7788"
REFUSED = {
    "no request": b"\x16\x03\x01 " + ODD + b"\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + ODD + b"\r\n\r\n",
    "long head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + ODD * (LARGEST_HEAD // 10) + b"\r\n\r\n",
    "long address": b"GET /" + ODD * (LARGEST_HEAD // 10) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "large body": b"POST /withdraw HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n" + ODD,
    "odd length": b"POST /withdraw HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + ODD + b"\r\n\r\n",
    "smuggled": b"POST /withdraw HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + ODD + b"\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_server_refuses_itself_says_nothing_of_what_was_sent(opened: Door, what: str) -> None:
    answer = opened.answer_to(REFUSED[what])
    head = answer.split(b"\r\n\r\n")[0].lower()
    assert answer.split(b" ")[1] in (b"400", b"413", b"414", b"431", b"501"), answer[:200]
    assert ODD not in answer
    assert b"x-content-type-options: nosniff" in head
    assert b"cache-control: no-store" in head
    assert b"content-security-policy: default-src 'none'" in head
    assert b"waitress" not in answer.lower()
    assert b"cheroot" not in answer.lower()
    assert opened.status() == 200
