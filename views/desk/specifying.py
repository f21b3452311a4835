"""The desk's step Specify: what a release is for and what it may hold, as a page or as TOML; both are the same thing.

Everything that was typed survives an error. What the order gives is made in the background, and shown before anything
is written.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from flask import make_response, redirect, request, url_for
from flask_babel import gettext

from errors import AmanahError, ReleaseError
from forms.desk_specify import LONGEST_TOML, SpecifyForm, TomlForm, typed_of
from release.beforehand import Look, look_at
from release.export import ask
from release.journal import refused_releases_written
from release.made import Release
from release.making import Opened, rows_of
from release.specification import FORMATS, Specification, read_specification, settings_of, specification_of
from release.specification_start import usual_language
from release.specification_text import to_toml
from release.unlocked import oldest_not_given
from views.desk.common import Page, the_desk
from views.desk.state import Desk
from views.desk.strip import page
from views.speaking import language_here
from views.work import Work

FILE = "specification.toml"


def specify() -> Page:
    """Say what the release is for; see counts first."""
    desk = the_desk()
    opened = opened_at(desk)
    if opened is None:
        return redirect(url_for("desk.unlock"), 303)
    form = _form(desk, opened)
    refused = ""
    if request.method == "POST" and form.validate():
        desk.told = form.told()
        try:
            ordered = specification_of(desk.told)
            if "toml" in request.form.getlist("do"):
                return _download(ordered)
            return _begin(desk, opened, ordered)
        except AmanahError as error:
            refused = str(error)
    return _page(desk, opened, form, refused)


def specify_toml() -> Page:
    """Take a specification in as TOML: it fills the page."""
    desk, form = the_desk(), TomlForm()
    opened = opened_at(desk)
    if opened is None:
        return redirect(url_for("desk.unlock"), 303)
    refused = ""
    if form.validate_on_submit():
        try:
            desk.told = settings_of(read_specification(_text(form)))
            return redirect(url_for("desk.specify"), 303)
        except AmanahError as error:
            refused = str(error)
    return _page(desk, opened, _form(desk, opened), refused, form)


def opened_at(desk: Desk) -> Opened | None:
    """What orders are made from, where records are open."""
    if desk.source is None or desk.dataset is None:
        return None
    return Opened(desk.source, desk.dataset, desk.keys)


def _begin(desk: Desk, opened: Opened, ordered: Specification) -> Page:
    """Make what is ordered in the background; a small one is there at once. Raises ReleaseError."""
    desk.specification, desk.release, desk.look, desk.written = ordered, None, None, None
    releases = desk.home / "releases"

    def look(work: Work) -> Release | Look:
        with refused_releases_written(releases, ordered.purpose, date.today()):
            if ordered.kind == "rows":
                return rows_of(opened, ordered, releases, work.stop)
            made = look_at(opened, ordered, releases)
        ask(work.stop)
        return made

    work = desk.start(look, "release" if ordered.kind == "rows" else "look")
    if work.error:
        raise ReleaseError(work.error)
    return redirect(url_for("desk.working" if work.is_running else "desk.preview"), 303)


def _form(desk: Desk, opened: Opened) -> SpecifyForm:
    source = opened.source
    form = SpecifyForm() if request.endpoint == "desk.specify" and request.method == "POST" else _filled(desk, opened)
    form.groups.choices = [(group.name, group.title.in_language(language_here())) for group in source.groups]
    form.formats.choices = [(name, name) for name in FORMATS]
    form.language.choices = [(code, code) for code in source.newest.languages]
    form.language.data = form.language.data or usual_language(source.newest.languages)
    form.languages.choices = [(code, code) for code in source.newest.languages]
    labels = dict.fromkeys(version.version for version in source.newest_first)
    form.instrument_versions.choices = [(label, label) for label in labels]
    return form


def _filled(desk: Desk, opened: Opened) -> SpecifyForm:
    """The page as it was left, or as the study would have it."""
    study = opened.source.newest
    unsaid = {
        "preset": "team",
        "k": study.release.k,
        "largest_suppression": study.release.largest_suppression,
        "formats": ["csv"],
        "language": usual_language(study.languages),
    }
    return SpecifyForm(typed_of(unsaid if desk.told is None else desk.told))


def _page(desk: Desk, opened: Opened, form: SpecifyForm, refused: str, toml: TomlForm | None = None) -> Page:
    counts = opened.dataset.people
    return page(
        "specify",
        form=form,
        toml=toml or TomlForm(formdata=None),
        refused=refused or (gettext("Something on this page needs another look.") if form.errors else ""),
        dataset=opened.dataset,
        counts=[(title, counts.filter(pl.col(".group") == name).height) for name, title in form.groups.choices],
        oldest=oldest_not_given(opened.source, opened.keys),
        waves=counts[".wave"].unique().sort().to_list(),
    )


def _text(form: TomlForm) -> str:
    if form.file.data:
        try:
            return str(form.file.data.stream.read(LONGEST_TOML).decode("utf-8"))
        except UnicodeDecodeError:
            raise ReleaseError("That file is no TOML text in UTF-8.") from None
    return str(form.toml.data or "")


def _download(ordered: Specification) -> Page:
    told = make_response(to_toml(ordered))
    told.mimetype = "application/toml"
    told.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return told
