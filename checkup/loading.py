"""Whether each page loads, sends and leads to exactly what the signed manifest says of its kind, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from checkup.answers import Answer
from checkup.assets import ALARM, STATIC, WORKER_ADDRESS, is_signed
from checkup.client import Site
from checkup.findings import Finding, told, unseen, well
from checkup.kinds import CHANGED, LISTENED, LISTENING, PLAIN, TYPED, UNSEALED, kind_of
from checkup.manifest import WORKER, AssetManifest
from checkup.pages import Loads
from checkup.walk import Visited, loads_at, own_path

PLAIN_PATH = (
    "Ask the team whether this study takes visits without script (its Health page says so too). If it does, give "
    "--plain. If not, stop collecting: answers can be read on the server before they are sealed."
)
# What pages name beside pages and static files, and where an address leads that shows a stranger no page of its own.
NAMED = ("/manifest.webmanifest",)
LEADS_ON = {"/office": "/office/sign-in"}


def check_pages(site: Site, manifest: AssetManifest, visited: Visited, plain: bool) -> Iterator[Finding]:
    """Everything about the pages. `plain`: this study has chosen to take visits without script."""
    problems: defaultdict[str, list[str]] = defaultdict(list)
    for path, answer in visited.items():
        for problem in _wrong_with(site, manifest, path, answer):
            problems[problem].append(path)
    visits = [path for path in visited if kind_of(path) == "visit"]
    if not visits:
        problems["the start page leads to no visit, so none was looked at"].append("/")
    good = f"{len(visited)} pages, {len(visits)} of them visits: exactly the signed files, each where it belongs."
    yield from told("what the pages load", problems, good, ALARM)
    yield from _plain_path(site, visited, plain)
    yield from _where_they_lead(site, visited)


def _wrong_with(site: Site, manifest: AssetManifest, path: str, answer: Answer) -> Iterator[str]:
    if answer.status != 200 or answer.kind != "text/html":
        yield f"answered with {answer.status} and no page"
        return
    if answer.faults:
        yield from answer.faults  # whatever else were found, a browser might find otherwise
        return
    loads = loads_at(site, path, answer)
    yield from loads.forbidden
    for header in ("Link", "Refresh", "SourceMap", "Speculation-Rules"):
        if header in answer.headers:
            yield f"a header {header}, which can load or lead elsewhere"
    for _, address in loads.code:
        if not is_signed(own_path(site, address), manifest):
            yield f"loads {address}, which the manifest does not name"
    for address in loads.others:
        own = own_path(site, address)
        if own not in NAMED and not is_signed(own, manifest):
            yield f"names {address}, which is not this site's or not signed"
    yield from _other_than_its_kind(site, manifest, path, loads)


def _other_than_its_kind(site: Site, manifest: AssetManifest, path: str, loads: Loads) -> Iterator[str]:
    kind = kind_of(path, site.has_name)
    wanted = set(manifest.pages.get(kind, ()))
    found = {f"{how} {_named(site, address)}" for how, address in loads.code} | set(_forms(site, path, loads))
    if kind == "visit" and PLAIN in found:
        wanted = wanted - {TYPED} | {PLAIN}  # told of on its own
    if kind in LISTENED and found >= LISTENING:
        found -= LISTENING  # a study may have recordings; its pages then load these signed files, too
    if kind == "withdraw":
        found.discard(CHANGED)  # told of on its own
    yield from (f"lacks what belongs there: {one}" for one in sorted(wanted - found))
    yield from (f"has what does not belong there: {one}" for one in sorted(found - wanted))


def _named(site: Site, address: str) -> str:
    own = own_path(site, address)
    found = STATIC.fullmatch(own or "")
    return found[2] if found else WORKER if own == WORKER_ADDRESS else address


def _forms(site: Site, path: str, loads: Loads) -> Iterator[str]:
    for way, address in loads.forms:
        bare = (own_path(site, address) or address).split("?")[0]
        yield f"form {way}" + ("" if way == "dialog" else " here" if bare == path.split("?")[0] else f" {bare}")


def _plain_path(site: Site, visited: Visited, plain: bool) -> Iterator[Finding]:
    about = "plain path"
    kinds = {path: UNSEALED.get(kind_of(path), "") for path in visited}
    posting = [path for path, way in kinds.items() if way in _forms(site, path, loads_at(site, path, visited[path]))]
    if posting and plain:
        yield well(about, "On, as --plain says: without script, answers reach the server before they are sealed.")
        return
    problems = {"On: a visit's page can send answers before they are sealed": posting} if posting else {}
    needless = " Leave out --plain here." if plain else ""
    yield from told(about, problems, f"Off: a visit's page has no form that sends.{needless}", PLAIN_PATH)


def _where_they_lead(site: Site, visited: Visited) -> Iterator[Finding]:
    links = [(path, link) for path, answer in visited.items() for link in _links(site, path, answer)]
    problems: defaultdict[str, list[str]] = defaultdict(list)
    for path, link in links:
        own = own_path(site, link)
        if own is not None and own not in visited and own not in LEADS_ON:
            problems[f"leads to {own}, which was not looked at"].append(path)
    for own, wanted in LEADS_ON.items():
        answer = site.ask(own)
        to = own_path(site, urljoin(site.origin + own, answer.headers.get("Location", ""))) or ""
        if answer.status not in (302, 303) or to.split("?")[0] != wanted:
            problems[f"{own} does not lead to {wanted}"].append(f"answered with {answer.status}")
    good = "Every link to this site leads to a page that was looked at."
    yield from told("where the pages lead", problems, good, ALARM)
    yield from _elsewhere(site, {link for _, link in links})


def _elsewhere(site: Site, links: set[str]) -> Iterator[Finding]:
    others = sorted(one for one in links if own_path(site, one) is None and urlsplit(one).scheme in ("http", "https"))
    if others:
        found = f"Links to other sites: {', '.join(others[:5])}."
        remedy = "Ask the team whether they belong there. What stands there was not looked at."
        yield unseen("other sites", found, remedy)


def _links(site: Site, path: str, answer: Answer) -> list[str]:
    return loads_at(site, path, answer).links if answer.kind == "text/html" else []
