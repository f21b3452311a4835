"""Reach people for a purpose: a file for a mail merge, or letters to print. Only those who wished for it."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, abort, send_file
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from errors import AmanahError, ReleaseError
from forms.identity import ContactsForm, MergeForm, letters_form
from release.journal import Act
from release.mailing import fields_of, mail_merge, placeholder, wished
from release.mailing import letters as letters_for
from release.people import NAME, SAFE_WAY, Contactable
from views.desk.common import Page
from views.desk.identity_common import Open, chosen, in_words, show_open
from views.desk.identity_waves import WAVE, code_of, link_field, purposes_of, with_links
from views.languages import direction_of, own_name

TITLES: dict[str, LazyString] = {
    "results": _("To send the results"),
    "recontact": _("To ask about a later part of the study"),
    "wave": _("To invite to the next wave"),
    "other": _("For something else"),
}
REACHES: dict[str, LazyString] = {
    "results": _("Those who would like a summary of the results."),
    "recontact": _("Those who agreed to be contacted about later parts of the study."),
    "wave": _("Those who agreed to be contacted about later parts. Each gets a link of their own."),
    "other": _("Everybody on the list. They agreed to nothing but the two above: be sure that you may."),
}


def contacts(desk: Open) -> Page:
    """Choose for what a list is saved."""
    return _purposes(desk, "desk.identity_merge", gettext("What is the list for?"))


def letters(desk: Open) -> Page:
    """Choose for what letters are made."""
    return _purposes(desk, "desk.identity_write", gettext("What are the letters for?"))


def merge(desk: Open, purpose: str) -> Page:
    """Choose people and columns, say why, and save the file."""
    people, form, refused = _wished(desk, purpose), MergeForm(), ""
    _offer(desk, form, people)
    own = [(name, desk.field_in_words(name)) for name in fields_of(people)]
    form.columns.choices = own + link_field(purpose)
    if not form.is_submitted():
        form.columns.data = [NAME, SAFE_WAY, *dict(link_field(purpose))]
    if form.validate_on_submit():
        try:
            return _saved(desk, purpose, form, chosen(people, form.people.data))
        except AmanahError as error:
            refused = in_words(error)
    return _asked(desk, "merge", purpose, form, people, refused)


def write(desk: Open, purpose: str) -> Page:
    """Choose people, write the letters' words in each language, say why, and see them as they print."""
    people, refused = _wished(desk, purpose), ""
    languages = {code: own_name(code) for code in dict.fromkeys(one.language for one in people)}
    form = letters_form(languages)()
    _offer(desk, form, people)
    boxes = {code: form[f"text_{code.replace('-', '_')}"] for code in languages}
    if form.validate_on_submit():
        try:
            texts = {code: box.data or "" for code, box in boxes.items()}
            return _printed(desk, purpose, form, texts, chosen(people, form.people.data))
        except AmanahError as error:
            refused = in_words(error)
    known = [placeholder(name) for name in (*_printable(people), *dict(link_field(purpose)))]
    words = {"boxes": boxes, "directions": {code: direction_of(code) for code in languages}, "known": known}
    return _asked(desk, "letters", purpose, form, people, refused, **words)


def _purposes(desk: Open, endpoint: str, asked: str) -> Page:
    numbers = {purpose: len(wished(desk.people, purpose)) for purpose in purposes_of(desk)}
    return show_open(desk, "purposes", asked=asked, endpoint=endpoint, titles=TITLES, reaches=REACHES, numbers=numbers)


def _wished(desk: Open, purpose: str) -> tuple[Contactable, ...]:
    if purpose not in purposes_of(desk):
        abort(404)
    return wished(desk.people, purpose)


def _printable(people: tuple[Contactable, ...]) -> tuple[str, ...]:
    """What may stand in a letter: not how somebody can be reached safely, which whoever else opens it would read."""
    return tuple(name for name in fields_of(people) if name != SAFE_WAY)


def _offer(desk: Open, form: ContactsForm, people: tuple[Contactable, ...]) -> None:
    form.people.choices = [(one.handle, one.name) for one in people]
    if not form.is_submitted():
        form.people.data = [one.handle for one in people if SAFE_WAY not in one.contact]


def _asked(
    desk: Open, page: str, purpose: str, form: ContactsForm, people: tuple[Contactable, ...], refused: str, **words: Any
) -> Page:
    told = {"title": TITLES[purpose], "reaches": REACHES[purpose], "purpose": purpose}
    return show_open(desk, page, form=form, people=people, refused=refused, **told, **words)


def _detail(purpose: str, form: ContactsForm) -> str:
    """The purpose as the journal names it. Raises ReleaseError where another one is not said."""
    words = (form.words.data or "").strip()
    if purpose == "other" and not words:
        raise ReleaseError("Please say in a few words what it is for.")
    return f"{purpose}: {words}" if words else purpose


def _saved(desk: Open, purpose: str, form: MergeForm, people: tuple[Contactable, ...]) -> Response:
    people = with_links(desk, purpose, form, people)
    made = mail_merge(people, form.columns.data, form.with_bom.data)
    act = Act.WAVE_INVITATIONS_MADE if purpose == WAVE else Act.CONTACT_LIST_MADE
    desk.write(act, form.reason.data, detail=_detail(purpose, form), count=len(people))
    return send_file(io.BytesIO(made), "text/csv; charset=utf-8", as_attachment=True, download_name="contacts.csv")


def _printed(
    desk: Open, purpose: str, form: ContactsForm, texts: dict[str, str], people: tuple[Contactable, ...]
) -> Page:
    people = with_links(desk, purpose, form, people)
    made = letters_for(people, texts, _printable(people))
    act = Act.WAVE_INVITATIONS_MADE if purpose == WAVE else Act.LETTERS_MADE
    desk.write(act, form.reason.data, detail=_detail(purpose, form), count=len(people))
    sheets = [
        (one, direction_of(one.language), person, code_of(purpose, person))
        for one, person in zip(made, people, strict=True)
    ]
    return show_open(desk, "sheets", sheets=sheets)
