"""Plain pages: where to start, whom to talk to, where "Leave quickly" goes, what a reloaded receipt becomes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import cast

from flask import Response, abort, current_app, request
from flask_babel import gettext

from config import Settings
from fieldwork.ending import refuse_new
from instruments.model import Text
from instruments.sheets_to_read import sheets_of
from views.field.common import cacheable, language, notes_for, page, study
from views.field.fitting import points_for
from views.field.listening import may_play, of_everything, of_parts
from views.field.offline import pages_to_keep
from views.field.words import Unsaid

GOOD_FOR = timedelta(days=90)
# A support card that is folded once to 85 mm by 54 mm: what each half has inside its edge, and sizes in points.
WALLET_WIDTH, WALLET_HEIGHT, WALLET_SIZES = 77.0, 46.0, (12, 11, 10, 9, 8, 7, 6)


def start() -> Response:
    """Choose the group and the language."""
    refuse_new(study().ending)
    return cacheable(page("start.html"))


def support() -> Response:
    """The support card, for one group where it is named."""
    names = {group.name for group in study().instrument.groups}
    asked = request.args.get("group", "")
    blocks = tuple(block for part in study().instrument.parts if part.name == "support" for block in part.blocks)
    notes = notes_for(asked if asked in names else None, blocks)
    wallet = _wallet([note.label for note in notes])
    return cacheable(page("support.html", notes=notes, wallet=wallet, nobody=Unsaid()))


def _wallet(notes: Sequence[Text]) -> int | None:
    """How large, in points, the notes are on a card for a wallet: the first in front, the others behind."""
    said = [words.in_language(language()) for words in notes]
    halves = ([gettext("People you can talk to"), *said[:1]], said[1:])
    sizes = [points_for(half, language(), WALLET_SIZES, WALLET_WIDTH, WALLET_HEIGHT) for half in halves]
    return None if None in sizes else min(size for size in sizes if size)


def easy_read(group: str) -> Response:
    """The information sheet in short lines, for one group, and the full sheet, which is what counts."""
    sheets = sheets_of(study().instrument, group, language())
    if not sheets.easy:
        abort(404)
    parts = [part for part in study().instrument.visit(group) if part.name == "easy_read"]
    heard = of_parts(parts, language())
    html = page("easy_read.html", sheets=sheets, group=group, nobody=Unsaid(), recordings=heard)
    return may_play(cacheable(html))


def away() -> Response:
    """A neutral page. The browser is to forget its copies of pages, never its storage: sealed visits wait there."""
    response = cacheable(page("away.html"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def no_icon() -> Response:
    """Nothing: browsers ask for it where a page names no icon, as the neutral page does: its tab shows no mark."""
    response = cacheable("")
    response.status_code = 204
    return response


def tablet() -> Response:
    """The interviewer's page on an enrolled tablet. What a tablet knows stands in the tablet alone."""
    return cacheable(page("tablet.html", keep=pages_to_keep(), recordings=of_everything(study().instrument)))


def done() -> Response:
    """What a receipt page becomes when it is loaded again: the code is not kept, so it cannot be shown twice."""
    return cacheable(page("done.html"))


def security() -> Response:
    """Whom to tell of a weakness (RFC 9116), where the settings name somebody."""
    settings = cast(Settings, current_app.extensions["amanah_settings"])
    if not settings.security_contact:
        abort(404)
    response = cacheable(security_txt(settings.security_contact, request.base_url, datetime.now(UTC)))
    response.mimetype = "text/plain"
    return response


def security_txt(contact: str, address: str, now: datetime) -> str:
    """The file, good for another quarter of a year: whoever reads an old copy asks again."""
    until = datetime.combine(now.date() + GOOD_FOR, time(), UTC)
    lines = {
        "Contact": contact, "Expires": f"{until:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages": "en", "Canonical": address
    }  # fmt: skip
    return "".join(f"{name}: {value}\n" for name, value in lines.items())
