"""What every page of the field app shares: the study, the language, and how a page may be cached."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from flask import Response, current_app, g, make_response, render_template, request

from fieldwork.study import Study
from instruments.model import Block, Item
from views.headers import MARK
from views.languages import asked_language, direction_of, own_name
from views.speaking import offered_here

A_FEW_MINUTES = 300  # seconds that a form page may be kept


def begin() -> None:
    """Before a request: take up a new version or new keys, if there are any. The request keeps what it begins with."""
    kept = current_app.extensions
    before = kept["amanah"]
    g.study = kept["amanah_lookout"].look(before)
    # Only what was read anew is kept: another thread may have renewed the study since this one looked it up.
    if g.study is not before:
        kept["amanah"] = g.study


def study() -> Study:
    """The study of this instance, the same from the beginning of a request to its end."""
    return cast(Study, g.study)


def language() -> str:
    """The language of this request, among the study's."""
    return asked_language(offered_here())


def closed_language() -> tuple[str, str] | None:
    """The study's language that was asked for and is not open yet, and the one that is shown, by their own names."""
    wanted = request.args.get("lang", "")
    is_closed = wanted in study().instrument.languages and wanted not in offered_here()
    return (own_name(wanted), own_name(language())) if is_closed else None


def page(template: str, about: Study | None = None, spoken: str = "", **words: Any) -> str:
    """A page with what every template needs. `about`: another version of the study, in the language `spoken`."""
    shown, spoken = about or study(), spoken or language()
    return render_template(
        template,
        study=shown,
        neutral_title=shown.settings.neutral_title.in_language(spoken),
        language=spoken,
        direction=direction_of(spoken),
        languages=[(code, own_name(code)) for code in shown.languages],
        closed_language=closed_language(),
        **words,
    )


def cacheable(html: str) -> Response:
    """A page without session, name or token, that anyone may keep for a while."""
    response = make_response(html)
    response.headers["Cache-Control"] = f"public, max-age={A_FEW_MINUTES}"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(tag_of(response.get_data()))
    return cast(Response, response.make_conditional(request))


def tag_of(data: bytes) -> str:
    """What an answer that may be kept is asked about again by: it changes with the answer, and with its headers."""
    return hashlib.sha256(MARK.encode() + data).hexdigest()[:32]


def notes_for(group: str | None, blocks: tuple[Block, ...]) -> list[Item]:
    """The notes of these blocks that a group is shown; all of them where no group is named."""
    return [item for block in blocks for item in block.items if group is None or group in item.on_for]
