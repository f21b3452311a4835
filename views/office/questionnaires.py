"""The questionnaires' pages: the study's versions, a form to be checked, a draft that may become the next version.

Forms hold questions and never answers. Whoever may not change the study may still look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from errors import InstrumentError, NotGranted, Problem, SettingsError
from fieldwork.approvals import adopt_or_propose
from fieldwork.drafts import (
    WHOLE,
    Upload,
    begin_draft,
    check_upload,
    draft_folder,
    draft_of,
    drop_draft,
    forget_draft,
    forms_of,
    has_draft,
    mark_of_draft,
    name_draft,
    open_forms,
)
from fieldwork.proposals import Proposal
from fieldwork.versions import Comparison, compare, refuse_adoption, versions
from forms.office import AdoptForm, ButtonForm, UploadForm, VersionForm
from instruments.back_out import backed_out
from instruments.catalogue import Found, StudyDefinition
from instruments.comparing.differences import by_what
from views.field.common import study
from views.limits import LARGEST_FORM
from views.office.guards import pen
from views.office.long_work import Said, done
from views.office.previews import instrument_of, settings
from views.work import Work

Page = str | tuple[str, int]


def instruments() -> Page:
    """The study's versions, the draft, and a place to hand a form in."""
    return _page(UploadForm(_places()))


def workbook() -> Response:
    """Any stored version as the workbook that a team edits."""
    instrument = instrument_of(request.args.get("version", ""))
    name = f"{instrument.study}-{instrument.digest[:8]}.xlsx"
    return send_file(BytesIO(backed_out(instrument, study().settings)), as_attachment=True, download_name=name)


def check() -> Any:
    """Say everything that is wrong with a form, or make it a draft of the study."""
    # The one page that takes more than a visit could ever be.
    request.max_content_length = LARGEST_FORM
    form = UploadForm(_places())
    if not form.validate_on_submit():
        return _page(form), 422
    upload = Upload(form.file.data.filename or "", form.file.data.read())
    return _brought(upload, form.place.data) if form.place.data else _checked(upload)


def _checked(upload: Upload) -> Any:
    ours = folder()
    said = Said(gettext("Checking the form"), gettext("Nothing of the form is kept."), url_for("office.instruments"))

    def then(found: Found) -> Page:
        return _problems(upload.name, found, found.may_be_more)

    return done(lambda _work: check_upload(upload, ours), then, said)


def _brought(upload: Upload, place: str) -> Any:
    told = gettext("The form is checked as a whole. If you cancel, nothing changes.")
    said = Said(gettext("Making the draft"), told, url_for("office.instruments"))

    def then(wrong: tuple[Problem, ...]) -> Page | AnyResponse:
        return _problems(upload.name, wrong) if wrong else to_draft()

    return done(_bringing(upload, place), then, said)


def _bringing(upload: Upload, place: str) -> Callable[[Work], tuple[Problem, ...]]:
    ours, own = folder(), pen()

    def bring(work: Work) -> tuple[Problem, ...]:
        try:
            begin_draft(ours, place, upload, own, lambda: work.report(0, 1))
        except InstrumentError as refusal:
            return refusal.problems
        return ()

    return bring


def draft() -> Page | AnyResponse:
    """The draft: what to look at, how private each question is, what changes, and the button that adopts it."""
    if not has_draft(folder()):
        return redirect(url_for("office.instruments"), 303)
    try:
        found = draft_of(folder())
    except InstrumentError as refusal:
        return _problems(gettext("The draft"), refusal.problems)
    return _draft(found, VersionForm(), AdoptForm()) if found else to_draft()


def name() -> Page | AnyResponse:
    """Give the draft another version."""
    form, found = VersionForm(), draft_of(folder())
    if found is None or form.validate_on_submit():
        if found is not None:
            try:
                name_draft(folder(), form.version.data.strip(), pen())
            except InstrumentError as refusal:
                return _problems(gettext("The draft"), refusal.problems)
        return to_draft()
    return _draft(found, form, AdoptForm()), 422


