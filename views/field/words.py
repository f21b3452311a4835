"""Words of a study on a page: escaped, with the answers that they show, marked where the language is another."""

from __future__ import annotations

import json
import re
from typing import Protocol

from markupsafe import Markup, escape

from forms.locales import list_patterns
from instruments.model import Item, Text
from instruments.numbers import scale_of
from views.field.brackets import in_brackets
from views.languages import direction_of

SHOWN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")
MOST_POINTS = 11  # of a scale that is shown as points; a longer one is a box to type in
NOTHING_YET = "…"
NO_BREAK = "\N{NO-BREAK SPACE}"
# Groups of digits, as a telephone number is written. In a line from right to left each group would stand where the
# next one belongs, and somebody would ring another number.
GROUPS = re.compile(r"\+?[0-9]+(?: [0-9]+)+")


class Said(Protocol):
    """Whatever knows what was answered."""

    def said(self, name: str) -> str:
        """The answer to an item in words; "" where there is none."""


class Unsaid:
    """Of a page that nobody answers anything on."""

    def said(self, name: str) -> str:
        """Nothing."""
        return ""


def words(text: Text, language: str, form: Said) -> Markup:
    """A study's words as HTML. `${name}` becomes the answer to that item, which the page's script keeps up to date."""
    shown = text.in_language(language)
    html = _showing(shown, form, language) if "${" in shown else numbered(shown)
    other = text.translations[0][0]
    if text.speaks(language):
        return html if language == other or "[" not in shown else in_brackets(html)
    return Markup('<span class="fallback" lang="{}" dir="{}">{}</span>').format(other, direction_of(other), html)


def numbered(told: str) -> Markup:
    """Words as HTML, in which the groups of a number stay together and in their order."""
    return Markup(GROUPS.sub(_in_order, str(escape(told))))  # noqa: S704 (escaped before)


def _in_order(found: re.Match[str]) -> str:
    return f'<bdi dir="ltr">{found[0].replace(" ", NO_BREAK)}</bdi>'


def points(item: Item) -> list[str]:
    """The numbers of a short scale, to be shown side by side; none for what is no short scale."""
    return scale_of(item.lowest, item.highest, item.step, MOST_POINTS) if item.step else []


def _showing(shown: str, form: Said, language: str) -> Markup:
    parts = [_said(part, form, language) if at % 2 else numbered(part) for at, part in enumerate(SHOWN.split(shown))]
    return Markup("").join(parts)


def _said(name: str, form: Said, language: str) -> Markup:
    joints = json.dumps(list_patterns(language), ensure_ascii=False, separators=(",", ":"))
    place = Markup('<bdi data-says="{}" data-joints="{}">{}</bdi>')
    return place.format(name, joints, form.said(name) or NOTHING_YET)
