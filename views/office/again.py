"""Ask who is signed in for a factor once more, then go on to what was asked for (onward.py). Nothing typed is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import NotPermitted, TooManyTries
from fieldwork.staff.passkeys import theirs
from fieldwork.staff.sessions import prove
from fieldwork.staff.signing_in import show_factor_again
from forms.office import ButtonForm
from forms.staff import AgainForm
from views.field.common import study
from views.office.entering import door, told
from views.office.onward import Typed, keep_page, kept_page, sign_deed, signed_deed

LONGEST_CARRIED = 16_000  # characters typed that one confirmation carries along
PROVING = ("office.again", "office.again_passkey")
OURS = ("csrf_token", "code_again", "carried", "proof")


def ask_again() -> Any:
    """Instead of a dangerous page or deed: the page that asks for a factor, and what leads back to where one was."""
    keep_page()
    if request.method != "POST":
        return redirect(url_for("office.again"), 303)
    return _page(AgainForm(formdata=None), ""), 403


def again() -> Any:
    """Take the factor; then go on. What was typed on the page before goes on with it, by the browser itself."""
    form = AgainForm()
    if not form.validate_on_submit():
        return _page(form, "")
    now = datetime.now(UTC)
    try:
        show_factor_again(door(), session["token"], g.member, form.code_again.data, now)
    except (NotPermitted, TooManyTries) as refusal:
        sentence, status, headers = told(refusal)
        return _page(form, sentence), status, headers
    return go_on(now)


def go_on(now: datetime) -> AnyResponse:
    """Where they were going, with what they had typed. They have just shown who they are: their token is another.

    The token of the forms stays: what was typed is sent again with it, and it is worth nothing without the cookie.
    """
    deed = _deed()
    session["token"] = prove(study().stores.office, session["token"], now)
    if request.form.get("carried") and not deed:
        return make_response(render_template("office/not_done.html"), 409)
    # 307: the browser sends the same form again, to the address that it was meant for.
    return redirect(deed, 307) if deed else redirect(kept_page(), 303)


def refuse_again(refused: str) -> str:
    """The page once more, with what was wrong with the passkey."""
    return _page(AgainForm(formdata=None), refused)


def _page(form: AgainForm, refused: str) -> str:
    is_anew = request.method == "POST" and request.endpoint not in PROVING
    typed = _typed() if is_anew or _deed() else None
    carried = sign_deed(typed) if is_anew and typed is not None else request.form.get("carried", "")
    words = {"form": form, "refused": refused, "typed": typed or [], "carried": carried if typed is not None else ""}
    has_own = bool(theirs(study().stores.office, g.member.name))
    return render_template("office/again.html", **words, is_deed=is_anew or typed is not None, has_own=has_own)


def _deed() -> str | None:
    """The address of the deed that the page carried, if this session signed it with just these words."""
    carried, typed = request.form.get("carried"), _typed()
    return None if not carried or typed is None else signed_deed(carried, typed)


def _typed() -> Typed | None:
    """What was typed on our own page, to be sent again; None where it cannot be carried and must be typed again."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    # A password is typed anew rather than written into a page, and what another site sent is never confirmed.
    if any("password" in name for name, _ in typed) or request.files or not ButtonForm().validate():
        return None
    return typed if sum(len(value) for _, value in typed) <= LONGEST_CARRIED else None
