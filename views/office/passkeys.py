"""Passkeys on pages: challenges for the page's script, and what devices answer. Whose they are comes from the session.

A challenge goes into the browser's own signed cookie, so nobody else's answer fits it, and nothing has to be kept for
strangers who ask for challenges and never come back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, redirect, render_template, request, session, url_for

from errors import NotPermitted
from fieldwork.staff.passkeys import (
    Challenge,
    Purpose,
    Site,
    ask_to_add,
    ask_to_prove,
    challenge_in,
    keep_passkey,
    new_challenge,
    new_passkey,
    not_accepted,
    recognise,
    remove_own,
    site_of,
    theirs,
)
from fieldwork.staff.sessions import begin_session, revoke_others
from fieldwork.staff.signing_in import forgive_all
from forms.members import PasskeyForm, PasskeyNamedForm, ProofForm
from forms.office import ButtonForm
from forms.staff import SignInForm
from views.field.common import study
from views.office.again import go_on, refuse_again
from views.office.entering import door, keys, let_in, told

Asked = Response | tuple[Response, int]


def here() -> Site | None:
    """Where passkeys of this page belong; None where there can be none."""
    return site_of(request.scheme, request.host)


def in_every_page() -> dict[str, Any]:
    """What a page needs that offers to prove who one is by a passkey."""
    return {"proof": ProofForm(formdata=None), "has_passkeys": here() is not None}


def sign_in_challenge() -> Asked:
    """A challenge for whoever wants to sign in. It asks for no name and tells of none."""
    return _asked_to_prove("sign in", "")


def sign_in_passkey() -> Any:
    """Sign in by a passkey."""
    try:
        name = _proved("sign in", "")
    except NotPermitted as refusal:
        form = SignInForm(formdata=None)
        return render_template("office/sign_in.html", form=form, refused=told(refusal)[0]), 403
    forgive_all(door(), name)
    return let_in(begin_session(study().stores.office, name, datetime.now(UTC)), name)


def again_challenge() -> Asked:
    """A challenge for whoever is signed in and must show who they are once more."""
    return _asked_to_prove("prove again", g.member.name)


def again_passkey() -> Any:
    """Show who one is once more, by a passkey, and go on."""
    if not ProofForm().validate_on_submit():
        return refuse_again(told(not_accepted())[0]), 422
    try:
        _proved("prove again", g.member.name)
    except NotPermitted as refusal:
        return refuse_again(told(refusal)[0]), 403
    return go_on(datetime.now(UTC))


def passkeys() -> Any:
    """The reader's own passkeys, and a form to add one."""
    return _page(PasskeyForm(formdata=None))


def passkey_challenge() -> Asked:
    """A challenge for a new passkey of the reader."""
    return asked_to_add(g.member.name)


def add_passkey() -> Any:
    """Add a passkey to the reader's own; their other sessions end."""
    form = PasskeyForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        passkey, challenge = made(g.member.name, form.answer.data, form.label.data)
        keep_passkey(study().stores.office, passkey, challenge, datetime.now(UTC))
    except NotPermitted as refusal:
        return _page(form, told(refusal)[0]), 403
    revoke_others(study().stores.office, g.member.name, session["token"])
    return redirect(url_for("office.passkeys"), 303)


def remove_passkey() -> Any:
    """Take one of the reader's own passkeys away; their other sessions end."""
    form, office = PasskeyNamedForm(), study().stores.office
    if form.validate_on_submit():
        has_password = g.member.password_phc is not None
        try:
            remove_own(office, g.member.name, form.credential_id, has_password, datetime.now(UTC))
        except NotPermitted as refusal:
            return _page(PasskeyForm(formdata=None), told(refusal)[0]), 403
        revoke_others(office, g.member.name, session["token"])
    return redirect(url_for("office.passkeys"), 303)


def asked_to_add(name: str) -> Asked:
    """What the script needs to make a passkey for this person."""
    site = here()
    if site is None or not ButtonForm().validate_on_submit():
        return refused_challenge()
    return _json(ask_to_add(study().stores.office, site, _give("add", name)))


def refused_challenge() -> Asked:
    """No challenge. The page's script says what to do, in the page's own sentence."""
    return _json("{}"), 422


def made(name: str, answer: str, label: str) -> Any:
    """The passkey that this person's device made, and the challenge that it answers. Raises NotPermitted."""
    challenge = challenge_in(session.pop("challenge", None), "add", name, datetime.now(UTC))
    return new_passkey(keys(), _here(), challenge, answer, label), challenge


def _asked_to_prove(purpose: Purpose, holder: str) -> Asked:
    site = here()
    if site is None or not ButtonForm().validate_on_submit():
        return refused_challenge()
    return _json(ask_to_prove(site, _give(purpose, holder)))


def _proved(purpose: Purpose, holder: str) -> str:
    """Who has answered this browser's challenge. Raises NotPermitted."""
    now, form = datetime.now(UTC), ProofForm()
    challenge = challenge_in(session.pop("challenge", None), purpose, holder, now)
    if not form.validate_on_submit():
        raise not_accepted()
    return recognise(study().stores.office, keys(), _here(), challenge, form.proof.data, now)


def _give(purpose: Purpose, holder: str) -> Challenge:
    challenge = new_challenge(purpose, holder, datetime.now(UTC))
    session["challenge"] = challenge.written()
    return challenge


def _here() -> Site:
    site = here()
    if site is None:
        raise not_accepted()
    return site


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")


def _page(form: PasskeyForm, refused: str = "") -> str:
    own = theirs(study().stores.office, g.member.name)
    return render_template("office/passkeys.html", form=form, refused=refused, passkeys=own, button=ButtonForm())
