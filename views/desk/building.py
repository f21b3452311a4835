"""The desk's step Build: an order is written in the background, with time left and a way to cancel, then handed over.

What is cancelled or fails leaves nothing half-written. The journal beside the releases tells of it.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask import Response, abort, redirect, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from forms.desk import StepForm
from release.journal import refused_releases_written
from release.made import Release
from release.making import Opened, Way, write_order, write_rows
from release.signing import desk_signer, fingerprint
from release.specification import Specification
from views.desk.common import Page, the_desk
from views.desk.specifying import opened_at
from views.desk.state import Desk
from views.desk.strip import page
from views.work import PATIENCE, Work, time_left

AT = {"dataset": "unlock", "release": "specify", "look": "specify", "written": "build"}
NEXT = {"dataset": "desk.specify", "release": "desk.preview", "look": "desk.preview", "written": "desk.build"}
BACK = {"dataset": "desk.unlock", "release": "desk.specify", "look": "desk.specify", "written": "desk.preview"}


def build() -> Page:
    """Write the release, then offer it as one file."""
    desk, form = the_desk(), StepForm()
    opened, ordered = opened_at(desk), desk.specification
    if opened is None or ordered is None or (desk.release is None and desk.look is None):
        return redirect(url_for("desk.specify"), 303)
    if desk.written is None and form.validate_on_submit():
        work = desk.start(_writing(desk, opened, ordered, desk.release), "written")
        if work.is_running:
            return redirect(url_for("desk.working"), 303)
        if work.error:
            return page("build", form=form, refused=work.error, written=None)
    if desk.written is None:
        return redirect(url_for("desk.preview"), 303)
    signer = fingerprint(desk_signer(desk.home / "releases").public)
    told = {"release": desk.release, "written": desk.written, "signer": signer, "files": _names(desk.written)}
    return page("build", form=form, **told)


def _writing(desk: Desk, opened: Opened, ordered: Specification, made: Release | None) -> Callable[[Work], Path]:
    def write(work: Work) -> Path:
        releases = desk.home / "releases"
        way = Way(_new_folder(releases, ordered.purpose), releases, date.today(), work.report, work.stop)
        with refused_releases_written(releases, ordered.purpose, way.today):
            _written(opened, ordered, made, way)
        return way.out

    return write


def _written(opened: Opened, ordered: Specification, made: Release | None, way: Way) -> None:
    if made is None:
        write_order(opened, ordered, way)
    else:
        write_rows(opened, made, way)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def working() -> Page:
    """How far the work in the background is. The page asks again by itself."""
    work = the_desk().work
    if work.is_running or work.error:
        left = None if work.seconds_left is None else time_left(work.seconds_left)
        back, at = url_for(BACK[work.what]), AT[work.what]
        return page("working", work=work, refused=work.error, left=left, back=back, at=at)
    return redirect(url_for(NEXT[work.what]), 303)


def cancel() -> AnyResponse:
    """Stop the work in the background; nothing half-made stays."""
    work = the_desk().work
    if StepForm().validate_on_submit() and work.is_running:
        work.is_stopped = True
        if work.thread:
            work.thread.join(PATIENCE)
    return redirect(url_for("desk.working"), 303)


def download() -> Response:
    """The release as one zip file."""
    folder = the_desk().written
    if folder is None or not folder.is_dir():
        abort(404)
    sink = io.BytesIO()  # in memory: a second copy on the disk is nobody's to find
    with zipfile.ZipFile(sink, "w") as packed:
        for name in _names(folder):
            told = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            told.compress_type = zipfile.ZIP_DEFLATED
            with packed.open(told, "w", force_zip64=True) as inside, (folder / name).open("rb") as file:
                shutil.copyfileobj(file, inside)
    sink.seek(0)
    return send_file(sink, "application/zip", as_attachment=True, download_name="release.zip")


def _new_folder(releases: Path, purpose: str) -> Path:
    releases.mkdir(mode=0o700, parents=True, exist_ok=True)
    slug = re.sub("[^a-z0-9]+", "-", purpose.lower())[:40].strip("-") or "release"
    taken = {path.name for path in releases.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"{slug}-{n}" not in taken)
    return releases / f"{slug}-{number}"
