"""The servers of the field app, and the limits they keep. No body is spooled to a file, and no server writes a log.

A whole request has a time to arrive in, however it drips: whoever holds connections open slowly keeps nobody else out.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from config import Address, Settings
from fieldwork.watching import Seen, Watch, ages, today
from views.headers import REFUSAL
from views.limits import LARGEST_BODY, LARGEST_FORM, LARGEST_HEAD, PATIENCE, most_connections
from views.logs import log_only_this
from views.metrics import Board, Wsgi, counting, exposition
from views.watching import with_a_watch

THREADS = 8
DESK_THREADS = 4
IN_MEMORY = 2**31 - 1  # bytes; neither what is typed at the desk nor what is opened there is ever spooled to a file


class BareRefusal(ErrorTask):  # type: ignore[misc]  # waitress publishes no types
    """What waitress itself refuses: the code, our headers, and nothing of what was sent."""

    def execute(self) -> None:
        """Answer and close."""
        self.status, _, body = self.request.error.to_response(None)
        body = self.status.encode()
        self.response_headers.extend(REFUSAL.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Impatient(HTTPChannel):  # type: ignore[misc]  # waitress publishes no types
    """A connection whose clock runs until a whole request is there, and not only until its next byte."""

    error_task_class = BareRefusal
    last_activity: float

    def handle_read(self) -> None:
        """Take in what came; only a whole request counts as a sign of life."""
        before = self.last_activity
        super().handle_read()
        if self.request is not None:
            self.last_activity = before


def waitress_for(app: Flask, port: int, patience: int = PATIENCE, **told: Any) -> Any:
    """Waitress on loopback, for the field app and for the desk."""
    server = create_server(
        app,
        host="127.0.0.1",
        port=port,
        ident="",
        max_request_header_size=LARGEST_HEAD,
        connection_limit=most_connections(),
        channel_timeout=patience,
        cleanup_interval=min(30, patience),
        asyncore_use_poll=True,
        # What a proxy adds is believed as `trusted_proxies` says, and nowhere else.
        clear_untrusted_proxy_headers=False,
        **told,
    )
    server.channel_class = Impatient
    return server


def serve_field(app: Flask, port: int, patience: int = PATIENCE) -> None:
    """Serve the field app on loopback until interrupted."""
    log_only_this()
    # A body larger than the overflow would be spooled to a temporary file: refuse it before that, so that
    # nothing a participant typed on the plain path touches the disk. Only a questionnaire may be as large as this; the
    # app itself refuses everything else beyond LARGEST_BODY.
    waitress_for(
        app,
        port,
        patience,
        threads=THREADS,
        max_request_body_size=LARGEST_FORM,
        inbuf_overflow=2 * LARGEST_FORM,
        outbuf_overflow=64 * LARGEST_BODY,
    ).run()


def serve_desk(app: Flask, port: int) -> None:
    """Serve the desk on this machine only, and print its one-time link, until interrupted."""
    server = waitress_for(app, port, threads=DESK_THREADS, inbuf_overflow=IN_MEMORY, outbuf_overflow=IN_MEMORY)
    kept = app.extensions["amanah_desk"]
    kept.keep_watch()
    link = f"http://127.0.0.1:{port}/open/{kept.token}"
    click.echo(f"Desk:       {link}   (this link works once)")
    log_only_this()
    signal.signal(signal.SIGTERM, _end)
    try:
        server.run()
    finally:
        kept.forget()  # keys are overwritten, whatever ends the desk politely


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def serve_tablets(app: Flask, home: Path, address: str, port: int) -> None:
    """Serve the field app over TLS until interrupted."""
    from tls import tablet_server

    log_only_this()
    tablet_server(app, home, address, port).safe_start()


def settings_for_tablets(settings: Settings) -> Settings:
    """The settings of an instance that is served over TLS, for its certificate's hosts too. Raises SettingsError."""
    from fieldwork.certificate import hosts_of

    return replace(settings, secure_cookies=True, hosts=(*settings.hosts, *hosts_of(settings.home)))


def watched(app: Flask, board: Board, at: Address) -> Wsgi:
    """The field app for gunicorn, with its door for whoever watches it at this address (docs/watching.md)."""
    kept = app.extensions
    watch = Watch(lambda: kept["amanah"], kept["amanah_settings"].backups, time.monotonic)
    board.sit_down()

    def numbers() -> str:
        return exposition(board, _facts(watch.look()))

    return with_a_watch(counting(app, board), at, lambda: watch.look().is_ready, numbers)


def _facts(seen: Seen) -> Iterator[tuple[str, str, float]]:
    yield "ready", "", seen.is_ready
    for store, answers in seen.stores.items():
        yield "store_answers", f'{{store="{store}"}}', answers
    for name, days in ages(seen, today()).items():
        yield name, "", days
