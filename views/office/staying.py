"""How long a session lasts still, for the script that warns before its end. To ask is no use of it; to stay is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import jsonify, session

from fieldwork.staff.sessions import Left, time_left
from forms.office import ButtonForm
from views.field.common import study

OVER = Left(0, 0)


def session_left() -> Left | None:
    """How long the session of this request lasts still."""
    return time_left(study().stores.office, session.get("token", ""), datetime.now(UTC))


def left() -> Any:
    """The same as numbers: none are left where nobody is signed in."""
    return jsonify(session_left() or OVER)


def stay() -> Any:
    """Go on with this session: whoever comes here has used it. Its end stays where it is."""
    return left() if ButtonForm().validate_on_submit() else (jsonify(OVER), 422)
