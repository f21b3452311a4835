"""The steps to a release. Each parses, calls the release room, renders. What was opened stays in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from flask import abort, redirect, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from config import has_instance
from errors import AmanahError, ReleaseError
from forms.desk import SourceForm, StepForm
from instruments.model import Level
from release.made import Release
from release.report.figures import figures_of, gone_for_everyone
from release.source import Source, open_source, source_of_bundle
from release.versions import incomparable_in_words
from views.desk.building import build
from views.desk.common import Page
from views.desk.common import the_desk as _desk
from views.desk.figures import chance, figure, percent
from views.desk.plots import crowd_bars
from views.desk.specifying import specify
from views.desk.strip import page
from views.desk.unlocking import unlock
from views.speaking import forget_session, language_here


def enter(token: str) -> AnyResponse:
    """The one-time link: it works once, and leaves a cookie for this browser."""
    if not _desk().admits(token):
        abort(403)
    forget_session()
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


def preview() -> Page:
    """What the release would hold, what it would lose, what risk remains."""
    desk = _desk()
    if desk.specification is not None and desk.look is not None:
        return page(
            "preview_files",
            form=StepForm(),
            ordered=desk.specification,
            at="preview",
            look=desk.look,
            kind=type(desk.look).__name__,
            figure=figure,
        )
    if desk.release is None:
        return redirect(url_for("desk.specify"), 303)
    made = desk.release
    return page(
        "preview",
        form=StepForm(),
        release=made,
        figures=figures_of(made),
        lost={name: made.loss_by_variable.get(name, 0.0) for name in made.checked},
        traits=list(_traits(made)),
        gone=gone_for_everyone(made),
        bars=crowd_bars(*made.sizes, made.specification.k),
        incomparable=list(incomparable_in_words(made)),
        chance=chance,
        percent=percent,
    )


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


def _traits(release: Release) -> Iterator[tuple[str, str, str]]:
    """Each variable of the check: its name, its question, and what the release has of it."""
    for column in release.columns:
        if column.item.name in release.checked:
            level = release.levels.get(column.item.name, 0)
            made = _in_words(column.hierarchy.levels[level - 1]) if level and column.hierarchy else ""
            yield column.item.name, column.item.label.in_language(language_here()), made


def _in_words(level: Level) -> str:
    if level.rule == "categories":
        return " · ".join(category.label.in_language(language_here()) for category in level.categories)
    said = {
        "suppressed": _("removed for everyone"),
        "first_word": _("the part before the space"),
        "copy": _("taken from %(source)s", source=level.source),
        "year": _("the year"),
        "quarter": _("the quarter of the year"),
    }
    return str(said[level.rule])
