"""Ask whoever is signed in for a factor once more, then go on to the page that they asked for. Loses nothing typed.

Where to go on is an endpoint and query of our own, kept in the signed cookie: never an address from a request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import NotPermitted, TooManyTries
from fieldwork.staff.sessions import prove
from fieldwork.staff.signing_in import show_factor_again
from forms.office import ButtonForm
from forms.staff import AgainForm
from views.field.common import study
from views.office.entering import door, told

LONGEST_CARRIED = 16_000  # characters typed that one confirmation carries along
LONGEST_QUERY = 500
PROVING = ("office.again", "office.again_passkey")
OURS = ("csrf_token", "code_again", "carried", "proof")


def ask_again() -> Any:
    """Instead of a dangerous page or deed: the page that asks for a factor, and what leads back to where one was."""
    query = {name: value for name, value in request.args.items() if not name.startswith("_")}
    onward = [request.endpoint, query if len(request.query_string) <= LONGEST_QUERY else {}]
    session["onward"] = onward
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
        show_factor_again(door(), g.member, form.code_again.data, now)
    except (NotPermitted, TooManyTries) as refusal:
        sentence, status, headers = told(refusal)
        return _page(form, sentence), status, headers
    return go_on(now)


def go_on(now: datetime) -> AnyResponse:
    """Where they were going, with what they had typed. They have just shown who they are: their token is another.

    The token of the forms stays: what was typed is sent again with it, and it is worth nothing without the cookie.
    """
    session["token"] = prove(study().stores.office, session["token"], now)
    endpoint, query = session.pop("onward", ["office.home", {}])
    if request.form.get("carried"):
        # 307: the browser sends the same form again, to the address that it was meant for.
        return redirect(url_for(endpoint, **query), 307)
    shows = any("GET" in (rule.methods or ()) for rule in current_app.url_map.iter_rules(endpoint))
    return redirect(url_for(endpoint, **query) if shows else url_for("office.home"), 303)


def refuse_again(refused: str) -> str:
    """The page once more, with what was wrong with the passkey."""
    return _page(AgainForm(formdata=None), refused)


def _page(form: AgainForm, refused: str) -> str:
    is_deed = request.method == "POST" and (request.endpoint not in PROVING or "carried" in request.form)
    carried = _carried() if is_deed else None
    words = {"form": form, "refused": refused, "carried": carried or [], "is_deed": is_deed}
    return render_template("office/again.html", **words, has_all=carried is not None)


def _carried() -> list[tuple[str, str]] | None:
    """What was typed on our own page, to be sent again; None where it cannot be carried and must be typed again."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    # A password is typed anew rather than written into a page, and what another site sent is never confirmed.
    if any("password" in name for name, _ in typed) or request.files or not ButtonForm().validate():
        return None
    return typed if sum(len(value) for _, value in typed) <= LONGEST_CARRIED else None
