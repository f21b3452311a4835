"""The staff's pages, in one list, with signing in and the sealed bundle. No page shows an answer or a name."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, g, redirect, render_template, send_file, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import NotPermitted
from fieldwork.bundles import make_bundle
from fieldwork.roles import May
from fieldwork.staff.sessions import sign_in, sign_out
from forms.office import ButtonForm, SignInForm
from views.field import admissions, classes, health, journal, keyrings, previews, progress, questionnaires, studies
from views.field.common import begin, study
from views.field.guards import only_who
from views.field.navigation import Page, ways_of


def blueprint() -> Blueprint:
    """The staff's pages, under /office."""
    office = Blueprint("office", __name__, url_prefix="/office")
    office.before_request(begin)
    office.context_processor(lambda: {"leaving": ButtonForm(formdata=None)})  # every page signs out
    office.add_url_rule("/sign-in", "sign_in", sign_in_page, methods=["GET", "POST"])
    office.add_url_rule("/sign-out", "sign_out", sign_out_page, methods=["POST"])
    for address, endpoint, methods, act, view in pages():
        office.add_url_rule(address, endpoint, only_who(act)(view), methods=methods.split())
    acts = {endpoint: act for _, endpoint, _, act, _ in pages()}
    office.context_processor(lambda: {"ways": ways_of(acts, g.member.role) if g.get("member") else ()})
    return office


def pages() -> tuple[Page, ...]:
    """Every page that needs somebody signed in: address below /office, endpoint, methods, what it is for, view."""
    change, see, both = May.CHANGE_QUESTIONNAIRES, May.SEE_QUESTIONNAIRES, "GET POST"
    return (
        ("", "home", "GET", May.SEE_PROGRESS, progress.home),
        ("/bundle", "bundle", "POST", May.CARRY_BUNDLE, bundle),
        ("/study", "study", "GET", see, studies.study_page),
        ("/keys", "keys", "GET", May.SEE_KEYS, keyrings.keys),
        ("/health", "health", "GET", May.SEE_HEALTH, health.health),
        ("/tablets", "tablets", both, May.ENROL_TABLETS, admissions.tablets),
        ("/tablets/revoke", "revoke_tablet", "POST", May.ENROL_TABLETS, admissions.revoke_tablet),
        ("/invitations", "invitations", both, May.INVITE_PARTICIPANTS, admissions.invitations),
        (
            "/invitations/withdraw", "withdraw_invitations", "POST", May.INVITE_PARTICIPANTS,
            admissions.withdraw_invitations,
        ),
        ("/instruments", "instruments", "GET", see, questionnaires.instruments),
        ("/instruments/workbook", "workbook", "GET", see, questionnaires.workbook),
        ("/instruments/preview", "preview", "GET", see, previews.preview),
        ("/instruments/previewed", "previewed", "GET", see, previews.previewed),
        ("/instruments/check", "check", "POST", change, questionnaires.check),
        ("/instruments/draft", "draft", "GET", change, questionnaires.draft),
        ("/instruments/draft/name", "name_draft", "POST", change, questionnaires.name),
        ("/instruments/draft/adopt", "adopt_draft", "POST", change, questionnaires.take_up),
        ("/instruments/draft/drop", "drop_draft", "POST", change, questionnaires.drop),
        ("/journal", "journal", "GET", May.READ_JOURNAL, journal.journal),
        ("/journal/checkpoint", "make_checkpoint", "POST", May.READ_JOURNAL, journal.make_checkpoint),
        ("/instruments/classes", "classes", both, change, classes.classes),
    )  # fmt: skip


def sign_in_page() -> AnyResponse | tuple[str, int] | str:
    """Ask for name and password; a wrong pair is told apart from nothing else."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("office/sign_in.html", form=form, refused="")
    try:
        token = sign_in(study().stores.office, form.name.data, form.password.data, datetime.now(UTC))
    except NotPermitted as refusal:
        return render_template("office/sign_in.html", form=form, refused=str(refusal)), 403
    session.clear()
    session["token"] = token
    return redirect(url_for("office.home"), 303)


def sign_out_page() -> AnyResponse:
    """End the session on the server, then forget it here."""
    if ButtonForm().validate_on_submit():
        sign_out(study().stores.office, session.get("token", ""))
        session.clear()
    return redirect(url_for("office.sign_in"), 303)


def bundle() -> Response | AnyResponse:
    """The sealed bundle of the research records, as a download."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("office.home"), 303)
    today = date.today()
    with tempfile.TemporaryDirectory() as folder:
        # Only sealed envelopes pass through this file.
        path = Path(folder) / "bundle"
        make_bundle(study(), path, g.member.name, today, "research")
        sealed = BytesIO(path.read_bytes())
    return send_file(sealed, "application/octet-stream", as_attachment=True, download_name=f"records-{today}.amanah")
