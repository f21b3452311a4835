"""Consents: counted for an auditor, and one person's record on that person's request. Neither without a reason."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

from flask import Response, redirect, send_file, url_for
from flask_babel import gettext

from errors import AmanahError
from forms.desk import StepForm
from forms.identity import ReasonForm, RequestForm
from release.journal import Act
from release.requests import Said, consent_record, find_people
from views.desk.common import Page
from views.desk.identity_common import Open, in_words, show_open
from views.languages import direction_of, own_name
from views.speaking import language_here


def counts(desk: Open) -> Page:
    """How many consented to what, once a reason is given."""
    form, refused, tables = ReasonForm(), "", None
    if form.validate_on_submit():
        try:
            desk.write(Act.CONSENT_COUNTED, form.reason.data)
            tables = desk.opened.consented
        except AmanahError as error:
            refused = in_words(error)
    told: dict[str, Any] = {"instruments": desk.source.instruments, "today": date.today()}
    told["study"] = desk.source.newest.title.in_language(language_here())
    return show_open(desk, "counts", form=form, refused=refused, tables=tables, own_name=own_name, **told)


def record(desk: Open) -> Page:
    """One person's record: asked for by that person, found by what they say, shown once a reason is given."""
    form, refused = RequestForm(), ""
    desk.room.shown = None
    if form.validate_on_submit():
        try:
            refused = _look_for(desk, form)
        except AmanahError as error:
            refused = in_words(error)
    shown = desk.room.shown
    if shown is None:
        return show_open(desk, "request", form=form, refused=refused)
    way = direction_of(shown.language)
    return show_open(desk, "record", record=shown, way=way, spoken=own_name(shown.language))


def record_json(desk: Open) -> Page | Response:
    """The record that is shown, as a file for the person who asked for it."""
    shown = desk.room.shown
    if shown is None or not StepForm().validate_on_submit():
        return redirect(url_for("desk.identity_record"), 303)
    data = json.dumps(shown.as_json(), ensure_ascii=False, indent=2, sort_keys=True).encode()
    return send_file(io.BytesIO(data), "application/json", as_attachment=True, download_name="consent-record.json")


def _look_for(desk: Open, form: RequestForm) -> str:
    """Show the one whom it fits; else say why nobody is shown."""
    said = Said(form.name.data or "", form.phone.data or "", form.email.data or "", form.day.data)
    desk.write(Act.CONSENT_SHOWN, form.reason.data, sought=said)
    found = find_people(desk.opened, desk.source, desk.room.keys, said)
    if len(found) == 1:
        desk.room.shown = consent_record(desk.opened, desk.source, desk.room.keys, found[0])
        return ""
    if found:
        return str(
            gettext(
                "This fits several people, so nobody is shown. Ask for one more detail, such as the day on which they "
                "took part, and try again."
            )
        )
    return str(
        gettext(
            "Nobody was found. Who left no contact details and signed nothing cannot be found by anybody: "
            "no name stands with their consent."
        )
    )
