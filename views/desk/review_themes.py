"""The desk's pages of themes: the code book with the coders' agreement, and one answer at a time for each coder.

A coder never sees what the other one chose, nor whose words these are.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import lazy_gettext as _

from errors import AmanahError
from forms.desk_review import BookForm, CodingForm
from release.making import Opened
from release.review.answers import answers, open_items
from release.review.themes import CODERS, agreement, code, coding, keep_book, read_book
from views.desk.common import Page, show, the_desk
from views.desk.review_queue import Queue, queue_of
from views.desk.specifying import opened_at

WHO = {"first": _("First coder"), "second": _("Second coder")}


def add_rules(made: Blueprint) -> None:
    """The pages of themes."""
    made.add_url_rule("/themes", "themes", themes, methods=["GET", "POST"])
    made.add_url_rule("/themes/<coder>", "themes_code", themes_code, methods=["GET", "POST"])


def themes() -> Page:
    """The code book, and how far the two coders agree."""
    opened, form, refused = opened_at(the_desk()), BookForm(), ""
    if opened is None:
        return show("review/closed")
    try:
        if form.validate_on_submit():
            keep_book(_releases(), opened.keys, opened.source.study, read_book(form.book.data or ""))
            for coder in CODERS:
                the_desk().let_go(_task(coder))
            return redirect(url_for("desk.themes"), 303)
    except AmanahError as error:
        refused = str(error)
    return _book_page(opened, form, refused)


def _book_page(opened: Opened, form: BookForm, refused: str) -> Page:
    try:
        made = coding(_releases(), opened.keys, opened.source.study)
    except AmanahError as error:
        return show("review/closed", refused=str(error))
    if not form.is_submitted():
        form.book.data = "\n".join(f"{one} = {words}" for one, words in made.book.items())
    both = len(made.agreed)
    return show("review/themes", refused=refused, form=form, made=made, kappas=agreement(made), both=both, who=WHO)


def themes_code(coder: str) -> Page:
    """Give themes to one answer; the next one follows."""
    opened, form, refused = opened_at(the_desk()), CodingForm(), ""
    if coder not in CODERS:
        abort(404)
    if opened is None:
        return show("review/closed")
    try:
        queue = _queue(opened, coder)
        if form.validate_on_submit():
            _take(opened, queue, coder, form)
            return redirect(url_for("desk.themes_code", coder=coder), 303)
        return _page(opened, queue, coder, form)
    except AmanahError as error:
        refused = str(error)
    return show("review/closed", refused=refused)


def _take(opened: Opened, queue: Queue, coder: str, form: CodingForm) -> None:
    answer = queue.front
    if answer is None or not queue.is_at(form.which.data or ""):
        return
    if request.form.get("do") != "save":
        return queue.put_off()
    code(_releases(), opened.keys, opened.source.study, answer, coder, form.codes.data or [])
    queue.leave()
    return None


def _page(opened: Opened, queue: Queue, coder: str, form: CodingForm) -> Page:
    book = coding(_releases(), opened.keys, opened.source.study).book
    if not book or queue.front is None:
        return redirect(url_for("desk.themes"), 303)
    form.which.data = queue.which
    question = open_items(opened.source)[queue.front.item].in_language("en")
    told = {"whole_text": queue.front.text, "question": question, "book": book, "who": WHO[coder]}
    return show("review/coding", form=form, queue=queue, **told)


def _queue(opened: Opened, coder: str) -> Queue:
    held = the_desk().held.get(_task(coder))
    if isinstance(held, Queue) and held.dataset is opened.dataset:
        return held
    done = coding(_releases(), opened.keys, opened.source.study).by[coder]
    given = list(answers(opened.source, opened.dataset))
    made = queue_of(opened.dataset, [one for one in given if one.key not in done], len(given))
    the_desk().held[_task(coder)] = made
    return made


def _task(coder: str) -> str:
    return f"coding-{coder}"


def _releases() -> Path:
    return the_desk().home / "releases"
