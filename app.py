"""Wiring: `create_app()` is the field app, `create_desk()` the desk. `python app.py` serves both, with a demo."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import ssl
import subprocess  # noqa: S404 (the desk is a process of its own, so that the field app never loads it)
import sys
import time
from datetime import date
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from flask_babel import Babel, format_date, format_datetime
from waitress import serve
from werkzeug.datastructures import ImmutableDict

import commands
import views.field
import views.field.office
from config import Settings, has_instance, home_of, read_settings
from errors import AmanahError, SettingsError
from fieldwork.freshness import Clock, look_out
from fieldwork.instance import open_study
from fieldwork.staff.office_keys import office_keys
from fieldwork.upkeep import put_right
from storage.stores import Addresses
from views.assets import compress, version_of
from views.errors import register_errors
from views.field.doors import check_doors
from views.field.questionnaires import LARGEST_FORM
from views.headers import harden
from views.languages import locale
from views.request import MemoryRequest

ROOT = Path(__file__).parent
# Where `python app.py` serves; the environment may name other ports.
PORTS = {"AMANAH_PORT": "8000", "AMANAH_DESK_PORT": "8001"}
LARGEST_BODY = 1024 * 1024  # bytes; a visit in base64 is smaller (LONGEST_VISIT in instruments/sizes.py)
FOR_GOOD = 365 * 24 * 3600  # seconds
LARGEST_BUNDLE = 2**30  # bytes that the desk takes from a page; a larger one is named by its path
# Flask's own commands that serve or show the app, and so need an instance.
SERVING = ("run", "shell", "routes")


def create_app(settings: Settings | None = None, clock: Clock = time.monotonic) -> Flask:
    """The field app of this instance (by default the one `$AMANAH_HOME` names). Raises SettingsError, StorageError.

    By the clock it looks every few seconds for a new version of the study and new keys.

    Under one of our own `flask` commands it only lends its commands: most of them need no instance.
    """
    app = _new_app("amanah_field")
    commands.register(app)
    context = click.get_current_context(silent=True)
    if settings is None and context is not None and context.info_name not in SERVING:
        return app
    try:
        _open(app, settings or read_settings(home_of(os.environ)), clock)
    except AmanahError as error:
        if context is None:
            raise
        raise click.ClickException(str(error)) from None
    return app


def create_desk(settings: Settings | None = None) -> Flask:
    """The desk: for the data manager's own machine. Holds what it opens in memory only."""
    import views.desk

    refuse_core_dumps()
    app = _new_app("amanah_desk")
    # The key of the desk's cookies lives as long as this process.
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="amanah_desk",
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=LARGEST_BUNDLE,
        # A page of another name that resolves to this machine is not the desk's page.
        TRUSTED_HOSTS=["127.0.0.1", "localhost"],
    )
    app.register_blueprint(
        views.desk.blueprint(views.desk.new_desk(settings.home if settings else home_of(os.environ)))
    )
    return app


def _say_no_addresses(record: logging.LogRecord) -> bool:
    """Let a line of the development server through unless it is about one request: that names an address."""
    return " - - [" not in record.getMessage()


class Strict(Flask):
    """Answers OPTIONS with a refusal, as every method that a page does not use: nobody else's page may ask ours."""

    default_config = ImmutableDict(Flask.default_config | {"PROVIDE_AUTOMATIC_OPTIONS": False})


def _new_app(name: str) -> Flask:
    # The address of a static file carries the digest of them all: it may be kept for good, and never serves another's.
    app = Strict(name, root_path=str(ROOT), static_url_path=f"/static/{version_of(ROOT / 'static')}")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = FOR_GOOD
    app.request_class = MemoryRequest
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY, MAX_FORM_PARTS=1000)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["date_in_words"] = lambda day: format_date(day, "full")
    app.jinja_env.filters["minute"] = lambda moment: format_datetime(moment, "d MMM, HH:mm z")
    Babel(app, locale_selector=locale, default_translation_directories="translations")
    harden(app)
    compress(app)
    register_errors(app)
    logging.getLogger("werkzeug").addFilter(_say_no_addresses)
    # A browser opens six connections at once: that some wait for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return app


def _open(app: Flask, settings: Settings, clock: Clock) -> None:
    addresses = Addresses(settings.research_database, settings.identity_database, settings.office_database)
    study = open_study(settings.study, settings.study_folder, addresses, settings.tombstone_files)
    # Before anything is served: a backup that was put back must not bring back what was withdrawn.
    put_right(study, date.today())
    refuse_core_dumps()
    app.extensions["amanah"] = study
    app.extensions["amanah_lookout"] = look_out(study, settings.study_folder, clock)
    app.extensions["amanah_settings"] = settings
    # The cookie is the staff's; a visit has none. `__Host-` ties it to this host and to TLS.
    app.config.update(
        SECRET_KEY=(settings.home / "secret").read_text("utf-8"),
        SESSION_COOKIE_NAME="__Host-amanah" if settings.secure_cookies else "amanah",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Strict",
    )
    app.extensions["amanah_office_keys"] = office_keys(app.config["SECRET_KEY"])
    app.register_blueprint(views.field.blueprint())
    app.register_blueprint(views.field.office.blueprint())
    check_doors(app)


def refuse_core_dumps() -> None:
    """A crash must not write this process's memory to the disk. Windows has no such limit and no such files."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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
    """Serve the field app over TLS with the certificate in the instance, until interrupted. Raises SettingsError.

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
    if not (folder / KEY).is_file():
        raise SettingsError(f"There is no certificate in {folder}. Run `flask certificate --host ADDRESS` first.")
    server = Quiet((address, port), app, numthreads=8, server_name="", timeout=30)
    server.max_request_body_size = LARGEST_FORM
    server.ssl_adapter = BuiltinSSLAdapter(str(folder / CERTIFICATE), str(folder / KEY))
    server.ssl_adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    server.safe_start()


def main() -> None:
    """Make the demo if there is none, then serve the field app here and the desk beside it. Ctrl-C stops both."""
    signal.signal(signal.SIGTERM, _stop)
    environment = PORTS | {"AMANAH_HOME": str(ROOT / "demo")} | dict(os.environ)
    home = home_of(environment)
    if not has_instance(home):
        click.echo("Making a demo with invented people ...")
        if _flask(environment, "demo", str(home)).wait():
            raise SystemExit(1)
    app = create_app(read_settings(home, environment))
    desk = _flask(environment, "desk", "--port", environment["AMANAH_DESK_PORT"])
    try:
        _greet(home, environment["AMANAH_PORT"])
        serve_field(app, int(environment["AMANAH_PORT"]))
    finally:
        desk.terminate()
        desk.wait()


def _flask(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *words]
    return subprocess.Popen(command, env=environment)  # noqa: S603 (our own interpreter and words)


def _greet(home: Path, port: str) -> None:
    click.echo(f"Field app:  http://127.0.0.1:{port}/")
    told = home / "demo.json"
    if told.is_file():
        demo = json.loads(told.read_text("utf-8"))
        for member in demo["sign_ins"]:
            code = f"AMANAH_HOME={home} .venv/bin/flask code {member['name']}"
            click.echo(f"  sign in as {member['role']}:  {member['name']}  /  {member['password']}  /  code: {code}")
        key = demo["keys"]["research"]
        click.echo(f"  research key for the desk:  {home / key['file']}  /  {key['passphrase']}")
    click.echo("Ctrl-C stops the field app and the desk.")


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except (AmanahError, OSError) as error:
        raise SystemExit(f"Error: {error}") from None
