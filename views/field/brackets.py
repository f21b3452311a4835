"""What stands in a bracket that a study has not filled in yet, said in the language of the page, in its brackets.

A bracket has one name in every language, by which study.toml fills it in. Participants are not to see one, and staff
are told as long as they do; who tries a study out reads them, though, and English inside another language's sentence
throws its full stop about. Changes no text of a study.
"""

from __future__ import annotations

import re

from flask_babel import LazyString, lazy_pgettext
from markupsafe import Markup, escape

from instruments.open_brackets import BRACKET

# Of the studies that come with Amanah. A team's own bracket is shown as it stands.
NAMES: dict[str, LazyString] = {
    "institution": lazy_pgettext("to be filled in", "institution"),
    "Funder": lazy_pgettext("to be filled in", "Funder"),
    "Committee, reference": lazy_pgettext("to be filled in", "Committee, reference"),
    "change if not true": lazy_pgettext("to be filled in", "change if not true"),
    "Researcher, phone, email": lazy_pgettext("to be filled in", "Researcher, phone, email"),
    "independent person": lazy_pgettext("to be filled in", "independent person"),
    "data protection officer": lazy_pgettext("to be filled in", "data protection officer"),
    "local youth support": lazy_pgettext("to be filled in", "local youth support"),
    "staff support scheme for officers": lazy_pgettext("to be filled in", "staff support scheme for officers"),
    "date": lazy_pgettext("to be filled in", "date"),
    "Small thank-you: voucher, paid even if you stop.": lazy_pgettext(
        "to be filled in", "Small thank-you: voucher, paid even if you stop."
    ),
}  # fmt: skip


def in_brackets(html: Markup) -> Markup:
    """Escaped words of another language than the study's first, with each bracket named in it and kept together."""
    return Markup(BRACKET.sub(_named, str(html)))  # noqa: S704 (escaped before)


def _named(found: re.Match[str]) -> str:
    name = Markup(found[1]).unescape()  # noqa: S704 (escaped before)
    return f"<bdi>[{escape(NAMES.get(name, name))}]</bdi>"
