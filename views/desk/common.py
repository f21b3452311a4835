"""What every page of the desk shares: the one desk, its cookie, the strip of steps. Holds nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import LazyString
from werkzeug.wrappers import Response as AnyResponse

from forms.desk import StepForm
from views.desk.identity_room import NAME
from views.desk.refusals import said
from views.desk.state import Desk
from views.known import knew_a_desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True)
class Step:
    """One step of a task's strip. `endpoint`: where it leads back to once past; empty where there is no way back."""

    name: str
    label: LazyString
    endpoint: str = ""


@dataclass(frozen=True)
class Place:
    """A step as the strip shows it: `state` is "past", "here" or "ahead"."""

    label: LazyString
    state: str
    address: str


def take_turns(app: Flask, desk: Desk) -> None:
    """Answer one request at a time, so that a lock comes before one or after it.

    In the middle of one it would let go of less than the desk then holds: an answer that is kept a moment later, a key
    that was being unlocked.
    """
    answered = app.wsgi_app

    def in_turn(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with desk.turn:
            return answered(environ, start)

    app.wsgi_app = in_turn  # type: ignore[method-assign, assignment]


def the_desk() -> Desk:
    """The desk of this process."""
    return cast(Desk, current_app.extensions["amanah_desk"])


def only_with_cookie() -> AnyResponse | None:
    """Nobody without the cookie of the one-time link sees anything.

    A form of a desk that has ended is answered by another address: it too would stay in the browser's profile.
    """
    if request.endpoint == "desk.open" or session.get("desk") == the_desk().cookie:
        return None
    if request.method == "POST" and knew_a_desk():
        return redirect(url_for("desk.home"), 303)
    abort(403)


def still() -> tuple[str, int]:
    """Whether this is still the desk that made a page: its script asks before a form is sent."""
    return "", 204


def notice_the_user() -> None:
    """What was left alone for too long is forgotten; a page that is asked for is a sign of life."""
    the_desk().forget_idle(the_desk().clock())
    # A page that only says that it is still open is none: somebody may have left it so.
    if request.endpoint != "desk.identity_alive":
        the_desk().touched = the_desk().clock()


def show(template: str, steps: Sequence[Step] = (), here: str = "", **words: Any) -> str:
    """A page of the desk: `desk/<template>.html`, with its task's strip of steps where it has one."""
    words["refused"] = said(words.get("refused"))
    words.setdefault("rest", _rest())
    strip = list(_places(steps, here))
    return render_template(f"desk/{template}.html", strip=strip, desk=the_desk(), button=StepForm(), **words)


def _rest() -> int:
    """Seconds without a page after which something that a task holds is forgotten; 0 where nothing is held.

    The identity desk has a clock of its own, and a page of its own that warns.
    """
    waits = [one.patience for name, one in the_desk().held.items() if name != NAME]
    return int(min(waits, default=0))


def _places(steps: Sequence[Step], here: str) -> list[Place]:
    names = [step.name for step in steps]
    at = names.index(here) if here in names else 0
    return [_place(step, number, at) for number, step in enumerate(steps)]


def _place(step: Step, number: int, at: int) -> Place:
    if number >= at:
        return Place(step.label, "here" if number == at else "ahead", "")
    return Place(step.label, "past", url_for(step.endpoint) if step.endpoint else "")
