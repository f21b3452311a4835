"""A form at the desk is answered by another address: a browser writes what it sent to a page into its profile.

What the answer says waits in memory, until another page of the desk is asked for or anything is locked. Its address
holds a number and nothing else. No passphrase and no word of a sheet is in it: no page puts those back.
"""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from views.desk.common import the_desk
from views.desk.state import Answer

# Forms that are sent to an address of their own, by the page that shows the answer to them.
SHOWN_ON = {
    "desk.specify_toml": "desk.specify",
    "desk.rehearsal_prove": "desk.rehearsal",
    "desk.rehearsal_end": "desk.rehearsal",
    "desk.keys_carried": "desk.keys_done",
    "desk.themes_merge": "desk.themes",
}
# Asked for by script, which shows no page and leaves none.
BY_SCRIPT = ("desk.identity_alive", "desk.still")


def show_answer() -> Response | None:
    """The answer that waits for this address. Whoever asks for another page is done with it."""
    desk, waiting = the_desk(), the_desk().answer
    if waiting is None or request.endpoint in BY_SCRIPT:
        return None
    if request.method == "POST" or request.args.get("answer") != str(waiting.number) or request.path != waiting.path:
        desk.answer = None
        return None
    return Response(waiting.page, waiting.status, mimetype="text/html")


def answer_elsewhere(response: AnyResponse) -> AnyResponse:
    """Keep the page that a form would be answered by, and send the browser to where it is shown."""
    is_page = response.mimetype == "text/html" and response.status_code not in range(300, 400)
    if request.method != "POST" or not is_page or request.endpoint in BY_SCRIPT:
        return response
    if session.get("desk") != the_desk().cookie:
        return response
    desk, (endpoint, told) = the_desk(), _shown_on()
    desk.answers += 1
    page = response.get_data(as_text=True)
    desk.answer = Answer(desk.answers, url_for(endpoint, **told), page, response.status_code)
    return redirect(url_for(endpoint, **told, answer=desk.answers), 303)


def _shown_on() -> tuple[str, dict[str, Any]]:
    """The page that shows the answer to this form: the form's own, or the one that it stands on."""
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.endpoint or "", request.view_args or {}
    return SHOWN_ON.get(request.endpoint or "", "desk.home"), {}
