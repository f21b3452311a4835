"""Long work of the staff's pages: the page says how far it is until it is done, and whoever leaves it has cancelled it.

It is one answer that goes on for as long as the work does. So it needs no script, and nowhere is kept who waits for
what: any process and any machine can answer. What is short is answered at once, as if it were no work.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import Response, make_response, render_template, stream_with_context
from flask_babel import gettext
from markupsafe import Markup, escape

from errors import AmanahError, Cancelled
from views.logs import log_error
from views.work import PATIENCE, Work, time_left

EVERY = 1.0  # seconds between two looks at the work; what is said to nobody any more tells that they have left
T = TypeVar("T")
GOES_ON = Markup("<!-- goes on -->")
MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)


@dataclass(frozen=True)
class Said:
    """What the page says while work goes on, and where who cancels it finds themselves."""

    title: str
    sentence: str
    back: str


@dataclass
class Deed(Generic[T]):
    """Work of which something comes. Its error stays what it was, for the page that answers."""

    do: Callable[[Work], T]
    work: Work = field(default_factory=Work)
    made: T | None = None
    failed: Exception | None = None

    def begin(self) -> threading.Thread:
        """Do it in the background."""
        self.work.began = self.work.clock()
        self.work.thread = thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def result(self) -> T:
        """What came of it. Raises what it raised."""
        if self.failed is not None:
            raise self.failed
        return self.made  # type: ignore[return-value]  # it is there once the work is done

    def _run(self) -> None:
        try:
            self.made = self.do(self.work)
        except Exception as error:
            self.failed = error


def done(do: Callable[[Work], T], then: Callable[[T], Any], said: Said, later: Callable[[T], Any] | None = None) -> Any:
    """The page that `then` makes of what comes of this work; `later` where it took longer than a page waits.

    The work must not be half done when its `report` raises Cancelled, nor ask for the request.
    """
    deed = Deed(do)
    thread = deed.begin()
    thread.join(PATIENCE)
    if not thread.is_alive():
        return then(deed.result())
    answer = Response(stream_with_context(_told(deed, thread, later or then, said)), mimetype="text/html")
    answer.headers["X-Accel-Buffering"] = "no"  # nginx sends on what it gets
    return answer


def _told(deed: Deed[T], thread: threading.Thread, then: Callable[[T], Any], said: Said) -> Iterator[str]:
    head, between, foot = render_template("office/working.html", said=said, goes_on=GOES_ON).split(GOES_ON)
    try:
        yield head
        before = ""
        while thread.is_alive():
            now = _how_far(deed.work)
            yield "\n" if now == before else now
            before = now
            thread.join(EVERY)
    finally:
        deed.work.is_stopped = True
    yield between + _outcome(deed, then) + foot


def _how_far(work: Work) -> str:
    left = None if work.seconds_left is None else time_left(work.seconds_left)
    return render_template("office/how_far.html", work=work, left=left)


def _outcome(deed: Deed[T], then: Callable[[T], Any]) -> str:
    """The main part of the page that answers, or what there is to say in its place."""
    try:
        answer = make_response(then(deed.result()))
    except Cancelled:
        return ""  # nobody reads this any more
    except AmanahError as refusal:
        return render_template("office/went_wrong.html", refused=gettext(str(refusal)))
    except Exception as error:
        log_error(error)
        return render_template("office/went_wrong.html", refused="")
    if answer.location:
        return render_template("office/go_on.html", address=escape(answer.location))
    found = MAIN.search(answer.get_data(as_text=True))
    return found[1] if found else ""
