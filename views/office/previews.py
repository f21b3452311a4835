"""Previews of any version of the study, in any language, at the width of a phone or a tablet. They keep nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from config import Settings
from fieldwork.drafts import draft_of
from fieldwork.study import Study
from forms.locales import locale_of
from forms.visit import VisitForm
from instruments.model import Instrument
from views.field.common import study
from views.field.visits import visit_page
from views.headers import PREVIEW, SHOWS_PREVIEW
from views.languages import asked_language, own_name

DRAFT = "draft"
WIDTHS = {"phone": (360, 740), "tablet": (820, 1180)}  # CSS pixels


@dataclass(frozen=True)
class Asked:
    """Which page of which version is looked at. `version` is a digest, or `draft`."""

    version: str
    instrument: Instrument
    group: str
    language: str
    width: str


def settings() -> Settings:
    """The settings of this instance."""
    return cast(Settings, current_app.extensions["amanah_settings"])


def instrument_of(version: str) -> Instrument:
    """The version of the study that an address names; 404 where there is none."""
    if version == DRAFT:
        draft = draft_of(settings().study_folder)
        return draft.instrument if draft else abort(404)
    return study().version(version or study().instrument.digest) or abort(404)


def preview() -> Response:
    """The staff's page around a preview: which version, group, language and width."""
    asked = _asked()
    page = render_template("office/preview.html", asked=asked, widths=WIDTHS, own_name=own_name)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = SHOWS_PREVIEW
    return response


def previewed() -> AnyResponse:
    """The page of the visit itself, as somebody who takes part sees it. Its script keeps, seals and sends nothing."""
    asked = _asked()
    # In a tab of its own it looks like a visit: whoever was handed it would answer into nothing.
    if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
        return redirect(url_for("office.preview", version=asked.version, group=asked.group, lang=asked.language), 303)
    about: Study = replace(study(), instrument=asked.instrument, settings=replace(study().settings, plain_path=False))
    form = VisitForm(asked.instrument, asked.group, asked.language, MultiDict())
    with force_locale(locale_of(asked.language)):
        response = make_response(visit_page(about, form, remind=False, preview=True))
    response.headers["Content-Security-Policy"] = PREVIEW
    return response


def _asked() -> Asked:
    version = request.args.get("version", "")
    instrument = instrument_of(version)
    groups, wanted = [group.name for group in instrument.groups], request.args.get("group", "")
    width = request.args.get("width", "")
    return Asked(
        version or study().instrument.digest,
        instrument,
        wanted if wanted in groups else groups[0],
        asked_language(instrument.languages),
        width if width in WIDTHS else "phone",
    )