def take_up() -> Page | AnyResponse:
    """Make the draft the version that the study collects with, once what changes was confirmed."""
    form, found = AdoptForm(), draft_of(folder())
    if found is None:
        return to_draft()
    compared, refused = _compared(), ""
    # Two may work on the one draft: what is adopted is what this person read, or nothing.
    if form.read.data != mark_of_draft(folder()):
        refused = gettext("The draft was changed meanwhile. Nothing was adopted. Please read again what changes.")
        form = AdoptForm(formdata=None)
        refuse_adoption(pen(), compared)
    elif compared.frozen and not compared.is_known:
        refused = _frozen(found)
        refuse_adoption(pen(), compared)
    elif form.validate_on_submit() and form.agreed.data:
        try:
            done = adopt_or_propose(study(), compared, folder(), date.today(), g.member.name, form.breaking.data)
        except (SettingsError, NotGranted) as refusal:
            refused = gettext(str(refusal))
        else:
            if isinstance(done, Proposal):
                flash(gettext("Proposed, not adopted: another administrator must confirm it within seven days."))
                return redirect(url_for("office.approvals"), 303)
            if form.read.data == mark_of_draft(folder()):
                forget_draft(folder())
            flash(gettext("Version %(version)s is asked from now on.", version=compared.new.version))
            return redirect(url_for("office.instruments"), 303)
    return _draft(found, VersionForm(), form, refused or gettext("Please tick what is to be confirmed.")), 422


def drop() -> AnyResponse:
    """Forget the draft."""
    if ButtonForm().validate_on_submit():
        drop_draft(folder(), pen())
    return redirect(url_for("office.instruments"), 303)


def to_draft() -> AnyResponse:
    """Go to the draft."""
    return redirect(url_for("office.draft"), 303)


def folder() -> Path:
    """The folder of the study's sheets."""
    return settings().study_folder


def _page(form: UploadForm) -> str:
    return render_template(
        "office/instruments.html",
        form=form,
        member=g.member,
        study=study(),
        has_draft=has_draft(folder()),
        versions=versions(study().stores.office, study().name)[::-1],
        open_forms=[] if has_draft(folder()) else open_forms(folder()),
    )


def _draft(found: StudyDefinition, version: VersionForm, form: AdoptForm, refused: str = "") -> str:
    if not version.is_submitted() or version.version.data is None:
        version.version.data = found.instrument.version
    # The mark before the draft is read: what is shown is then never newer than what is named.
    form.read.data = mark_of_draft(folder())
    compared = _compared()
    return render_template(
        "office/draft.html",
        draft=found,
        compared=compared,
        differences=by_what(compared.differences),
        open_forms=open_forms(folder()),
        names_itself=not forms_of(draft_folder(folder())),
        frozen=_frozen(found),
        version=version,
        form=form,
        refused=refused,
        button=ButtonForm(),
    )


def _frozen(found: StudyDefinition) -> str:
    told = gettext("Version %(version)s is in use and frozen.", version=found.instrument.version)
    if forms_of(draft_folder(folder())):
        next_step = gettext("Give the draft another one in the field Version, before it is adopted.")
    else:
        next_step = gettext("Write another one into the sheet settings of the workbook, and bring that again.")
    return f"{told} {next_step}"


def _compared() -> Comparison:
    return compare(study().stores.office, study().name, folder(), draft_folder(folder()))


def _problems(named: str, problems: tuple[Problem, ...], may_be_more: bool = False) -> Page:
    errors = [problem for problem in problems if not problem.is_warning]
    warnings = [problem for problem in problems if problem.is_warning]
    page = render_template(
        "office/checked.html",
        name=named,
        errors=errors,
        warnings=warnings,
        may_be_more=may_be_more,
        button=ButtonForm(),
        has_draft=has_draft(folder()),
    )
    return (page, 422) if errors else page


def _places() -> dict[str, str]:
    """The study's forms that one may take the place of, in the order of the visit."""
    titles: dict[str, str] = {}
    for part, form in forms_of(folder()):
        titles.setdefault(form, gettext("In the place of %(form)s (%(part)s)", form=form, part=part))
    return titles | {WHOLE: gettext("The whole study, in one workbook")}
