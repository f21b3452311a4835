"""The desk's page of open text: one answer at a time, its question, and nothing else of who wrote it.

What is decided is sealed at once. What nobody decided on stays out of every release. Whatever goes wrong, what was
typed is on the page again. Every form is answered by another address: a browser writes what it sent to a page that it
may have to load again into its profile, and these are people's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from errors import AmanahError
from forms.desk_review import ReviewForm
from release.making import Opened
from release.review.answers import Answer, open_items
from release.review.deciding import plain
from release.review.proposing import Span, proposals, redacted
from views.desk import review_themes
from views.desk.common import Page, show, the_desk
from views.desk.review_queue import Draft, Queue
from views.desk.review_room import QUOTES, Room, keep_typed, room_of, typed_before
from views.desk.review_words import life_in_words, marked_as, why_not_taken
from views.desk.specifying import opened_at
from views.speaking import language_here


def add_review_pages(made: Blueprint) -> None:
    """The pages of open text, in one list."""
    made.add_url_rule("/review", "review", review, methods=["GET", "POST"])
    review_themes.add_rules(made)


def review() -> Page:
    """Decide on one answer; the next one follows."""
    opened, form = opened_at(the_desk()), ReviewForm()
    is_sent = request.method == "POST"
    try:
        room = room_of(opened) if opened else None
        if room is not None:
            return _answered(room, form) if is_sent else _page(room, form)
    except AmanahError as error:
        if not is_sent:
            return show("review/closed", refused=str(error), typed=typed_before())
    if is_sent:
        keep_typed(form.text.data or "")
        return _again()
    return show("review/closed", typed=typed_before())


def _again() -> Response:
    return redirect(url_for("desk.review"), 303)


def _answered(room: Room, form: ReviewForm) -> Response:
    queue, deed = room.queue(QUOTES), request.form.get("do", "")
    typed, which = plain(form.text.data or ""), form.which.data or ""
    if not queue.bring(which) or queue.front is None:
        # A button that was pressed twice sends what is saved already.
        if typed and deed in ("save", "apply", "keep") and queue.saved != (which, typed):
            keep_typed(typed)
        return _again()
    room.names[QUOTES] = form.by.data or ""
    draft = Draft(typed, tuple(form.taken.data or ()), form.made.data or "")
    if not form.validate():
        queue.drafts[which], room.said = draft, why_not_taken(form)
    elif deed in ("apply", "anew"):
        _make_anew(room, queue, draft, is_asked=deed == "anew")
    elif deed in ("save", "withhold"):
        _decide(room, queue, draft, form.by.data or "", is_saved=deed == "save")
    elif deed == "keep":
        queue.drafts[which] = draft
    else:
        queue.put_off(draft)
    return redirect(url_for("desk.review", _anchor="asks"), 303) if room.asks else _again()


def _decide(room: Room, queue: Queue, draft: Draft, name: str, is_saved: bool) -> None:
    answer = queue.front
    try:
        if answer is not None:
            room.decisions.decide(answer, draft.text if is_saved else None, room.signed(QUOTES, name))
            queue.leave(draft.text if is_saved else "")
            the_desk().let_go("typed")
    except AmanahError as error:
        queue.drafts[queue.which], room.said = draft, str(error)


def _make_anew(room: Room, queue: Queue, draft: Draft, is_asked: bool) -> None:
    """The text from the proposals that are taken now; what was changed by hand goes only where somebody said so."""
    answer = queue.front
    if answer is None:
        return
    before, now = (_made(answer, numbers) for numbers in (draft.made.split(","), draft.taken))
    if is_asked or draft.text in (plain(before), plain(now)):
        draft = Draft(now, draft.taken, ",".join(draft.taken))
    else:
        room.asks = True
    queue.drafts[queue.which] = draft


def _page(room: Room, form: ReviewForm) -> Page:
    queue = room.queue(QUOTES)
    told: dict[str, Any] = {"queue": queue, "life": life_in_words(room.waiting(QUOTES)), "lost": typed_before()}
    told["refused"], asks = room.take_said()
    if queue.front is None:
        return show("review/done", **told)
    found = proposals(queue.front.text)
    _fill(form, queue, queue.front, [str(at) for at in range(len(found))])
    form.by.data = room.names.get(QUOTES, "")
    told |= {"question": question_of(room.opened, queue.front), "pieces": list(_pieces(queue.front.text, found))}
    told |= {"taken": form.taken.data, "marked_as": marked_as, "spans": found, "whole_text": queue.front.text}
    return show("review/answer", form=form, asks=asks, **told)


def _fill(form: ReviewForm, queue: Queue, answer: Answer, everything: Sequence[str]) -> None:
    """Fill the form for the answer in front: as it was typed, or with every proposal taken."""
    unsaid = Draft(_made(answer, everything), tuple(everything), ",".join(everything))
    draft = queue.drafts.get(queue.which, unsaid)
    form.text.data, form.taken.data, form.made.data = draft.text, list(draft.taken), draft.made
    form.which.data = queue.which


def _made(answer: Answer, numbers: Sequence[str]) -> str:
    found = proposals(answer.text)
    return redacted(answer.text, [span for at, span in enumerate(found) if str(at) in numbers])


def question_of(opened: Opened, answer: Answer) -> str:
    """The words of the question that was answered."""
    return open_items(opened.source)[answer.item].in_language(language_here())


def _pieces(text: str, found: tuple[Span, ...]) -> Iterator[tuple[str, int]]:
    """The text in order: plain pieces with 0, proposed ones with their number."""
    at = 0
    for number, span in enumerate(found, 1):
        yield text[at : span.start], 0
        yield text[span.start : span.end], number
        at = span.end
    yield text[at:], 0
