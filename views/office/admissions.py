"""The coordinator's pages: enrol and revoke tablets, make and withdraw invitations.

A code or token is shown on the answer to the POST that made it and nowhere else: never kept, never in an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import g, redirect, render_template, request, url_for
from flask_babel import force_locale, format_date, gettext
from werkzeug.wrappers import Response

from errors import SettingsError
from fieldwork.enrolling import (
    Wanted,
    batches,
    begin_enrolment,
    invitations_in,
    known_tablets,
    make_invitations,
    revoke,
    withdraw_alike,
)
from forms.office import BatchNamedForm, ButtonForm, InvitationForm, TabletForm, TabletNamedForm
from views.field.common import study
from views.languages import direction_of, own_name
from views.qr import qr_svg

Page = str | tuple[str, int]


def tablets() -> Page:
    """The tablets, and a form to enrol one; posted, the page with the code."""
    form = TabletForm(study().instrument)
    if not form.validate_on_submit():
        return _tablets(form)
    pin = _pin()
    try:
        code = begin_enrolment(study(), g.member.name, form.name.data, form.site.data, datetime.now(UTC))
    except SettingsError:
        form.name.errors = [gettext("A tablet has this name already. Choose another, or revoke that one first.")]
        return _tablets(form)
    link = f"{request.url_root}tablet#enrol={code}.{pin}"
    return render_template(
        "office/enrolment.html", name=form.name.data, link=link, qr=qr_svg(link), keyring=study().keyring
    )


def revoke_tablet() -> Response:
    """Take a tablet's right to deliver away."""
    form = TabletNamedForm()
    if form.validate_on_submit():
        revoke(study(), g.member.name, form.name.data, date.today())
    return redirect(url_for("office.tablets"), 303)


def invitations() -> Page:
    """The invitations in numbers, and a form to make more; posted, the sheet to print."""
    form = InvitationForm(study().instrument, study().languages, date.today(), own_name)
    if not form.validate_on_submit():
        return _invitations(form)
    pin = _pin()
    wanted = Wanted(form.kind.data, form.group.data, form.site.data, form.language.data, form.until.data)
    tokens = make_invitations(study(), g.member.name, wanted, form.number.data, date.today())
    links = [invitation_link(request.url_root, wanted, token, pin) for token in tokens]
    return render_template(
        "office/invitation_sheet.html",
        slips=[(link, qr_svg(link)) for link in links],
        words=_slip_words(wanted),
        wanted=wanted,
        neutral_title=study().settings.neutral_title.in_language(wanted.language or "en"),
    )


def withdraw_invitations() -> Response:
    """Make the invitations that are like the one named void, where they were not used yet."""
    form = BatchNamedForm()
    if form.validate_on_submit():
        withdraw_alike(study(), g.member.name, form.token_hash, date.today())
    return redirect(url_for("office.invitations"), 303)


def invitation_link(root: str, wanted: Wanted, token: str, pin: str) -> str:
    """The link of an invitation. What it lets in stands behind the #, so that no server and no log is sent it."""
    page = f"visit/{wanted.group}" if wanted.group else ""
    spoken = f"?lang={wanted.language}" if wanted.language else ""
    return f"{root}{page}{spoken}#" + ".".join(part for part in (token, pin, wanted.site) if part)


@dataclass(frozen=True)
class SlipWords:
    """What a slip says, in the language of the person who is handed it. It does not name what the study is about."""

    language: str
    direction: str
    title: str
    sentences: tuple[str, ...]


def _slip_words(wanted: Wanted) -> SlipWords:
    language = wanted.language or "en"
    with force_locale("en_GB" if language == "en" else language):
        until = format_date(wanted.until, "full")
        return SlipWords(
            language,
            direction_of(language),
            study().settings.neutral_title.in_language(language),
            (
                gettext("You are invited. Point your phone's camera at this code, or open this link:"),
                gettext("It works until the end of %(day)s.", day=until),
                gettext("It is for one person and works once. Please do not pass it on.")
                if wanted.kind == "single"
                else gettext("It is for more than one person. You may pass it on."),
            ),
        )


def _tablets(form: TabletForm) -> Page:
    page = render_template(
        "office/tablets.html",
        form=form,
        tablets=known_tablets(study(), datetime.now(UTC)),
        sites=form.site.choices,
        is_open=study().is_open,
        button=ButtonForm(),
    )
    return (page, 422) if form.is_submitted() else page


def _invitations(form: InvitationForm) -> Page:
    page = render_template(
        "office/invitations.html",
        form=form,
        batches=batches(study(), date.today()),
        outdated=invitations_in(study(), "outdated", date.today()),
        study=study(),
        words={field.name: field.choices for field in (form.group, form.site, form.language)},
        is_open=study().is_open,
        button=ButtonForm(),
    )
    return (page, 422) if form.is_submitted() else page


def _pin() -> str:
    ring = study().keyring
    if ring is None:
        raise SettingsError("This study has no public keys yet.")
    return ring.pin
