"""The door of a staff page: it lets in who is signed in and whose role may do what the page is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

from flask import g, redirect, session, url_for

from errors import NotPermitted
from fieldwork.journal import Pen, pen_of, write_not_permitted
from fieldwork.roles import May, may
from fieldwork.staff.sessions import signed_in
from views.field.common import study

View = Callable[..., Any]


def only_who(act: May) -> Callable[[View], View]:
    """Only a role that may do this sees the page; anyone not signed in is asked to sign in first.

    The act stays on the view as `act`, so that a test can walk every route and ask the table of roles.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**words: Any) -> Any:
            g.member = signed_in(study().stores.office, session.get("token", ""), datetime.now(UTC))
            if g.member is None:
                return redirect(url_for("office.sign_in"), 303)
            if not may(g.member.role, act):
                write_not_permitted(pen(), act.value)
                raise NotPermitted("Your role does not include this.")
            return view(**words)

        guarded.act = act  # type: ignore[attr-defined]  # a function has no such attribute of its own
        return guarded

    return guard


def pen() -> Pen:
    """What writes the acts of the member who is signed in into the journal."""
    return pen_of(study(), g.member.name, date.today())
