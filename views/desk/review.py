"""The desk's page of open text: one answer at a time, its question, and nothing else of who wrote it.

What is decided is sealed at once. What nobody decided on stays out of every release.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext

from errors import AmanahError
from forms.desk import StepForm
from forms.desk_review import ReviewForm
from release.making import Opened
from release.review.answers import Answer, answers, decide, decisions, open_items, state_of
from release.review.proposing import Span, proposals, redacted
from views.desk import review_themes
from views.desk.common import Page, show, the_desk
from views.desk.review_queue import Queue, queue_of
from views.desk.specifying import opened_at

TASK = "review"


def add_review_pages(made: Blueprint) -> None:
    """The pages of open text, in one list."""
    made.add_url_rule("/review", "review", review, methods=["GET", "POST"])
    review_themes.add_rules(made)


def review() -> Page:
    """Decide on one answer; the next one follows."""
    opened = opened_at(the_desk())
    if opened is None:
        return show("review/closed")
    refused, form = "", ReviewForm()
    try:
        queue = _queue(opened)
        if request.method == "POST" and form.validate():
            if not queue.is_at(form.which.data or ""):
                return redirect(url_for("desk.review"), 303)
            if request.form.get("do") != "apply":
                _decide(opened, queue, form, request.form.get("do", ""))
                return redirect(url_for("desk.review"), 303)
    except AmanahError as error:
        refused = str(error)
    return _page(opened, form, refused)


def _decide(opened: Opened, queue: Queue, form: ReviewForm, deed: str) -> None:
    answer = queue.front
    if answer is None or deed not in ("save", "withhold"):
        queue.put_off()
        return
    text = form.text.data or "" if deed == "save" else None
    decide(_releases(), opened.keys, opened.source.study, answer, text)
    queue.leave()


def _page(opened: Opened, form: ReviewForm, refused: str) -> Page:
    queue = the_desk().held.get(TASK)
    answer = queue.front if isinstance(queue, Queue) else None
    if not isinstance(queue, Queue) or answer is None:
        return show("review/done", refused=refused, form=StepForm(), queue=queue)
    found = proposals(answer.text)
    numbers = form.taken.data if form.is_submitted() else [str(at) for at in range(len(found))]
    # After a refusal what was typed stays; what is asked for anew is made from the answer itself.
    if not refused:
        form.text.data = redacted(answer.text, [span for at, span in enumerate(found) if str(at) in numbers])
    form.which.data = queue.which
    words: dict[str, Any] = {
        "question": question_of(opened, answer),
        "pieces": list(_pieces(answer.text, found)),
        "taken": numbers,
        "marked_as": marked_as,
    }
    return show("review/answer", refused=refused, form=form, queue=queue, spans=found, whole_text=answer.text, **words)


def question_of(opened: Opened, answer: Answer) -> str:
    """The words of the question that was answered."""
    return open_items(opened.source)[answer.item].in_language("en")


def _pieces(text: str, found: tuple[Span, ...]) -> Iterator[tuple[str, int]]:
    """The text in order: plain pieces with 0, proposed ones with their number."""
    at = 0
    for number, span in enumerate(found, 1):
        yield text[at : span.start], 0
        yield text[span.start : span.end], number
        at = span.end
    yield text[at:], 0


def _queue(opened: Opened) -> Queue:
    held = the_desk().held.get(TASK)
    if isinstance(held, Queue) and held.dataset is opened.dataset:
        return held
    decided = decisions(_releases(), opened.keys, opened.source.study)
    # What must never be quoted needs no review: it is withheld whatever it says.
    quotable = [one for one in answers(opened.source, opened.dataset) if one.may_be_quoted]
    waiting = [one for one in quotable if state_of(one, decided) == "unreviewed"]
    the_desk().held[TASK] = made = queue_of(opened.dataset, waiting, len(quotable))
    return made


def _releases() -> Path:
    return the_desk().home / "releases"


def marked_as(kind: str) -> str:
    """What a proposal seems to be, in words."""
    kinds = {
        "name": gettext("a name"), "place": gettext("a place"), "phone": gettext("a phone number"),
        "email": gettext("an e-mail address"), "postcode": gettext("a postcode"), "date": gettext("a date"),
        "mosque": gettext("a mosque"), "school": gettext("a school"), "link": gettext("a web address"),
        "handle": gettext("a name on the web"),
    }  # fmt: skip
    return str(kinds[kind])
