"""Whether every answer of a site carries the headers that this version sets, and nothing personal is ever kept.

What a browser might read otherwise than a checkup (another charset, an unknown packing) is told here of every answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from checkup.answers import Answer
from checkup.client import Site
from checkup.findings import Finding, told
from checkup.kinds import LISTENED, kind_of
from checkup.walk import Visited
from views import headers as ours

A_YEAR = 365 * 24 * 3600  # seconds
REMEDY = "See that the server runs this version, and that no proxy before it takes headers away or sets others."
NAME = "Strict-Transport-Security"
# Requests whose answers must never be kept by anybody: method, address.
PRIVATE = (
    ("GET", "/office/sign-in"), ("GET", "/office"), ("GET", "/no-such-page"), ("POST", "/deliveries"),
    ("GET", "/admission"), ("PUT", "/withdraw"), ("POST", "/withdraw"),
)  # fmt: skip


def check_headers(site: Site, visited: Visited, files: Mapping[str, Answer], plain: bool) -> Iterator[Finding]:
    """Every header on pages, error pages, the worker, lists for devices and files."""
    private = {f"{path} ({method})": site.ask(path, method=method, body=_body(method)) for method, path in PRIVATE}
    others = {path: site.ask(path) for path in ("/worker.js", "/manifest.webmanifest", "/keyring.json")}
    yield from _headers("headers of pages", site, {**visited, **private}, plain)
    yield from _headers("headers of the rest", site, others | dict(files), plain)
    kept = {path: answer for path, answer in private.items() if answer.headers.get("Cache-Control") != "no-store"}
    problems = {"may be kept by a browser or a proxy": list(kept)} if kept else {}
    yield from told("nothing personal is kept", problems, f"no-store on {len(private)} private answers.", REMEDY)


def _body(method: str) -> bytes | None:
    return b"" if method == "POST" else None


def _headers(about: str, site: Site, answers: Mapping[str, Answer], plain: bool) -> Iterator[Finding]:
    problems: defaultdict[str, list[str]] = defaultdict(list)
    for path, answer in answers.items():
        for problem in (*answer.faults, *_wrong_with(site, path, answer, plain)):
            problems[problem].append(path)
    yield from told(about, problems, f"{len(answers)} answers carry every header as it should be.", REMEDY)


def _wrong_with(site: Site, path: str, answer: Answer, plain: bool) -> Iterator[str]:
    for name, wanted in expected_of(path, answer).items():
        found = answer.headers.get_all(name, [])
        # A visit's form may be sent nowhere, save where the study has chosen the plain path.
        either = {wanted, *_playing(name, wanted)} if kind_of(path) in LISTENED else {wanted}
        nowhere = {one.replace("form-action 'self'", "form-action 'none'") for one in either}
        allowed = nowhere if kind_of(path) == "visit" else either
        if not found:
            yield f"no {name}"
        elif len(found) > 1 or found[0] not in allowed | (either if plain else set()):
            yield f"another {name}: {found[0][:80]}"
    if site.scheme == "https" and _seconds(answer.headers.get(NAME, "")) < A_YEAR:
        yield f"no {NAME} of a year or more"


def _playing(name: str, wanted: str) -> Iterator[str]:
    """What a header is on a page that can be listened to, where the study has recordings."""
    if name == "Content-Security-Policy":
        yield wanted + ours.PLAYS
    if name == "Permissions-Policy":
        yield ours.MAY_PLAY


def expected_of(path: str, answer: Answer) -> Mapping[str, str]:
    """The headers that this answer must carry, as views/headers.py sets them."""
    if answer.kind == "text/html":
        return ours.PAGE | ({"Permissions-Policy": ours.STAFF_MAY} if path.startswith("/office") else {})
    if path == "/worker.js":
        return ours.NO_PAGE | {"Content-Security-Policy": ours.WORKER}
    return ours.STATIC if path.startswith("/static/") and answer.status == 200 else ours.NO_PAGE


def _seconds(value: str) -> int:
    ages = (part.strip().lower().removeprefix("max-age=") for part in value.split(";") if "max-age=" in part.lower())
    return next((int(age) for age in ages if age.isdigit()), 0)
