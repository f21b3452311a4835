"""The door of a staff page: it lets in who is signed in and whose role may do what the page is for.

For what is dangerous it asks for a factor that was shown within the last minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

from flask import g, redirect, session, url_for

from errors import NotPermitted
from fieldwork.journal import Pen, pen_of, write_not_permitted
from fieldwork.roles import FRESH, May, may
from fieldwork.staff.sessions import is_fresh, signed_in
from views.field.common import study
from views.office.again import ask_again
from views.office.entering import renew

View = Callable[..., Any]


def only_who(act: May) -> Callable[[View], View]:
    """Only a role that may do this sees the page; anyone not signed in is asked to sign in first.

    The act stays on the view as `act`, so that a test can walk every route and ask the table of roles.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**words: Any) -> Any:
            office, token, now = study().stores.office, session.get("token", ""), datetime.now(UTC)
            g.member = signed_in(office, token, now)
            if g.member is None:
                if token:
                    # Only whose cookie carried a session is told that it is over; a stranger learns nothing.
                    renew(over="yes")
                return redirect(url_for("office.sign_in"), 303)
            if not may(g.member.role, act):
                write_not_permitted(pen(), act.value)
                raise NotPermitted("Your role does not include this.")
            if act in FRESH and not is_fresh(office, token, now):
                return ask_again()
            return view(**words)

        guarded.act = act  # type: ignore[attr-defined]  # a function has no such attribute of its own
        return guarded

    return guard


def pen() -> Pen:
    """What writes the acts of the member who is signed in into the journal."""
    return pen_of(study(), g.member.name, date.today())
