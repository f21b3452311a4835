"""Sealed bundles, made while a page says how far they are. What waits to be saved goes after ten minutes.

Only sealed envelopes pass through a file, and none stays: saved, cancelled or left, it is gone; what a process that
ended left behind goes with the next bundle, start or upkeep.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from flask import Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from fieldwork.bundles import WAITING, WAITS, make_bundle, sweep_bundles
from forms.office import ButtonForm
from views.field.common import study
from views.office.long_work import Said, done
from views.office.previews import settings
from views.work import Work

CHUNK = 1 << 16  # bytes
TOKEN = re.compile(r"[\w-]{22}")
Purpose = Literal["research", "identity"]
NAMES: dict[Purpose, str] = {"research": "records", "identity": "identities"}


@dataclass(frozen=True)
class Made:
    """A bundle that lies in a folder of its own, how many records it holds, and whose."""

    path: Path
    count: int
    purpose: Purpose

    @property
    def name(self) -> str:
        """What the page calls it by; nobody guesses it."""
        return self.path.parent.name.removeprefix(WAITING)

    @property
    def size(self) -> str:
        """How large it is, in words."""
        size = self.path.stat().st_size
        return f"{size / 1_000_000:,.0f} MB" if size > 10_000_000 else f"{size / 1_000:,.0f} kB"


def bundle() -> Any:
    """The sealed bundle of the research records, as a download: for the data manager's desk."""
    return _bundle("research")


def identity_bundle() -> Any:
    """The sealed bundle of the identity vault, as a download: for the custodians' desk."""
    return _bundle("identity")


def save_bundle() -> Any:
    """Hand over a bundle that took long, once; where it waits on another machine, or no more, make it anew."""
    name, purpose = request.form.get("name", ""), request.form.get("purpose")
    is_asked = ButtonForm().validate_on_submit() and TOKEN.fullmatch(name)
    found = [*(settings().home / f"{WAITING}{name}").glob("*.amanah")] if is_asked else []
    if found:
        return _handed_over(found[0])
    for known in NAMES:
        if is_asked and purpose == known:
            return _bundle(known)
    return render_template("office/bundle_made.html", made=None), 404


def _bundle(purpose: Purpose) -> Any:
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("office.home"), 303)
    sweep_bundles(settings().home, time.time())
    said = Said(
        _("Making the bundle"),
        _("Every sealed record is put into one file. Nothing is left of it if you cancel."),
        url_for("office.home"),
    )
    return done(_making(purpose), lambda made: _handed_over(made.path), said, _waits)


def _making(purpose: Purpose) -> Callable[[Work], Made]:
    folder = settings().home / f"{WAITING}{secrets.token_urlsafe(16)}"
    about, actor, today = study(), g.member.name, date.today()

    def make(work: Work) -> Made:
        folder.mkdir(mode=0o700)
        path = folder / f"{NAMES[purpose]}-{today}.amanah"
        try:
            made = Made(path, make_bundle(about, path, actor, today, purpose, work.report), purpose)
            work.report(made.count, made.count)  # who left meanwhile does not come back for it
        except BaseException:
            shutil.rmtree(folder)
            raise
        return made

    return make


def _waits(made: Made) -> str:
    gone = threading.Timer(WAITS, shutil.rmtree, (made.path.parent,), {"ignore_errors": True})
    gone.daemon = True
    gone.start()
    return render_template("office/bundle_made.html", made=made, button=ButtonForm(formdata=None))


def _handed_over(path: Path) -> Response:
    answer = Response(_read_once(path), mimetype="application/octet-stream")
    answer.content_length = path.stat().st_size
    answer.headers.set("Content-Disposition", "attachment", filename=path.name)
    return answer


def _read_once(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        shutil.rmtree(path.parent)  # what is open can be read to its end, and lies in no folder any more
        while part := file.read(CHUNK):
            yield part
