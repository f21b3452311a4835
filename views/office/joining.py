"""A one-time link is used: somebody who was invited, or who lost every factor, sets what they sign in with.

The token stands behind the # of the link and travels in the bodies of forms only, so that no log and no history has
it. It is used up with the first factor, not before: whoever only looks at the page can still come back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g, redirect, render_template, session, url_for

from errors import NotPermitted, PasswordRefused
from fieldwork.staff.joining import choose_first_password, join_with_passkey, join_with_password
from fieldwork.staff.links import link_in
from fieldwork.staff.sessions import revoke_others
from forms.members import FirstPasswordForm, JoinPasskeyForm, JoinPasswordForm, TokenForm
from views.field.common import study
from views.office.entering import let_in, renew, told
from views.office.passkeys import asked_to_add, made, refused_challenge


def join() -> Any:
    """Take a link's token, from the page's script or as it is pasted; then offer the ways to sign in from now on."""
    form = TokenForm()
    if not form.validate_on_submit():
        return render_template("office/join.html", form=form, refused="")
    return _offer(form.token.data)


def join_challenge() -> Any:
    """A challenge for the first passkey of the link's person."""
    form = TokenForm()
    try:
        name = link_in(study().stores.office, form.token.data or "", datetime.now(UTC)).name
    except NotPermitted:
        return refused_challenge()
    return asked_to_add(name)


def join_passkey() -> Any:
    """Make the passkey the link's person's, and let them in."""
    form, now, office = JoinPasskeyForm(), datetime.now(UTC), study().stores.office
    if not form.validate_on_submit():
        return _offer(form.token.data, by_passkey=form)
    try:
        link = link_in(office, form.token.data, now)
        passkey, challenge = made(link.name, form.answer.data, form.label.data)
        token = join_with_passkey(office, link, passkey, challenge, now)
        return let_in(token, link.name, redirect(url_for("office.factors"), 303))
    except NotPermitted as refusal:
        return _offer(form.token.data, told(refusal)[0], by_passkey=form)


def join_password() -> Any:
    """Make the password the link's person's, and go on to their second factor."""
    form, now, office = JoinPasswordForm(), datetime.now(UTC), study().stores.office
    if not form.validate_on_submit():
        return _offer(form.token.data, by_password=form)
    try:
        half = join_with_password(office, link_in(office, form.token.data, now), form.new_password.data, now)
    except (NotPermitted, PasswordRefused) as refusal:
        return _offer(form.token.data, told(refusal)[0], by_password=form)
    renew(half=half)
    return redirect(url_for("office.set_up"), 303)


def first_password() -> Any:
    """A password for a reader who has none, once they have an app for codes; their other sessions end."""
    if g.member.password_phc is not None:
        return redirect(url_for("office.password"), 303)
    if g.member.totp is None:
        return redirect(url_for("office.app"), 303)
    form = FirstPasswordForm()
    if not form.validate_on_submit():
        return render_template("office/first_password.html", form=form, refused="")
    office = study().stores.office
    try:
        choose_first_password(office, g.member, form.new_password.data, datetime.now(UTC))
    except PasswordRefused as refusal:
        return render_template("office/first_password.html", form=form, refused=told(refusal)[0]), 422
    revoke_others(office, g.member.name, session["token"])
    return redirect(url_for("office.factors"), 303)


def _offer(
    token: str | None,
    refused: str = "",
    by_passkey: JoinPasskeyForm | None = None,
    by_password: JoinPasswordForm | None = None,
) -> Any:
    try:
        link = link_in(study().stores.office, token or "", datetime.now(UTC))
    except NotPermitted as refusal:
        form = TokenForm(formdata=None)
        return render_template("office/join.html", form=form, refused=told(refusal)[0]), 403
    page = render_template(
        "office/joining.html",
        link=link,
        refused=refused,
        by_passkey=by_passkey or JoinPasskeyForm(formdata=None, token=token),
        by_password=by_password or JoinPasswordForm(formdata=None, token=token),
    )
    return (page, 422) if by_passkey or by_password else page
