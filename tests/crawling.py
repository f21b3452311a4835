"""Walk every page of the field app as some role, and send attacks into every field of every form found on the way.

Driven by what the app itself offers: its table of routes, the links and forms of its pages, the parameters views read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from tests.attack_strings import ATTACKS, MARK, NEVER, files

VIEWS = Path(__file__).parents[1] / "views"
TOKEN = "csrf_token"
LANGUAGE = re.compile("[?&]lang=[a-z]+")
REDIRECTS = ("next", "url", "return", "to", "redirect")  # no view reads one; that none begins to is what is tried
READ = 1200  # characters of a query; an address may have 2,000
SMALL = 12  # fields of a form whose page is quickly made
CLEAN = {200, 201, 204, 206, 303, 304, 308, 400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429, 503}


@dataclass
class Form:
    """A form of a page: where it goes, and each of its fields with what stands in it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)

    @property
    def mark(self) -> tuple[str, str, tuple[str, ...]]:
        """The same for forms that differ in what stands in them only."""
        names = sorted(re.sub(r"\d+", "#", name) for name in (*self.fields, *self.uploads))
        return self.method, urlsplit(self.action).path, tuple(dict.fromkeys(names))


class Page(HTMLParser):
    """The links and forms of a page. `address`: where it was found."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.links, self.forms = address, list[str](), list[Form]()
        self.select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urljoin(self.address, told.get("action", "") or self.address)
            self.forms.append(Form(action, told.get("method", "get").lower()))
        elif tag in ("a", "iframe") and (told.get("href") or told.get("src")):
            self.links.append(urljoin(self.address, told.get("href") or told["src"]).partition("#")[0])
        elif self.forms:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        form, name = self.forms[-1], told.get("name", "")
        if tag == "select":
            self.select = name
            form.fields[name] = ""
        elif tag == "option" and self.select and ("selected" in told or not form.fields[self.select]):
            form.fields[self.select] = told.get("value", "")
        elif tag in ("input", "textarea", "button") and name:
            if told.get("type") == "file":
                form.uploads.append(name)
            else:
                form.fields.setdefault(name, told.get("value", ""))


@dataclass
class Crawler:
    """One role's walk. `wrong` tells each answer that was not clean, with what was sent."""

    client: FlaskClient
    step: int = 1  # of so many attacks one is tried in each field of a larger form, and at each address
    attacked: int = 0  # forms
    wrong: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    forms: dict[object, Form] = field(default_factory=dict)

    def walk(self) -> None:
        """Visit every route that can be asked for, and every link of ours on the pages found there.

        With a `step` a page is visited once, in one of the languages that there are.
        """
        waiting, times = ["/", "/office", *self.addresses()], Counter[str]()
        while waiting:
            # From here and there, so that the languages take turns.
            address = waiting.pop(7 * len(self.visited) % len(waiting))
            page = LANGUAGE.sub("", address)
            if address in self.visited or (self.step > 1 and times[page]):
                continue
            self.visited.add(address)
            times[page] += 1
            answer = self.ask("GET", address)
            if answer.mimetype == "text/html":
                shown = Page(address, answer.text)
                waiting += [link for link in shown.links if link.startswith("/") and not link.startswith("/static")]
                for form in shown.forms:
                    self.forms.setdefault(form.mark, form)

    def addresses(self) -> Iterator[str]:
        """An address for every route that answers GET; what stands for a variable part is no such thing."""
        for rule in self.client.application.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                yield re.sub(r"<[^>]*>", "nothing", rule.rule)

    def attack_addresses(self, start: int = 0) -> None:
        """Attacks as every parameter that a view reads and in every variable part of an address."""
        names = sorted(parameters())
        for rule in self.client.application.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            for said in islice(rotated(names), start % self.step, None, self.step):
                part = quote(next(iter(said.values())).encode("utf-8", "surrogatepass")[:300], safe="/")
                for query in queries(said):
                    self.ask("GET", f"{re.sub(r'<[^>]*>', part.replace(chr(92), ''), rule.rule)}?{query}")

    def attack_headers(self, address: str) -> None:
        """Attacks in what every browser sends of itself."""
        names = [
            "Accept-Language",
            "Referer",
            "Cookie",
            "If-None-Match",
            "X-Forwarded-Host",
            "X-Forwarded-For",
            "Range",
        ]
        for said in rotated(names):
            clean = {name: re.sub(r"[^\x20-\xff]", "?", value)[:2000] for name, value in said.items()}
            self.ask("GET", address, headers=clean)
        for host in (f"{MARK}.example", f"localhost:80@{MARK}.example", f"{MARK}.example:x"):
            self.ask("GET", address, headers={"Host": host})

    def attack(self, form: Form) -> None:
        """Attacks in every field: all at once, each field with another one; then one field alone in its turn.

        Of a small form's, one of half of `step` is sent; the form after it begins with another one.
        """
        names = [name for name in form.fields if name != TOKEN]
        step = self.step if len(names) > SMALL else max(self.step // 2, 1)
        for said in islice(rotated(names), self.attacked % step, None, step):
            self.send(form, said)
        self.attacked += 1
        for name, value in zip(names, cycle(ATTACKS.values()), strict=False) if len(names) <= SMALL else ():
            self.send(form, {name: value})
        self.send(form, {TOKEN: ATTACKS["html"]} if TOKEN in form.fields else {})
        for name in form.uploads:
            for told in files().values():
                self.send(form, {}, {name: told})

    def send(self, form: Form, said: dict[str, str], uploads: dict[str, tuple[str, bytes]] | None = None) -> None:
        """The form with these fields changed."""
        filled = form.fields | said
        if form.method == "get":
            for query in queries(filled):
                self.ask("GET", f"{urlsplit(form.action).path}?{query}")
        elif form.uploads:
            told = {name: value.encode("utf-8", "surrogatepass").decode("latin-1") for name, value in filled.items()}
            given = {name: FileStorage(BytesIO(data), named) for name, (named, data) in (uploads or {}).items()}
            self.ask("POST", form.action, data={**told, **given}, content_type="multipart/form-data")
        else:
            body = "&".join(f"{quote_plus(name)}={encoded(value)}" for name, value in filled.items())
            self.ask("POST", form.action, data=body, content_type="application/x-www-form-urlencoded")

    def attack_hidden(self) -> None:
        """Attacks on every route that takes a POST, whether or not a page has a form for it."""
        names = sorted({name for form in self.forms.values() for name in form.fields} - {TOKEN})[:40]
        token = next((form.fields[TOKEN] for form in self.forms.values() if TOKEN in form.fields), "")
        for rule in self.client.application.url_map.iter_rules():
            if "POST" in (rule.methods or ()) and not rule.endpoint.endswith("sign_out"):
                form = Form(
                    re.sub(r"<[^>]*>", "young_person", rule.rule), "post", dict.fromkeys(names, "") | {TOKEN: token}
                )
                for said in islice(rotated(names), 0, None, 2 * max(self.step // 2, 4)):
                    self.send(form, said)
                self.ask("POST", form.action, json={name: ["<" + MARK, {"a": None}] for name in names[:3]})

    def ask(self, method: str, address: str, **told: object) -> TestResponse:
        """Ask, and look at the answer with distrust."""
        answer = self.client.open(address, method=method, **told)
        sent = str(told.get("data") or told.get("headers") or "")[:300]
        self.wrong += [f"{method} {address[:200]} {sent}: {what}" for what in faults(answer)]
        return answer


def faults(answer: TestResponse) -> Iterator[str]:
    """What is not clean about an answer."""
    if answer.status_code not in CLEAN:
        yield f"answered {answer.status_code}"
    if answer.mimetype in ("text/html", "text/plain"):
        yield from (f"shows {never!r}" for never in NEVER if never in answer.text)
    location = answer.headers.get("Location", "/")
    if urlsplit(location).netloc not in ("", "localhost") or location.startswith(("//", "/\\")):
        yield f"leads to {location!r}"
    sent = [(name, value) for name, value in answer.headers if name != "Location"]  # a redirect may keep its query
    if any(MARK in f"{name}{value}".lower() or "\n" in value or "\r" in value for name, value in sent):
        yield f"has what was sent in its headers: {answer.headers}"
    yield from _unprotected(answer)


def _unprotected(answer: TestResponse) -> Iterator[str]:
    policy = answer.headers.get("Content-Security-Policy", "")
    frames = "'self'" if answer.request.path.endswith("/previewed") and answer.status_code == 200 else "'none'"
    if answer.mimetype == "text/html" and f"frame-ancestors {frames}" not in policy:
        yield f"may be framed: {policy!r}"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "lets its kind be guessed"
    for cookie in answer.headers.getlist("Set-Cookie"):
        if not {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}:
            yield f"sets a cookie that others could use: {cookie.partition('=')[0]}"


def parameters() -> set[str]:
    """The query parameters that any view reads, and those that lead elsewhere in careless apps."""
    source = "".join(path.read_text("utf-8") for path in VIEWS.rglob("*.py"))
    return {*re.findall(r'request\.args(?:\.get\(|\[)"([^"]+)"', source), *REDIRECTS}


def rotated(names: list[str]) -> Iterator[dict[str, str]]:
    """As many sayings as there are attacks: each field has each attack once, and another one than its neighbour."""
    attacks = list(ATTACKS.values())
    for turn in range(len(attacks)):
        yield {name: attacks[(turn + place) % len(attacks)] for place, name in enumerate(names)}


def queries(said: dict[str, str]) -> Iterator[str]:
    """These as few queries that are short enough to be read, and the longest values as such that are too long."""
    query = ""
    for name, value in said.items():
        part = f"{quote_plus(name)}={encoded(value)}"
        if query and len(query) + len(part) > READ:
            yield query
            query = ""
        query += f"&{part}" if query else part
    yield query


def encoded(value: str) -> str:
    """As a browser would send it, and a lone surrogate as the bytes that no browser sends."""
    return quote_plus(value.encode("utf-8", "surrogatepass"))
