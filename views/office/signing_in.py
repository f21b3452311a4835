"""Sign in on two pages: name and password, then a code. Sign out on one button. Shows no code and no password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, session, url_for

from errors import NotPermitted, SignInOver, TooManyTries
from fieldwork.staff.factors import lacks_second_factor
from fieldwork.staff.sessions import sign_out, signed_in
from fieldwork.staff.signing_in import half_signed_in, show_code, show_password
from forms.office import ButtonForm
from forms.staff import CodeForm, SignInForm
from views.field.common import study
from views.office.entering import door, let_in, renew, told
from views.speaking import forget_session


def sign_in_page() -> Any:
    """Ask for name and password; a wrong pair is told apart from nothing else."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("office/sign_in.html", form=form, refused="", is_over=session.pop("over", ""))
    try:
        half = show_password(door(), form.name.data, form.password.data, datetime.now(UTC))
    except (NotPermitted, TooManyTries) as refusal:
        sentence, status, headers = told(refusal)
        return render_template("office/sign_in.html", form=form, refused=sentence), status, headers
    renew(half=half)
    return redirect(url_for("office.code"), 303)


def code_page() -> Any:
    """Ask for the second factor; who has none yet may only set one up."""
    now, form = datetime.now(UTC), CodeForm()
    member = half_signed_in(study().stores.office, session.get("half", ""), now)
    if member is None:
        return redirect(url_for("office.sign_in"), 303)
    if lacks_second_factor(study().stores.office, member):
        return redirect(url_for("office.set_up"), 303)
    if not form.validate_on_submit():
        return render_template("office/code.html", form=form, refused="")
    try:
        return let_in(show_code(door(), session["half"], form.code.data, now), member.name)
    except SignInOver as refusal:
        forget_session()
        return render_template("office/sign_in.html", form=SignInForm(formdata=None), refused=told(refusal)[0]), 403
    except (NotPermitted, TooManyTries) as refusal:
        sentence, status, headers = told(refusal)
        return render_template("office/code.html", form=form, refused=sentence), status, headers


def sign_out_page() -> Any:
    """End the session on the server, then forget it here. A page of another sign-in does not: it says so."""
    office, token = study().stores.office, session.get("token", "")
    if ButtonForm().validate_on_submit():
        sign_out(office, token)
        forget_session()
    elif signed_in(office, token, datetime.now(UTC)):
        return render_template("office/still_signed_in.html"), 403
    return redirect(url_for("office.sign_in"), 303)
