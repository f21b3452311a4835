"""How somebody signs in: their authenticator app, recovery codes, password, sessions. Each page is about its own
reader and no one else: whose it is comes from the session, never from what was sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import g, make_response, redirect, render_template, session, url_for

from errors import NotPermitted, PasswordRefused, TooManyTries
from fieldwork.staff.factors import lacks_second_factor
from fieldwork.staff.members import Member
from fieldwork.staff.own_factors import (
    change_password,
    codes_left,
    confirm_totp,
    make_recovery_codes,
    offered_secret,
)
from fieldwork.staff.passkeys import theirs
from fieldwork.staff.sessions import hash_of, revoke, revoke_others, sessions_of
from fieldwork.staff.signing_in import complete, half_signed_in
from fieldwork.staff.totp import address_of, in_base32
from forms.office import ButtonForm
from forms.staff import CodeForm, PasswordForm, SessionNamedForm
from views.field.common import study
from views.office.entering import door, keys, let_in, told
from views.qr import qr_svg


def set_up() -> Any:
    """Set the first second factor up: the only page for somebody who has shown a password and has none yet."""
    now, token = datetime.now(UTC), session.get("half", "")
    member = half_signed_in(study().stores.office, token, now)
    if member is None:
        return redirect(url_for("office.sign_in"), 303)
    if not lacks_second_factor(study().stores.office, member):
        return redirect(url_for("office.code"), 303)
    return _set_up(member, token, now, is_first=True)


def app() -> Any:
    """Change to another authenticator app."""
    return _set_up(g.member, session["token"], datetime.now(UTC), is_first=False)


def factors() -> str:
    """What the reader signs in with, and the ways to change it."""
    office = study().stores.office
    return render_template(
        "office/own_sign_in.html",
        member=g.member,
        left=codes_left(office, g.member),
        is_alone=g.member.password_phc is None and len(theirs(office, g.member.name)) == 1,
        button=ButtonForm(),
    )


def recovery() -> Any:
    """Make ten new recovery codes and show them, once."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("office.factors"), 303)
    return _codes(make_recovery_codes(study().stores.office, g.member, date.today()))


def password() -> Any:
    """Change the reader's own password; every other session of theirs ends."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("office/password.html", form=form, refused="")
    try:
        typed, wanted = form.password.data, form.new_password.data
        change_password(door(), session["token"], g.member, typed, wanted, datetime.now(UTC))
    except PasswordRefused as refusal:
        return render_template("office/password.html", form=form, refused=told(refusal)[0]), 422
    except (NotPermitted, TooManyTries) as refusal:
        sentence, status, headers = told(refusal)
        return render_template("office/password.html", form=form, refused=sentence), status, headers
    revoke_others(study().stores.office, g.member.name, session["token"])
    return redirect(url_for("office.factors"), 303)


def sessions() -> str:
    """Where the reader is signed in: since when, and when last."""
    own = sessions_of(study().stores.office, g.member.name, datetime.now(UTC))
    return render_template("office/sessions.html", sessions=own, this=hash_of(session["token"]), button=ButtonForm())


def end_session() -> Any:
    """End one of the reader's own sessions."""
    form = SessionNamedForm()
    if form.validate_on_submit():
        revoke(study().stores.office, g.member.name, form.token_hash)
    return redirect(url_for("office.sessions"), 303)


def end_other_sessions() -> Any:
    """End every session of the reader but this one."""
    if ButtonForm().validate_on_submit():
        revoke_others(study().stores.office, g.member.name, session["token"])
    return redirect(url_for("office.sessions"), 303)


def _set_up(member: Member, token: str, now: datetime, is_first: bool) -> Any:
    office, form = study().stores.office, CodeForm()
    secret = offered_secret(office, keys(), token, member.name, now)
    refused, status = "", 200
    if form.validate_on_submit():
        try:
            codes = confirm_totp(office, keys(), token, member, form.code.data, now)
            if not is_first:
                revoke_others(office, member.name, token)
                return _codes(codes)
            whole = complete(door(), token, member.name, now)
        except NotPermitted as refusal:
            refused, status, _ = told(refusal)
        else:
            return _codes_and_in(codes, whole, member)
    return _shown(form, secret, member, refused, is_first), status


def _shown(form: CodeForm, secret: bytes, member: Member, refused: str, is_first: bool) -> str:
    written, address = (
        in_base32(secret),
        address_of(secret, member.name, study().settings.neutral_title.in_language("en")),
    )
    return render_template(
        "office/set_up.html",
        form=form,
        refused=refused,
        is_first=is_first,
        member=member,
        groups=[written[place : place + 4] for place in range(0, len(written), 4)],
        address=address,
        qr=qr_svg(address),
    )


def _codes(codes: tuple[str, ...]) -> str:
    return render_template("office/recovery_codes.html", codes=codes)


def _codes_and_in(codes: tuple[str, ...], token: str, member: Member) -> Any:
    answer = let_in(token, member.name, make_response())
    g.member = member
    answer.set_data(_codes(codes))
    return answer
