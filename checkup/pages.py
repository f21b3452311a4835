"""What a page would load, run, send and lead to, read from its HTML alone. Runs nothing and fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

CODE_LINKS = {"stylesheet", "modulepreload", "preload", "prefetch", "prerender", "serviceworker", "import"}
LOADING = ("src", "href", "xlink:href", "data", "poster", "background", "cite", "data-worker")
SENDING = ("action", "formaction")
# A link is followed only when a person follows it, and a page of another site then stands alone.
FOLLOWED = ("a", "area")
# A script inside one of these is text, or belongs to another tree: it does not run as one of ours does.
INERT = ("template", "noscript", "textarea", "title", "xmp", "noembed", "noframes", "plaintext", "svg", "math")
# How our own pages load code. With another word in the tag a browser might leave it out, or run it otherwise.
SCRIPT, LINK = {"type", "src"}, {"rel", "href"}
A_TAG = re.compile(r"<[a-zA-Z]")


@dataclass
class Loads:
    """What one page loads: scripts and styles, other addresses, links to follow, forms, and what must not be there.

    Code and forms are pairs: how it is loaded or sent, and the whole address.
    """

    code: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


@lru_cache(maxsize=1000)  # each page is asked about five times, and nobody changes what is told
def loads_of(html: str, address: str) -> Loads:
    """Everything that this page loads, as whole addresses."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    # A tag that a browser might see and this reader did not is as bad as one that stands there openly.
    if len(A_TAG.findall(html)) != reader.tags:
        reader.loads.forbidden.append("a tag in a place where none can be")
    return reader.loads


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.loads, self.tags = address, Loads(), 0
        self._inside = ""
        self._open = dict.fromkeys(INERT, 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        given: dict[str, str] = {}
        for name, value in attrs:
            given.setdefault(name, value or "")  # of two that are equal a browser takes the first
        if len(given) != len(attrs):
            self.loads.forbidden.append(f"two equal attributes on <{tag}>")
        self._refuse(tag, given)
        self._send(tag, given)
        if tag in ("script", "style"):
            self._inside = tag
        if tag in self._open:
            self._open[tag] += 1
        self._load(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if self._open.get(tag):
            self._open[tag] -= 1

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.loads.forbidden.append(f"{self._inside} written into the page: {data.strip()[:60]!r}")

    def _load(self, tag: str, given: dict[str, str]) -> None:
        rels = set(given.get("rel", "").lower().split())
        for name in LOADING:
            if given.get(name):
                address = urljoin(self.address, given[name].strip())
                if tag in FOLLOWED and name == "href":
                    self.loads.links.append(address)
                elif how := _how(tag, name, rels):
                    self._code(tag, how, address, given)
                else:
                    self.loads.others.append(address)

    def _code(self, tag: str, how: str, address: str, given: dict[str, str]) -> None:
        self.loads.code.append((how, address))
        plain = {"script": SCRIPT, "link": LINK}.get(tag)
        if plain and (set(given) != plain or (tag == "script" and given["type"] != "module")):
            self.loads.forbidden.append(f"<{tag}> of another making than ours, for {address}")
        if any(self._open.values()):
            self.loads.forbidden.append(f"<{tag}> where it does not act, for {address}")

    def _send(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            told = given.get("method", "get").strip().lower(), given.get("action", "")
        elif {"formaction", "formmethod"} & set(given):
            told = f"button {given.get('formmethod', '')}".strip(), given.get("formaction", "")
        else:
            return
        self.loads.forms.append((told[0], urljoin(self.address, told[1].strip())))

    def _refuse(self, tag: str, given: dict[str, str]) -> None:
        told = [f"{name} on <{tag}>" for name in given if name.startswith("on") or name in ("style", "srcdoc")]
        codes = [name for name, value in given.items() if name in LOADING + SENDING and _is_code(value)]
        told += [f"a script in {name} of <{tag}>" for name in codes]
        if tag in ("base", "iframe", "frame", "object", "embed", "applet", "portal"):
            told.append(f"<{tag}>")
        if tag == "meta" and given.get("http-equiv", "").lower() in ("refresh", "set-cookie"):
            told.append(f"<meta http-equiv={given['http-equiv']!r}>")
        if "srcset" in given or "imagesrcset" in given:
            told.append(f"srcset on <{tag}>")
        self.loads.forbidden += told


def _how(tag: str, name: str, rels: set[str]) -> str:
    """In which way this attribute loads code; empty where it loads none."""
    if tag == "script":
        return "script"
    if name == "data-worker":
        return "worker"
    if tag == "link" and rels & CODE_LINKS:
        return " ".join(sorted(rels))
    return ""


def _is_code(address: str) -> bool:
    plain = "".join(address.split()).lower()
    return urlsplit(plain.replace("\0", "")).scheme in ("javascript", "vbscript", "data", "blob")
