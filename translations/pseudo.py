"""Two languages that nobody speaks, made by code to try pages with: Unicode's names for them are en_XA and ar_XB.

en_XA is English with accents, four tenths longer, between brackets: what stands outside brackets never went through
translations/, and brackets side by side were put together. ar_XB writes the same sentences in Arabic letters, from
right to left. Neither is ever offered to people: only tests and a demo switch them on, for a whole app at once.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response

from instruments.model import Text
from views.wording import Words

KINDS = ("en_XA", "ar_XB")
OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.4
# Left as it is: what is put in, tags, addresses, commands and what stands between backticks.
APART = re.compile(
    r"(%\(\w+\)[sd]|\$?\{\w*\}|</?\w[^>]*>|https?://\S+|`[^`]*`|\[[^\]]*\]\([^)]*\)"
    r"|flask(?: [a-z][a-z.-]*[a-z])+|--\w+|\w+\.\w{2,4}\b)"
)
# What Markdown makes of a line stays at its head.
LINE = re.compile(r"^(\s*(?:#+|>|[-*]|\d+\.)?\s*)(.*)$", re.MULTILINE)
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = str.maketrans(PLAIN, "áƀçðéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ")
MIRRORED = str.maketrans(PLAIN, "ابجدهوزحطيكلمنسعفصقرشتثخذض" * 2)


class PseudoWords(Words):
    """The interface's sentences in one of the two."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.said = Said(kind)

    def get_translations(self) -> Said:
        """The sentences, whatever language a page is in."""
        return self.said


class Said(NullTranslations):
    """Every sentence, made from the English where it is asked for."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def ugettext(self, message: str) -> str:
        """A sentence."""
        return said_in(self.kind, message)

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """A sentence about so many."""
        return said_in(self.kind, msgid1 if n == 1 else msgid2)

    def upgettext(self, context: str, message: str) -> str:
        """A sentence in one of its senses."""
        return said_in(self.kind, message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        """A sentence about so many, in one of its senses."""
        return self.ungettext(singular, plural, num)


def speak_pseudo(app: Flask, kind: str) -> None:
    """Let every page of this app speak one of the two, the study's words too."""
    babel = app.extensions["babel"]
    babel.instance.domain_instance = PseudoWords(kind)
    babel.locale_selector = lambda: "en_GB" if kind == "en_XA" else "ar"
    study = app.extensions.get("amanah")
    if study is not None:
        app.extensions["amanah"] = replace(study, instrument=_study_in(kind, study.instrument))
    app.after_request(lambda response: _turned(response, kind))


def said_in(kind: str, text: str) -> str:
    """A sentence in one of the two. A part that holds its place keeps it."""
    table = ACCENTED if kind == "en_XA" else MIRRORED
    parts = [part if number % 2 else part.translate(table) for number, part in enumerate(APART.split(text))]
    more = "" if kind == "ar_XB" else " " + "·" * max(1, round(len(text) * LONGER))
    return f"{OPEN}{''.join(parts)}{more}{CLOSE}"


def _study_in(kind: str, thing: Any) -> Any:
    """The same study with its words said so: every Text of it, however deep."""
    if isinstance(thing, Text):
        return replace(thing, translations=tuple((tag, _text_in(kind, words)) for tag, words in thing.translations))
    if isinstance(thing, tuple):
        return tuple(_study_in(kind, one) for one in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        told = {one.name: getattr(thing, one.name) for one in fields(thing) if one.init}
        return replace(thing, **{name: _study_in(kind, value) for name, value in told.items()})
    return thing


def _text_in(kind: str, words: str) -> str:
    return LINE.sub(lambda line: line[1] + (said_in(kind, line[2]) if line[2] else ""), words)


def _turned(response: Response, kind: str) -> Response:
    """The page under the pseudo-language's own tag and direction."""
    if response.mimetype == "text/html" and not response.is_streamed:
        way = "ltr" if kind == "en_XA" else "rtl"
        tag = f'<html lang="{kind.replace("_", "-")}" dir="{way}"'
        response.set_data(re.sub(r'<html lang="[\w-]+" dir="\w+"', tag, response.get_data(as_text=True), count=1))
    return response
