"""Sealed bundles, made while a page says how far they are. What waits to be saved goes after ten minutes.

Only sealed envelopes pass through a file, and none stays: saved, cancelled or left, it is gone.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from flask import Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from fieldwork.bundles import make_bundle
from forms.office import ButtonForm
from views.field.common import study
from views.office.long_work import Said, done
from views.office.previews import settings
from views.work import Work

FOLDER = "bundles"
WAITS = 600.0  # seconds
CHUNK = 1 << 16  # bytes
NAME = re.compile(r"(records|identities)-\d{4}-\d\d-\d\d-[\w-]{22}")


@dataclass(frozen=True)
class Made:
    """A bundle that lies in the folder: its name there, how many records it holds."""

    path: Path
    count: int

    @property
    def name(self) -> str:
        """What the page calls it by; nobody guesses it."""
        return self.path.name

    @property
    def size(self) -> str:
        """How large it is, in words."""
        return f"{max(round(self.path.stat().st_size / 1_000_000), 1)} MB"


def bundle() -> Any:
    """The sealed bundle of the research records, as a download: for the data manager's desk."""
    return _bundle("research", "records")


def identity_bundle() -> Any:
    """The sealed bundle of the identity vault, as a download: for the custodians' desk."""
    return _bundle("identity", "identities")


def save_bundle() -> Any:
    """Hand over a bundle that took long, once."""
    name = request.form.get("name", "")
    path = settings().home / FOLDER / name
    if not ButtonForm().validate_on_submit() or not NAME.fullmatch(name) or not path.is_file():
        return render_template("office/bundle_made.html", made=None), 404
    return _handed_over(path)


def sweep(home: Path, now: float) -> None:
    """Take away what waited for too long, also where its process ended meanwhile."""
    for path in (home / FOLDER).glob("*"):
        if now - path.stat().st_mtime > WAITS:
            path.unlink(missing_ok=True)


def _bundle(purpose: Literal["research", "identity"], name: str) -> Any:
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("office.home"), 303)
    sweep(settings().home, time.time())
    said = Said(
        _("Making the bundle"),
        _("Every sealed record is put into one file. Nothing is left of it if you cancel."),
        url_for("office.home"),
    )
    return done(_making(purpose, name), lambda made: _handed_over(made.path), said, _waits)


def _making(purpose: Literal["research", "identity"], name: str) -> Callable[[Work], Made]:
    folder, about, actor, today = settings().home / FOLDER, study(), g.member.name, date.today()

    def make(work: Work) -> Made:
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{name}-{today}-{secrets.token_urlsafe(16)}"
        return Made(path, make_bundle(about, path, actor, today, purpose, work.report))

    return make


def _waits(made: Made) -> str:
    gone = threading.Timer(WAITS, made.path.unlink, kwargs={"missing_ok": True})
    gone.daemon = True
    gone.start()
    return render_template("office/bundle_made.html", made=made, button=ButtonForm(formdata=None))


def _handed_over(path: Path) -> Response:
    answer = Response(_read_once(path), mimetype="application/octet-stream")
    answer.content_length = path.stat().st_size
    name = path.name[: -len(secrets.token_urlsafe(16)) - 1]
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.amanah")
    return answer


def _read_once(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        path.unlink()  # what is open can be read to its end, and lies in no folder any more
        while part := file.read(CHUNK):
            yield part
