"""The field app over TLS, for tablets on a project's router. Writes no log, spools nothing to a file.

The server is cheroot: waitress, which serves everything else, cannot do TLS. Here a connection's handshake and each of
its requests have a time to be done in, however they drip: whoever holds some connections open keeps nobody else out.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask

from fieldwork.certificate import CERTIFICATE, FOLDER, KEY
from views.headers import REFUSAL
from views.limits import HEAD_PATIENCE, LARGEST_FORM, LARGEST_HEAD, PATIENCE

THREADS = 64  # each waits for one connection


class Hurried(socket.SocketIO):
    """Reads from a connection until a moment that is given beforehand, however often something drips in."""

    until = float("inf")

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is within the time that is left. Raises TimeoutError."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(min(left, HEAD_PATIENCE))  # type: ignore[attr-defined]
        return super().readinto(buffer)


class HurriedReader(StreamReader):
    """Cheroot's reader over such a connection."""

    def __init__(self, sock: Any, mode: str = "r", bufsize: int = 8192) -> None:
        super(StreamReader, self).__init__(Hurried(sock, "r"), bufsize)
        self.bytes_read = 0


class LateHandshake(BuiltinSSLAdapter):
    """TLS whose handshake is made by the thread that serves a connection, within that connection's time.

    Cheroot makes it where new connections are accepted: one who connects and says nothing would keep everybody out.
    """

    def wrap(self, sock: Any) -> tuple[Any, dict[str, str]]:
        """The connection, before its handshake."""
        return self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True), {
            "wsgi.url_scheme": "https",
            "HTTPS": "on",
        }

    def makefile(self, sock: Any, mode: str = "r", bufsize: int = 8192) -> Any:
        """How it is read and written."""
        return (HurriedReader if "r" in mode else StreamWriter)(sock, mode, bufsize)


class BareRequest(HTTPRequest):
    """Refuses with the code, our headers, and nothing of what was sent."""

    def simple_response(self, status: str | int, msg: str = "") -> None:
        """Answer and close."""
        self.close_connection = True
        code = str(status)
        lines: Iterable[str] = (f"{name}: {value}" for name, value in REFUSAL.items())
        head = [f"HTTP/1.1 {code}", f"Content-Length: {len(code)}", "Connection: close", *lines, "", code]
        with suppress(OSError):
            self.conn.wfile.write("\r\n".join(head).encode("ascii", "replace"))


class TabletConnection(HTTPConnection):
    """A connection that has so long to send a whole request."""

    RequestHandlerClass = BareRequest

    def communicate(self) -> bool:
        """Serve one request; whether to go on with this connection."""
        self.rfile.raw.until = time.monotonic() + self.server.patience
        try:
            return bool(super().communicate())  # type: ignore[no-untyped-call]  # cheroot types some of itself
        except OSError:
            return False


class TabletServer(Server):
    """Cheroot within our limits. It writes no log: what goes wrong with a connection names its address."""

    ConnectionClass = TabletConnection
    max_request_header_size = LARGEST_HEAD
    max_request_body_size = LARGEST_FORM
    patience: float = PATIENCE

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Nothing. The app logs its own errors."""


def tablet_server(app: Flask, home: Path, address: str, port: int) -> TabletServer:
    """The field app over TLS, with the certificate in the instance."""
    folder = home / FOLDER
    # cheroot puts its name and version in every answer where it is given none.
    server = TabletServer((address, port), app, numthreads=THREADS, server_name="web", timeout=HEAD_PATIENCE)
    server.ssl_adapter = LateHandshake(str(folder / CERTIFICATE), str(folder / KEY))
    server.ssl_adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    return server
