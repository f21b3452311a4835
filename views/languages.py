"""Languages as pages need them: direction, own name, which to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import request

from forms.locales import known, locale_of
from views.reviews import Review, review_of

# Languages from right to left that Babel does not know, and scripts that say so themselves.
RIGHT_TO_LEFT = {"prs", "uzs", "bal", "glk", "lrc", "mzn", "sdh"}
SCRIPTS = {"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Rohg"}


def direction_of(language: str) -> str:
    """ "rtl" or "ltr", from the code alone."""
    name, *rest = language.split("-")
    found = known(language)
    is_leftwards = name in RIGHT_TO_LEFT or bool(SCRIPTS & set(rest))
    return "rtl" if is_leftwards or (found and found.text_direction == "rtl") else "ltr"


def own_name(language: str) -> str:
    """The language's name in itself, its code where nobody knows it."""
    found = known(language)
    return (found.get_display_name() if found else None) or language


def asked_language(offered: Sequence[str]) -> str:
    """The language of this request: `lang` where it is offered, else the study's first."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in offered else offered[0]


def interface_in(offered: Sequence[str], folder: Path) -> dict[str, Review]:
    """How far the interface's own words, in this folder, are in each of the languages that a study offers."""
    return {one: _interface(one, folder) for one in offered}


def _interface(language: str, folder: Path) -> Review:
    if language.split("-")[0] == "en":
        return Review("source")
    found = next((one for one in _names(language) if (folder / one).is_dir()), None)
    return review_of(found, folder) if found else Review("missing")


def _names(language: str) -> tuple[str, str]:
    return locale_of(language), language.split("-")[0]
