"""What Unicode's data know of a language: its locale, and how it lists things. Knows nothing of a request.

A page's script is handed the patterns of a list: what a browser knows of a language by itself differs from one to the
next, and of Somali most know nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from babel.core import Locale, UnknownLocaleError

TWO, START, MIDDLE, END = "2", "start", "middle", "end"


@cache
def known(tag: str) -> Locale | None:
    """What Unicode's data know of a form's language tag, else of its language; None for a language nobody knows."""
    for told in (tag, tag.split("-")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(told, sep="-")
    return None


def locale_of(tag: str) -> str:
    """The locale of a form's language tag; our source's where nobody knows the language, as for many small ones."""
    found = known(tag) if tag != "en" else None
    return str(found) if found else "en_GB"


@cache
def list_patterns(language: str) -> tuple[str, str, str, str]:
    """How two things, the first two of several, more of them, and the last one are joined: "{0} and {1}"."""
    patterns = Locale.parse(locale_of(language)).list_patterns["standard"]
    return patterns[TWO], patterns[START], patterns[MIDDLE], patterns[END]


def listed(words: Sequence[str], language: str) -> str:
    """These words in one sentence, as static/form.js lists them too."""
    two, start, middle, end = list_patterns(language)
    told = words[0] if words else ""
    for at, word in enumerate(words[1:], 2):
        joint = two if len(words) == 2 else end if at == len(words) else start if at == 2 else middle
        told = joint.format(told, word)
    return told
