"""The questionnaires' pages: the study's versions, a form to be checked, a draft that may become the next version.

Forms hold questions and never answers. Whoever may not change the study may still look.
"""

from __future__ import annotations

from pathlib import Path

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from errors import InstrumentError, Problem
from fieldwork.drafts import Upload, begin_draft, check_upload, draft_folder, draft_of, drop_draft, forms_of
from forms.office import ButtonForm, UploadForm
from views.field.common import study
from views.field.previews import settings

LARGEST_FORM = 2 * 1024 * 1024  # bytes of an uploaded form; a larger one is checked at the shell
Page = str | tuple[str, int]


def instruments() -> Page:
    """The study's versions, the draft, and a place to hand a form in."""
    return _page(UploadForm(_places()))


def check() -> Page | Response:
    """Say everything that is wrong with a form, or make it a draft of the study."""
    # The one page that takes more than a visit could ever be.
    request.max_content_length = LARGEST_FORM
    form = UploadForm(_places())
    if not form.validate_on_submit():
        return _page(form), 422
    upload = Upload(form.file.data.filename or "", form.file.data.read())
    if not form.place.data:
        return _problems(upload, check_upload(upload))
    try:
        begin_draft(_folder(), form.place.data, upload)
    except InstrumentError as refusal:
        return _problems(upload, refusal.problems)
    return redirect(url_for("office.draft"), 303)


def draft() -> Page | Response:
    """The draft: what to look at, how private each question is, what changes, and the button that adopts it."""
    found = draft_of(_folder())
    if found is None:
        return redirect(url_for("office.instruments"), 303)
    return render_template("office/draft.html", draft=found, member=g.member, button=ButtonForm())


def drop() -> Response:
    """Forget the draft."""
    if ButtonForm().validate_on_submit():
        drop_draft(_folder())
    return redirect(url_for("office.instruments"), 303)


def _page(form: UploadForm) -> str:
    return render_template(
        "office/instruments.html",
        form=form,
        member=g.member,
        study=study(),
        has_draft=draft_folder(_folder()).is_dir(),
    )


def _problems(upload: Upload, problems: tuple[Problem, ...]) -> Page:
    errors = [problem for problem in problems if not problem.is_warning]
    warnings = [problem for problem in problems if problem.is_warning]
    page = render_template("office/checked.html", name=upload.name, errors=errors, warnings=warnings)
    return (page, 422) if errors else page


def _places() -> dict[str, str]:
    """The study's forms that one may take the place of, in the order of the visit."""
    titles: dict[str, str] = {}
    for part, form in forms_of(_folder()):
        titles.setdefault(form, gettext("In the place of %(form)s (%(part)s)", form=form, part=part))
    return titles


def _folder() -> Path:
    return settings().study_folder
