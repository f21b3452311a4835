"""The desk's pages of themes: the code book with the coders' agreement, and one answer at a time for each coder.

A coder never sees what the other one chose before both have coded an answer, nor ever whose words these are. Whatever
goes wrong, what was typed and ticked is on the page again.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from errors import AmanahError
from forms.desk_review import BookForm, CodingForm, MergeForm
from release.review.answers import Answer, open_items
from release.review.book import Book, apart, check_book, merged, new_themes, renamed
from release.review.themes import CODERS, TOGETHER, Coding
from views.desk.common import Page, show, the_desk
from views.desk.review_queue import Draft
from views.desk.review_room import Room, codings_changed, room_of
from views.desk.review_words import life_in_words, why_not_taken
from views.desk.specifying import opened_at
from views.speaking import language_here

WHO = {"first": _("First coder"), "second": _("Second coder"), TOGETHER: _("Settle together")}


def add_rules(made: Blueprint) -> None:
    """The pages of themes."""
    made.add_url_rule("/themes", "themes", themes, methods=["GET", "POST"])
    made.add_url_rule("/themes/merge", "themes_merge", merge, methods=["POST"])
    made.add_url_rule("/themes/<coder>", "themes_code", themes_code, methods=["GET", "POST"])


def themes() -> Page:
    """The code book, and how far the two coders agree."""
    opened, form = opened_at(the_desk()), BookForm()
    if opened is None:
        return show("review/closed", typed=_typed_book(form))
    try:
        room = room_of(opened)
        if request.method == "GET":
            return _book_page(room, form)
        if not form.validate():
            return _book_page(room, form, why_not_taken(form))
        return _new_book(room, form)
    except AmanahError as error:
        return show("review/closed", refused=str(error), typed=_typed_book(form))


def merge() -> Page:
    """Let one theme count as another, or as itself again."""
    opened, form = opened_at(the_desk()), MergeForm()
    if opened is None:
        return show("review/closed")
    refused = ""
    try:
        room = room_of(opened)
        if form.validate():
            book, theme = room.codings.now().book, form.theme.data or ""
            is_apart = request.form.get("do") == "apart"
            _keep(room, apart(book, theme) if is_apart else merged(book, theme, form.into.data or ""))
            return redirect(url_for("desk.themes"), 303)
        refused = why_not_taken(form)
    except AmanahError as error:
        refused = str(error)
    return _book_page(room_of(opened), BookForm(formdata=None), refused)


def _new_book(room: Room, form: BookForm) -> Page:
    coding = room.codings.now()
    try:
        changed = renamed(coding.book, _told(coding.book), coding.used)
        _keep(room, Book((*changed.themes, *new_themes(form.more.data or ""))))
    except AmanahError as error:
        return _book_page(room, form, str(error))
    return redirect(url_for("desk.themes"), 303)


def _keep(room: Room, book: Book) -> None:
    check_book(book, open_items(room.opened.source))
    room.codings.keep_book(book)
    codings_changed(room)


def _told(book: Book) -> dict[str, tuple[str, str]]:
    """The codes and words of the themes that are there, as they were typed."""
    typed = request.form
    ours = [one for one in book.active if f"code-{one.id}" in typed]
    return {one.id: (typed[f"code-{one.id}"], typed.get(f"words-{one.id}", "")) for one in ours}


def _typed_book(form: BookForm) -> str:
    """Everything that was typed about the code book, a line each, to be copied."""
    ids = [name.removeprefix("code-") for name in request.form if name.startswith("code-")]
    lines = [f"{request.form[f'code-{one}']} = {request.form.get(f'words-{one}', '')}" for one in ids]
    return "\n".join(filter(None, [*lines, form.more.data or ""]))


def _book_page(room: Room, form: BookForm, refused: str = "") -> Page:
    coding = room.codings.now()
    kappas, whole = coding.kappas()
    keys = coding.both()
    return show(
        "review/themes",
        refused=refused,
        form=form,
        merging=MergeForm(formdata=None),
        rows=_rows(coding.book, _told(coding.book) if form.is_submitted() else {}),
        book=coding.book,
        kappas=kappas,
        overall=whole,
        both=len(keys),
        differing=sum(bool(coding.differing(key)) for key in keys),
        life=life_in_words(room.waiting(CODERS[0])) if coding.book.active else [],
        coders=[(who, WHO[who], room.queue(who)) for who in CODERS] if coding.book.active else [],
    )


def _rows(book: Book, typed: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The themes of the book as boxes: id, code, words."""
    return [(one.id, *typed.get(one.id, (one.code, one.words))) for one in book.active]


def themes_code(coder: str) -> Page:
    """Give themes to one answer; the next one follows."""
    opened, form = opened_at(the_desk()), CodingForm()
    if coder not in WHO:
        abort(404)
    if opened is None:
        return show("review/closed")
    try:
        room = room_of(opened)
        return _given(room, coder, form) if request.method == "POST" else _page(room, coder, form)
    except AmanahError as error:
        return show("review/closed", refused=str(error))


def _given(room: Room, coder: str, form: CodingForm) -> Page:
    queue = room.queue(coder)
    if not queue.bring(form.which.data or ""):
        return redirect(url_for("desk.themes_code", coder=coder), 303)
    if not form.validate():
        return _page(room, coder, form, why_not_taken(form))
    answer = queue.front
    try:
        if answer is None or request.form.get("do") != "save":
            queue.put_off(Draft(taken=tuple(form.codes.data or ())))
        else:
            room.codings.code(answer, coder, form.codes.data or [], room.signed(coder, form.by.data or ""))
            queue.leave()
            # What the two differ in may be settled, or be another thing now.
            room.queues.pop(TOGETHER, None) if coder != TOGETHER else None
    except AmanahError as error:
        return _page(room, coder, form, str(error))
    return redirect(url_for("desk.themes_code", coder=coder), 303)


def _page(room: Room, coder: str, form: CodingForm, refused: str = "") -> Page:
    queue, coding = room.queue(coder), room.codings.now()
    if not coding.book.active or queue.front is None:
        return redirect(url_for("desk.themes"), 303)
    answer = queue.front
    if not form.is_submitted():
        form.codes.data = _ticked(coding, coder, answer, queue.drafts.get(queue.which))
    form.which.data, form.by.data = queue.which, form.by.data or room.names.get(coder, "")
    return show(
        "review/coding",
        refused=refused,
        form=form,
        queue=queue,
        whole_text=answer.text,
        question=open_items(room.opened.source)[answer.item].in_language(language_here()),
        book=coding.book,
        ticked=form.codes.data or [],
        who=WHO[coder],
        is_both=coder == TOGETHER,
        said=_said(coding, answer) if coder == TOGETHER else {},
    )


def _ticked(coding: Coding, coder: str, answer: Answer, draft: Draft | None) -> list[str]:
    """What is ticked at first: what was ticked before it was put off, or what this coder, or both, gave."""
    if draft:
        return list(draft.taken)
    says = coding.told if coder == TOGETHER else lambda key, theme: coding.says(coder, key, theme)
    return [one.id for one in coding.book.active if says(answer.key, one.id)]


def _said(coding: Coding, answer: Answer) -> dict[str, str]:
    """Who of the two gave a theme in which they differ, by its id."""
    words = {"first": gettext("only the first coder"), "second": gettext("only the second coder")}
    return {
        one: words["first" if coding.says("first", answer.key, one) else "second"]
        for one in coding.differing(answer.key)
    }
