"""The servers of the field app, and every limit they keep. No body is spooled to a file, no server writes a log."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

from flask import Flask
from waitress import serve

from config import Settings
from views.field.questionnaires import LARGEST_FORM

LARGEST_BODY = 1024 * 1024  # bytes; a visit in base64 is smaller (LONGEST_VISIT in instruments/sizes.py)


def serve_field(app: Flask, port: int) -> None:
    """Serve the field app on loopback until interrupted."""
    # A body larger than the overflow would be spooled to a temporary file: refuse it before that, so that
    # nothing a participant typed on the plain path touches the disk. Only a questionnaire may be as large as this; the
    # app itself refuses everything else beyond LARGEST_BODY.
    serve(
        app,
        host="127.0.0.1",
        port=port,
        threads=8,
        ident="",
        max_request_body_size=LARGEST_FORM,
        inbuf_overflow=2 * LARGEST_FORM,
        outbuf_overflow=64 * LARGEST_BODY,
        _quiet=True,
    )


def serve_tablets(app: Flask, home: Path, address: str, port: int) -> None:
    """Serve the field app over TLS with the certificate in the instance, until interrupted.

    The server is cheroot: waitress, which serves everything else, cannot do TLS. A body is read from the connection,
    never from a file.
    """
    from cheroot.ssl.builtin import BuiltinSSLAdapter
    from cheroot.wsgi import Server

    from fieldwork.certificate import CERTIFICATE, FOLDER, KEY

    class Quiet(Server):
        """Writes no log: what goes wrong with a connection names its address. The app logs its own errors."""

        def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
            pass

    folder = home / FOLDER
    server = Quiet((address, port), app, numthreads=8, server_name="", timeout=30)
    server.max_request_body_size = LARGEST_FORM
    server.ssl_adapter = BuiltinSSLAdapter(str(folder / CERTIFICATE), str(folder / KEY))
    server.ssl_adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    server.safe_start()


def settings_for_tablets(settings: Settings) -> Settings:
    """The settings of an instance that is served over TLS, for its certificate's hosts too. Raises SettingsError."""
    from fieldwork.certificate import hosts_of

    return replace(settings, secure_cookies=True, hosts=(*settings.hosts, *hosts_of(settings.home)))
