"""What a browser carries for the staff: the session's token, and what it is known by. None is in an address."""

from __future__ import annotations

import secrets
from typing import cast

from flask import current_app, g, redirect, request, session, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from errors import AmanahError, TooManyTries
from fieldwork.staff.browsers import vouch
from fieldwork.staff.office_keys import OfficeKeys
from fieldwork.staff.paces import Paces
from fieldwork.staff.sessions import sign_out
from fieldwork.staff.signing_in import Door, drop_half
from views.field.common import study
from views.speaking import forget_session

KNOWN_FOR = 400 * 24 * 3600  # seconds; no browser keeps a cookie longer


def keys() -> OfficeKeys:
    """The keys by which this instance's office seals and counts."""
    return cast(OfficeKeys, current_app.extensions["amanah_office_keys"])


def door() -> Door:
    """Where this request comes from."""
    paces = cast(Paces, current_app.extensions["amanah_paces"])
    return Door(study().stores.office, keys(), paces, request.remote_addr, request.cookies.get(_known_by(), ""))


def renew(**kept: str) -> None:
    """Begin the cookie anew with this and nothing else; the token of its forms is another from now on.

    The session that it carried before ends: nobody could sign out of it any more.
    """
    sign_out(study().stores.office, session.get("token", ""))
    drop_half(study().stores.office, session.get("half", ""))
    forget_session()
    g.pop("csrf_token", None)
    session.update(kept)


def let_in(token: str, name: str, answer: AnyResponse | None = None) -> AnyResponse:
    """Give this browser the token of a session that has just begun, and remember that it is this member's."""
    renew(token=token)
    answer = answer or redirect(url_for("office.home"), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    known = vouch(keys(), request.cookies.get(_known_by(), ""), name, secrets.token_bytes(16))
    answer.set_cookie(_known_by(), known, KNOWN_FOR, secure=secure, httponly=True, samesite="Strict")
    return answer


def told(refusal: AmanahError) -> tuple[str, int, dict[str, str]]:
    """A refusal in words for a page, with its status and headers. Its sentence is one that translations/ knows."""
    if not isinstance(refusal, TooManyTries):
        return str(gettext(str(refusal))), 403, {}
    if refusal.wait is None:
        return _closed(), 429, {}
    return _wait(refusal.wait), 429, {"Retry-After": str(refusal.wait)}


def _wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    sentence = (
        ngettext(
            "There were too many tries. Please wait %(num)s second, then try again.",
            "There were too many tries. Please wait %(num)s seconds, then try again.",
            seconds,
        )
        if seconds < 120
        else ngettext(
            "There were too many tries. Please wait %(num)s minute, then try again.",
            "There were too many tries. Please wait %(num)s minutes, then try again.",
            minutes,
        )
    )
    return str(sentence)


def _closed() -> str:
    sentence = gettext(
        "There were too many wrong tries for this name. Sign in with a passkey, or on a browser on which you have "
        "signed in before. If you have neither, ask an administrator of the study."
    )
    return str(sentence)


def _known_by() -> str:
    return "__Host-amanah-known" if current_app.config["SESSION_COOKIE_SECURE"] else "amanah_known"
