"""`/styleguide`: every component in every state, for whoever builds Amanah and for the tests that look at it.

It is there only in a demo whose setting `development` is on; elsewhere the address does not exist. It shows a study's
own questions, and nothing that anybody answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from forms.fields import AnswerField
from instruments.model import Item, Text
from views.field.common import begin, language, study
from views.languages import direction_of, own_name
from views.qr import qr_svg

# What a mode changes in the style sheet, so that it can be looked at whatever the device asks for.
DARK, CONTRAST = "(prefers-color-scheme: dark)", "(prefers-contrast: more)"
MODES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "device": (),
    "light": ((DARK, "not all"), ("color-scheme: light dark", "color-scheme: light")),
    "dark": ((DARK, "all"), ("color-scheme: light dark", "color-scheme: dark")),
    "contrast": ((CONTRAST, "all"),),
    "print": (("@media print", "@media screen"),),
}
SEVEN = "7"
FIVE = 5  # as many choices lie in a row on a tablet
CODE = "AMNH-0000-1111-2222-3333-4444"  # no receipt: its last character does not fit
LONG_AGO = date(2026, 1, 31)


def blueprint() -> Blueprint:
    """The page of the visit's components, that of the staff's, and the sheet in one of its modes."""
    guide = Blueprint("styleguide", __name__, url_prefix="/styleguide")
    guide.before_request(begin)
    guide.add_url_rule("", "visit", lambda: _page("styleguide/visit.html", parts=_parts()))
    guide.add_url_rule("/staff", "staff", lambda: _page("styleguide/staff.html"))
    guide.add_url_rule("/amanah.css", "sheet", _sheet)
    return guide


class Look:
    """Questions as a page asks for them, with these answers typed."""

    def __init__(self, items: list[Item], typed: MultiDict[str, str]) -> None:
        self.items = items
        self._form = BaseForm({item.name: UnboundField(AnswerField, item) for item in items})
        self._form.process(typed)

    def field(self, name: str) -> AnswerField:
        """The field of an item."""
        return cast(AnswerField, self._form[name])

    def said(self, _name: str) -> str:
        """What an item was answered with in words: nothing."""
        return ""


def _page(template: str, **words: object) -> str:
    spoken = language()
    return render_template(
        template,
        study=study(),
        neutral_title=study().settings.neutral_title.in_language(spoken),
        language=spoken,
        direction={"ltr": "ltr", "rtl": "rtl"}.get(request.args.get("dir", ""), direction_of(spoken)),
        languages=[(code, own_name(code)) for code in study().instrument.languages],
        modes=list(MODES),
        mode=_mode(),
        code=CODE,
        until=LONG_AGO,
        qr=qr_svg(CODE),
        **words,
    )


def _mode() -> str:
    return request.args.get("mode", "") if request.args.get("mode", "") in MODES else "device"


def _sheet() -> Response:
    text = (Path(current_app.root_path) / "static" / "amanah.css").read_text("utf-8")
    for asked, instead in MODES[_mode()]:
        text = text.replace(asked, instead)
    return Response(text, mimetype="text/css")


def _parts() -> list[tuple[str, Look]]:
    """Each kind of question that a study can ask: as it comes, answered, refused."""
    return [(told, _in_every_state(item)) for told, item in _kinds().items()]


def _in_every_state(item: Item) -> Look:
    asked, chosen, refused = (replace(item, name=f"{item.name}_{state}") for state in ("asked", "chosen", "refused"))
    answers = [choice.code for choice in item.choices if not choice.aside] or [SEVEN]
    typed = MultiDict([(chosen.name, answer) for answer in (answers if item.kind == "rank" else answers[-1:])])
    look = Look([asked, chosen, refused], typed)
    look.field(refused.name).refuse(_refusal(item, language()))
    return look


def _refusal(item: Item, spoken: str) -> str:
    return item.constraint_message.in_language(spoken) if item.constraint_message else item.label.in_language(spoken)


def _kinds() -> dict[str, Item]:
    """One item of each kind that the study has, and of those that it has not, one made from another."""
    items = list(study().instrument.items.values())
    scales = [item for item in items if item.kind == "select_one" and _offered(item) == FIVE]
    closed = scales[0] if scales else items[0]
    of_study = {
        "one of a few": _first(items, lambda item: item.kind == "select_one" and 2 < _offered(item) != FIVE),
        "a scale of five": closed,
        "a scale of five in the longest words": max(scales, key=_longest_word, default=None),
        "several": _first(items, lambda item: item.kind == "select_multiple"),
        "a statement": _first(items, lambda item: item.kind == "statement"),
        "a number": _first(items, lambda item: item.kind == "integer"),
        "a line": _first(items, lambda item: item.kind == "text" and not item.multiline),
        "words of one's own": _first(items, lambda item: item.kind == "text" and item.multiline),
    }
    return {told: item for told, item in of_study.items() if item} | _made_from(closed)


def _made_from(item: Item) -> dict[str, Item]:
    asides = tuple(choice for choice in item.choices if choice.aside)
    only_english = Text((("en", item.label.in_language("en")),))
    return {
        "a scale of numbers": replace(
            item, name="points", kind="integer", lowest="0", highest="10", step="1", choices=asides
        ),
        "a list that opens": replace(item, name="minimal", style="minimal"),
        "a few short ones": replace(item, name="compact", style="compact"),
        "a ranking": replace(item, name="rank", kind="rank"),
        "in another language": replace(item, name="other", label=only_english),
    }


def _first(items: Sequence[Item], fits: Callable[[Item], bool]) -> Item | None:
    return next(filter(fits, items), None)


def _offered(item: Item) -> int:
    return sum(not choice.aside for choice in item.choices)


def _longest_word(item: Item) -> int:
    spoken = language()
    return max(len(word) for choice in item.choices for word in choice.label.in_language(spoken).split())
