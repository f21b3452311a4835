"""The steps to a release. Each parses, calls the release room, renders. What was opened stays in memory."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from flask import Response, abort, redirect, request, send_file, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from config import has_instance
from errors import AmanahError, ReleaseError
from forms.desk import SourceForm, SpecifyForm, StepForm
from instruments.codebook import level_in_words
from instruments.model import Level
from release.build import Release, build_release
from release.export import release_files, write_release
from release.journal import refused_releases_written, write_release_made
from release.source import Source, open_source, source_of_bundle
from release.specification import specification_of
from release.unlocked import oldest_not_given
from release.versions import incomparable_in_words
from views.desk.common import Page
from views.desk.common import the_desk as _desk
from views.desk.plots import crowd_bars
from views.desk.state import Desk
from views.desk.strip import page
from views.desk.unlocking import unlock


def enter(token: str) -> AnyResponse:
    """The one-time link: it works once, and leaves a cookie for this browser."""
    if not _desk().admits(token):
        abort(403)
    session.clear()
    session["desk"] = _desk().cookie
    return redirect(url_for("desk.home"), 303)


def source() -> Page:
    """Choose the sealed records."""
    form, desk = SourceForm(), _desk()
    form.place.choices = [(str(path), path.name) for path in _sources(desk.home)]
    refused = ""
    if form.validate_on_submit():
        try:
            found = _chosen_source(form)
        except AmanahError as error:
            refused = str(error)
        else:
            desk.forget()
            desk.source = found
            return redirect(url_for("desk.unlock"), 303)
    return page("source", form=form, refused=refused)


def specify() -> Page:
    """Say what the release is for; see counts first."""
    form, desk = SpecifyForm(), _desk()
    if desk.dataset is None or desk.source is None:
        return redirect(url_for("desk.unlock"), 303)
    instrument = desk.source.newest
    form.groups.choices = [(group.name, group.title.in_language("en")) for group in desk.source.groups]
    form.wave.choices = [(wave, str(wave)) for wave in sorted({one.wave for one in desk.dataset.people})]
    if request.method == "GET":
        form.k.data, form.largest_suppression.data = instrument.release.k, instrument.release.largest_suppression
    refused = ""
    if form.validate_on_submit():
        try:
            desk.specification = ordered = _specification(form)
            desk.release, desk.written = None, None
            with refused_releases_written(desk.home / "releases", ordered.purpose, date.today()):
                _build(desk)
        except AmanahError as error:
            refused = str(error)
        else:
            return redirect(url_for("desk.preview"), 303)
    return page(
        "specify",
        form=form,
        refused=refused,
        dataset=desk.dataset,
        counts=_counts(desk, form.groups.choices),
        oldest=oldest_not_given(desk.source, desk.keys),
    )


def preview() -> Page:
    """What the release would hold, what it would lose, what risk remains."""
    desk = _desk()
    if desk.release is None:
        return redirect(url_for("desk.specify"), 303)
    made = desk.release
    return page(
        "preview",
        form=StepForm(),
        release=made,
        traits=list(_traits(made)),
        bars=crowd_bars(*made.sizes, made.specification.k),
        incomparable=list(incomparable_in_words(made)),
    )


def build() -> Page:
    """Write the release, then offer it as one file."""
    desk, form = _desk(), StepForm()
    if desk.release is None:
        return redirect(url_for("desk.specify"), 303)
    refused = ""
    if desk.written is None and form.validate_on_submit():
        try:
            purpose = desk.release.specification.purpose
            write_release_made(desk.home / "releases", purpose, date.today())
            out = _new_folder(desk.home / "releases", purpose)
            write_release(desk.release, out)
            desk.written = out
        except (AmanahError, OSError) as error:
            refused = str(error) if isinstance(error, AmanahError) else "The folder for releases cannot be written."
    if desk.written is None:
        return redirect(url_for("desk.preview"), 303) if not refused else page("build", form=form, refused=refused)
    return page("build", form=form, refused="", release=desk.release, written=desk.written)


def working() -> Page:
    """How far the opening is. The page asks again by itself."""
    work = _desk().work
    if work.is_running:
        return page("working", work=work)
    if work.error:
        return page("working", work=work, refused=work.error)
    return redirect(url_for("desk.specify"), 303)


def download() -> Response:
    """The release as one zip file, made in memory."""
    release = _desk().release
    if release is None or _desk().written is None:
        abort(404)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in release_files(release).items():
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    sink.seek(0)
    return send_file(sink, "application/zip", as_attachment=True, download_name="release.zip")


def close() -> AnyResponse:
    """Let go of every key and everything opened."""
    if StepForm().validate_on_submit():
        _desk().forget()
    return redirect(url_for("desk.home"), 303)


STEPS: dict[str, Callable[[], Page]] = {
    "source": source,
    "unlock": unlock,
    "specify": specify,
    "preview": preview,
    "build": build,
}


def _sources(home: Path) -> list[Path]:
    here = [home] if has_instance(home) else []
    return here + sorted(home.glob("*.amanah"))


def _chosen_source(form: SourceForm) -> Source:
    if form.bundle.data:
        return source_of_bundle(form.bundle.data.stream, "bundle")
    if not form.place.data:
        raise ReleaseError("Please choose where the sealed records are.")
    return open_source(Path(form.place.data))


def _specification(form: SpecifyForm) -> Any:
    return specification_of(
        {
            "purpose": form.purpose.data,
            "groups": form.groups.data,
            "k": form.k.data,
            "formats": ["csv"],
            "language": "en",
            "largest_suppression": form.largest_suppression.data,
            "archive_only": form.archive_only.data,
            "new_ids": form.new_ids.data,
            **({"wave": form.wave.data} if form.wave.data else {}),
        }
    )


def _build(desk: Desk) -> None:
    if desk.source and desk.dataset and desk.keys and desk.specification:
        desk.release = build_release(desk.source, desk.dataset, desk.keys, desk.specification)


def _counts(desk: Desk, groups: Any) -> list[tuple[str, int]]:
    people = desk.dataset.people if desk.dataset else ()
    return [(title, sum(1 for person in people if person.group == name)) for name, title in groups]


def _traits(release: Release) -> Iterator[tuple[str, str, str]]:
    """Each variable of the check: its name, its question, and what the release has of it."""
    for column in release.columns:
        if column.item.name in release.checked:
            level = release.levels.get(column.item.name, 0)
            made = _in_words(column.hierarchy.levels[level - 1]) if level and column.hierarchy else ""
            yield column.item.name, column.item.label.in_language("en"), made


def _in_words(level: Level) -> str:
    if level.rule == "suppressed":
        return str(gettext("removed for everyone"))
    if level.rule == "categories":
        return " · ".join(category.label.in_language("en") for category in level.categories)
    return level_in_words(level, "en")


def _new_folder(releases: Path, purpose: str) -> Path:
    releases.mkdir(mode=0o700, parents=True, exist_ok=True)
    slug = re.sub("[^a-z0-9]+", "-", purpose.lower())[:40].strip("-") or "release"
    taken = {path.name for path in releases.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"{slug}-{n}" not in taken)
    return releases / f"{slug}-{number}"
