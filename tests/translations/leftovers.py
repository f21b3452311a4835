"""What a page in the pseudo-language still says in English, and where it puts sentences together. Reads HTML only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from translations.pseudo import CLOSE, OPEN

SEEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "summary", "label", "data-label")
# What stands in Latin letters on purpose: codes, words to compare, names that somebody gave, other languages.
APART = {"code", "bdi", "script", "style", "time", "svg", "option-value"}
BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "td", "th", "dt", "dd", "caption", "figcaption", "summary", "legend",
          "label", "button", "a", "div", "option", "title", "span"}  # fmt: skip
EMPTY = {"input", "br", "img", "meta", "link", "hr", "path", "rect", "line", "circle", "use", "source", "track", "wbr"}
WORD = re.compile(r"[A-Za-z]{3,}")
WHOLE = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
# Between two sentences may stand a space, a point in the middle or what was put in; no comma, and, or colon.
GLUE = re.compile(rf"{CLOSE}\s*[,;.]|{CLOSE}\s+[a-z]+\s+{OPEN}|[,;]\s*{OPEN}")


class Reading(HTMLParser):
    """The texts of a page, block by block, and its attributes that people meet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.path: list[tuple[str, bool]] = []
        self.texts: list[str] = [""]
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        apart = tag in APART or told.get("translate") == "no" or (tag != "html" and "lang" in told)
        inside = bool(self.path) and self.path[-1][1]
        if not (inside or apart):
            self.attributes += [told[name] for name in SEEN if name in told]
        if tag in BLOCKS:
            self.texts.append("")
        if tag not in EMPTY:
            self.path.append((tag, inside or apart))

    def handle_endtag(self, tag: str) -> None:
        while self.path and self.path.pop()[0] != tag:
            pass
        if tag in BLOCKS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not (self.path and self.path[-1][1]):
            self.texts[-1] += data


def leftovers(html: str, names: frozenset[str] = frozenset()) -> Iterator[str]:
    """English outside the brackets. `names`: what people or the study named, which is in no language."""
    page = Reading(html)
    for text in (*page.texts, *page.attributes):
        for word in WORD.findall(_outside(text)):
            if word not in names:
                yield f"{word!r} in {' '.join(text.split())!r}"


def joined(html: str) -> Iterator[str]:
    """Sentences that were put together from parts."""
    for text in Reading(html).texts:
        if GLUE.search(_flat(text)):
            yield " ".join(text.split())


def _flat(text: str) -> str:
    """The text with sentences that stand inside others taken into them."""
    while True:
        inner = re.sub(f"({OPEN}[^{OPEN}{CLOSE}]*){WHOLE.pattern}", r"\1", text)
        if inner == text:
            return text
        text = inner


def _outside(text: str) -> str:
    while WHOLE.search(text):
        text = WHOLE.sub(" ", text)
    return text
