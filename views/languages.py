"""Languages as pages need them: direction, own name, which to show."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

RIGHT_TO_LEFT = {"ar", "fa", "he", "ps", "ur"}
OWN_NAMES = {"en": "English", "ur": "اردو", "ar": "العربية", "bn": "বাংলা", "so": "Soomaali", "tr": "Türkçe"}


def direction_of(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def own_name(language: str) -> str:
    """The language's name in itself."""
    return OWN_NAMES.get(language, language)


def locale() -> str:
    """The locale in which this request's sentences and dates are written. British English is our source."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in OWN_NAMES and wanted != "en" else "en_GB"


def asked_language(offered: Sequence[str]) -> str:
    """The language of this request: `lang` where it is offered, else the study's first."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in offered else offered[0]
