"""What a page would load and run, read from its HTML alone. Runs nothing and fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

CODE_LINKS = {"stylesheet", "modulepreload", "preload", "prefetch", "prerender", "serviceworker", "import"}
LOADING = ("src", "href", "xlink:href", "data", "poster", "background", "action", "formaction", "cite", "data-worker")
# A link is followed only when a person follows it, and a page of another site then stands alone.
FOLLOWED = ("a", "area")


@dataclass
class Loads:
    """What one page loads: scripts and styles, other addresses, links to follow, and what must not be there at all."""

    code: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


def loads_of(html: str, address: str) -> Loads:
    """Everything that this page loads, as whole addresses."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    # A script tag that a browser might see and this reader did not is as bad as one that stands there openly.
    if html.lower().count("<script") != reader.scripts or html.lower().count("<style") != reader.styles:
        reader.loads.forbidden.append("a script or style tag in a place where none can be")
    return reader.loads


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.loads, self.scripts, self.styles = address, Loads(), 0, 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._refuse(tag, given)
        if tag in ("script", "style"):
            self._inside = tag
            self._count(tag, given)
            return
        rels = set(given.get("rel", "").lower().split())
        for name in LOADING:
            if given.get(name):
                self._sort(tag, name, rels, urljoin(self.address, given[name].strip()))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.loads.forbidden.append(f"{self._inside} written into the page: {data.strip()[:60]!r}")

    def _count(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style":
            self.styles += 1
            return
        self.scripts += 1
        source = given.get("src") or given.get("href") or given.get("xlink:href")
        if source:
            self.loads.code.append(urljoin(self.address, source.strip()))

    def _sort(self, tag: str, name: str, rels: set[str], address: str) -> None:
        if tag in FOLLOWED and name == "href":
            self.loads.links.append(address)
        elif (tag == "link" and rels & CODE_LINKS) or name == "data-worker":
            self.loads.code.append(address)
        else:
            self.loads.others.append(address)

    def _refuse(self, tag: str, given: dict[str, str]) -> None:
        told = [f"{name} on <{tag}>" for name in given if name.startswith("on") or name in ("style", "srcdoc")]
        codes = [name for name, value in given.items() if name in LOADING and _is_code(value)]
        told += [f"a script in {name} of <{tag}>" for name in codes]
        if tag in ("base", "iframe", "frame", "object", "embed", "applet", "portal"):
            told.append(f"<{tag}>")
        if tag == "meta" and given.get("http-equiv", "").lower() in ("refresh", "set-cookie"):
            told.append(f"<meta http-equiv={given['http-equiv']!r}>")
        if "srcset" in given or "imagesrcset" in given:
            told.append(f"srcset on <{tag}>")
        self.loads.forbidden += told


def _is_code(address: str) -> bool:
    plain = "".join(address.split()).lower()
    return urlsplit(plain.replace("\0", "")).scheme in ("javascript", "vbscript", "data", "blob")
