"""Whether a browser has opened a desk before this one: it still brings that one's cookie, which opens nothing here."""

from __future__ import annotations

from flask import current_app, request

OF_A_DESK = "amanah_desk_"  # how the names of their cookies begin


def knew_a_desk() -> bool:
    """Whether this browser had another desk open, or this one before it was started again."""
    own = current_app.config["SESSION_COOKIE_NAME"]
    return any(name.startswith(OF_A_DESK) and name != own for name in request.cookies)
