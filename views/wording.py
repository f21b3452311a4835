"""How what is put into a sentence is written: numbers and days as the page's language has them, lists with its "and".

In a page from right to left each part stands in an isolate (Unicode's U+2068 and U+2069), as `<bdi>` does: a name, a
code or a number keeps its own direction and does not move the words around it. Translates nothing by itself.

A translation is words and never HTML: whatever a catalogue says, no sentence opens a tag or ends an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from babel.lists import format_list
from flask import Flask
from flask_babel import Domain, format_date, format_decimal, get_domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

DAY = re.compile(r"\d{4}-\d\d-\d\d")
FIRST_STRONG, POP = "\u2068", "\u2069"
ASKS = ("gettext", "ngettext", "pgettext", "npgettext")
BY_NUMBER = ("ngettext", "npgettext")  # whose last argument is a number


class Words(Domain):  # type: ignore[misc]
    """The interface's sentences, with what is put into them written for the page."""

    def gettext(self, string: str, **told: Any) -> str:
        """A sentence in the page's language."""
        return str(super().gettext(string, **written(told)))

    def ngettext(self, singular: str, plural: str, num: int, **told: Any) -> str:
        """A sentence about so many."""
        return str(self.get_translations().ungettext(singular, plural, num) % written({"num": num} | told))

    def pgettext(self, context: str, string: str, **told: Any) -> str:
        """A sentence whose words mean several things, in the sense of this context."""
        return str(super().pgettext(context, string, **written(told)))

    def npgettext(self, context: str, singular: str, plural: str, num: int, **told: Any) -> str:
        """A sentence about so many, in the sense of this context."""
        said = self.get_translations().unpgettext(context, singular, plural, num)
        return str(said % written({"num": num} | told))


def word(app: Flask) -> None:
    """Let this app's sentences be worded so, in Python and in templates."""
    app.extensions["babel"].instance.domain_instance = Words()
    templates: Any = app.jinja_env  # with the extension that Babel gave it, which its type does not know
    told: dict[str, Any] = templates.globals
    # Jinja takes what a catalogue says for markup. What is put in is escaped later, by the sentence that it goes into.
    templates.install_gettext_callables(
        gettext=lambda one: _plain(_said().ugettext(one)),
        ngettext=lambda one, many, num: _plain(_said().ungettext(one, many, num)),
        pgettext=lambda context, one: _plain(_said().upgettext(context, one)),
        npgettext=lambda context, one, many, num: _plain(_said().unpgettext(context, one, many, num)),
        newstyle=True,
    )
    told.update({name: _in_templates(told[name], name in BY_NUMBER) for name in ASKS})
    templates.filters["listed"] = listed


def written(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is put into a sentence, each as this page writes it."""
    return {name: _isolated(_as_written(value)) for name, value in told.items()}


def listed(parts: Iterable[Any]) -> str:
    """Several things in a row, as the page's language lists them: "a, b and c"."""
    return str(format_list([str(_isolated(part)) for part in parts], locale=get_locale()))


def _said() -> Any:
    return get_domain().get_translations()


def _plain(said: str) -> str:
    """A sentence of a catalogue as HTML; its apostrophes stay, as no attribute of ours stands between them."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")


def _as_written(value: Any) -> Any:
    # The journal and the files keep a day as the standard has it; people read it as they write one.
    if isinstance(value, str) and DAY.fullmatch(value):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    # A moment says more than its day, and whoever shows one writes it themselves.
    if isinstance(value, date) and not isinstance(value, datetime):
        return format_date(value, "long")
    if isinstance(value, int) and not isinstance(value, bool):
        return format_decimal(value)
    return value


def _isolated(value: Any) -> Any:
    locale = get_locale()
    if locale is None or locale.text_direction != "rtl":
        return value
    # Added to markup it is markup, as neither mark needs escaping.
    return FIRST_STRONG + (value if isinstance(value, Markup) else str(value)) + POP


def _in_templates(ask: Callable[..., Any], is_by_number: bool) -> Callable[..., Any]:
    @pass_context
    def asked(context: Context, *words: Any, **told: Any) -> Any:
        given = {"num": words[-1]} | told if is_by_number else told
        return ask(context, *words, **written(given))

    return asked
