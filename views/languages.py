"""Languages as pages need them: direction, own name, which to show."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from babel.core import Locale, UnknownLocaleError
from flask import current_app, g, request

RIGHT_TO_LEFT = {"ar", "fa", "he", "ps", "ur"}
OWN_NAMES = {"en": "English", "ur": "اردو", "ar": "العربية", "bn": "বাংলা", "so": "Soomaali", "tr": "Türkçe"}


def direction_of(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def own_name(language: str) -> str:
    """The language's name in itself."""
    return OWN_NAMES.get(language, language)


def locale() -> str:
    """The locale of this request's sentences and dates: the page's own language. British English is our source."""
    study = g.get("study") or current_app.extensions.get("amanah")
    return locale_of(asked_language(study.instrument.languages) if study else "en")


@cache
def locale_of(tag: str) -> str:
    """The locale of a form's language tag; our source's where nobody knows the language, as for many small ones."""
    for told in (tag, tag.split("-")[0]) if tag != "en" else ():
        with suppress(UnknownLocaleError, ValueError):
            return str(Locale.parse(told, sep="-"))
    return "en_GB"


def asked_language(offered: Sequence[str]) -> str:
    """The language of this request: `lang` where it is offered, else the study's first."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in offered else offered[0]
