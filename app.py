"""Wiring: `create_app()` is the field app, `create_desk()` the desk. `python app.py` serves both, with a demo."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess  # noqa: S404 (the desk is a process of its own, so that the field app never loads it)
import sys
import time
from datetime import date
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from flask_babel import Babel, format_date, format_datetime

import commands
import views.field
import views.office
from config import LOOPBACK, Settings, has_instance, home_of, read_settings
from errors import AmanahError
from fieldwork.bundles import sweep_bundles
from fieldwork.freshness import Clock, look_out
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.paces import Paces
from fieldwork.upkeep import put_right
from serving import serve_field
from views.assets import compress, version_of
from views.errors import register_errors
from views.field import styleguide
from views.field.doors import check_doors
from views.headers import harden
from views.hosts import HostBound, answer_for
from views.known import OF_A_DESK
from views.logs import log_only_this, log_requests
from views.request import limit
from views.speaking import locale, speak_here, tongues
from views.wording import word

ROOT = Path(__file__).parent
# Where `python app.py` serves; the environment may name other ports.
PORTS = {"AMANAH_PORT": "8000", "AMANAH_DESK_PORT": "8001"}
A_LONG_DAY = 12 * 3600  # seconds
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
    if settings is None:
        # A server of its own choosing starts us: whatever it is, it prints nothing about a request.
        log_only_this()
    try:
        _open(app, settings or read_settings(home_of(os.environ)), clock)
    except AmanahError as error:
        if context is None:
            click.echo(f"Error: {error}", err=True)
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
        # Cookies know no ports: two desks on one machine would throw each other out under one name.
        SESSION_COOKIE_NAME=f"{OF_A_DESK}{secrets.token_hex(4)}",
        MAX_CONTENT_LENGTH=LARGEST_BUNDLE,
    )
    # A page of another name that resolves to this machine is not the desk's page.
    answer_for(app, LOOPBACK)
    app.register_blueprint(
        views.desk.blueprint(views.desk.new_desk(settings.home if settings else home_of(os.environ)))
    )
    return app


def _new_app(name: str) -> HostBound:
    # The address of a static file carries the digest of them all, and never serves another's.
    app = HostBound(name, root_path=str(ROOT), static_url_path=f"/static/{version_of(ROOT / 'static')}")
    # A page of the staff's may stay open for as long as their session can last.
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Strict", WTF_CSRF_TIME_LIMIT=A_LONG_DAY)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # What scripts are told stands in attributes in single quotes, as short as JSON can be: each first load carries it.
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    app.jinja_env.filters["date_in_words"] = lambda day: format_date(day, "full")
    app.jinja_env.filters["minute"] = lambda moment: format_datetime(moment, "d MMM, HH:mm z")
    Babel(app, locale_selector=locale, default_translation_directories="translations")
    word(app)
    app.context_processor(speak_here)
    app.jinja_env.globals["tongues"] = tongues
    answer_for(app, LOOPBACK)
    log_requests(app)
    limit(app)
    harden(app)
    compress(app)
    register_errors(app)
    return app


def _open(app: HostBound, settings: Settings, clock: Clock) -> None:
    study = commands.opened_study(settings)
    # Before anything is served: a backup that was put back must not bring back what was withdrawn.
    put_right(study, date.today())
    sweep_bundles(settings.home, time.time())
    refuse_core_dumps()
    app.extensions["amanah"] = study
    paces = app.extensions["amanah_paces"] = Paces()
    app.extensions["amanah_lookout"] = look_out(study, settings.study_folder, clock, paces)
    app.extensions["amanah_settings"] = settings
    answer_for(app, settings.hosts, settings.trusted_proxies)
    # The cookie is the staff's; a visit has none. `__Host-` ties it to this host and to TLS.
    app.config.update(
        SECRET_KEY=(settings.home / "secret").read_text("utf-8"),
        SESSION_COOKIE_NAME="__Host-amanah" if settings.secure_cookies else "amanah",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
    app.extensions["amanah_office_keys"] = office_keys(app.config["SECRET_KEY"])
    app.register_blueprint(views.field.blueprint())
    app.register_blueprint(views.office.blueprint())
    if settings.development:
        app.register_blueprint(styleguide.blueprint())
    check_doors(app)


def refuse_core_dumps() -> None:
    """A crash must not write this process's memory to the disk. Windows has no such limit and no such files."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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
    click.echo(f"  with passkeys:  http://localhost:{port}/  (browsers have none at an address in digits)")
    told = home / "demo.json"
    if told.is_file():
        demo = json.loads(told.read_text("utf-8"))
        for member in demo["sign_ins"]:
            code = f"AMANAH_HOME={home} .venv/bin/flask code {member['name']}"
            click.echo(f"  sign in as {member['role']}:  {member['name']}  /  {member['password']}  /  code: {code}")
        key = demo["keys"]["research"]
        click.echo(f"  research key for the desk:  {home / key['file']}  /  {key['passphrase']}")
        for one in demo["keys"]["identity"]:
            click.echo(f"  custodian {one['custodian']}:  {home / one['file']}  /  {one['passphrase']}")
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
