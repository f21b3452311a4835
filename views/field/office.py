"""The staff's pages: sign in, progress in counts, the sealed bundle. No page shows an answer or a name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, send_file, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import NotPermitted
from fieldwork.bundles import make_bundle
from fieldwork.progress import progress_of
from fieldwork.staff import Role, sign_in, sign_out, signed_in
from forms.office import ButtonForm, SignInForm
from instruments.model import Instrument
from views.field import admissions, classes, previews, questionnaires
from views.field.common import begin, study
from views.languages import interface_in

View = Callable[..., Any]


def blueprint() -> Blueprint:
    """The staff's pages, under /office."""
    office = Blueprint("office", __name__, url_prefix="/office")
    office.before_request(begin)
    office.context_processor(lambda: {"leaving": ButtonForm(formdata=None)})  # every page signs out
    office.add_url_rule("", "home", for_staff("administrator", "coordinator")(home))
    office.add_url_rule("/sign-in", "sign_in", sign_in_page, methods=["GET", "POST"])
    office.add_url_rule("/sign-out", "sign_out", sign_out_page, methods=["POST"])
    office.add_url_rule("/bundle", "bundle", for_staff("administrator")(bundle), methods=["POST"])
    both = for_staff("administrator", "coordinator")
    office.add_url_rule("/tablets", "tablets", both(admissions.tablets), methods=["GET", "POST"])
    office.add_url_rule("/tablets/revoke", "revoke_tablet", both(admissions.revoke_tablet), methods=["POST"])
    office.add_url_rule("/invitations", "invitations", both(admissions.invitations), methods=["GET", "POST"])
    withdraw = both(admissions.withdraw_invitations)
    office.add_url_rule("/invitations/withdraw", "withdraw_invitations", withdraw, methods=["POST"])
    administrator = for_staff("administrator")
    office.add_url_rule("/instruments", "instruments", both(questionnaires.instruments))
    office.add_url_rule("/instruments/workbook", "workbook", both(questionnaires.workbook))
    office.add_url_rule("/instruments/check", "check", administrator(questionnaires.check), methods=["POST"])
    office.add_url_rule("/instruments/draft", "draft", administrator(questionnaires.draft))
    for page, endpoint, view in (
        ("name", "name_draft", questionnaires.name),
        ("adopt", "adopt_draft", questionnaires.take_up),
        ("drop", "drop_draft", questionnaires.drop),
    ):
        office.add_url_rule(f"/instruments/draft/{page}", endpoint, administrator(view), methods=["POST"])
    office.add_url_rule("/instruments/classes", "classes", administrator(classes.classes), methods=["GET", "POST"])
    office.add_url_rule("/instruments/preview", "preview", both(previews.preview))
    office.add_url_rule("/instruments/previewed", "previewed", both(previews.previewed))
    return office


def for_staff(*roles: Role) -> Callable[[View], View]:
    """Only these roles may see the page; anyone not signed in is asked to sign in first."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded() -> Any:
            g.member = signed_in(study().stores.office, session.get("token", ""), datetime.now(UTC))
            if g.member is None:
                return redirect(url_for("office.sign_in"), 303)
            if g.member.role not in roles:
                raise NotPermitted("Your role does not include this.")
            return view()

        return guarded

    return guard


def home() -> str:
    """Progress in counts, the study's state, the keys' fingerprint."""
    served = study()
    return render_template(
        "office/home.html",
        member=g.member,
        study=served,
        progress=progress_of(served),
        names=Names(served.instrument, "en"),
        interface=interface_in(served.instrument.languages, Path(current_app.root_path) / "translations"),
        button=ButtonForm(),
    )


@dataclass(frozen=True)
class Names:
    """Groups and sites in words."""

    instrument: Instrument
    language: str

    def group(self, name: str) -> str:
        """The group's title; the name itself where only an earlier version had such a group."""
        titles = {group.name: group.title.in_language(self.language) for group in self.instrument.groups}
        return titles.get(name, name)

    def site(self, code: str) -> str:
        """The site's label; the code itself where the study has no such site."""
        labels = {choice.code: choice.label.in_language(self.language) for choice in self.instrument.sites}
        return labels.get(code, code)


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
