"""Go the public way as a participant would: from the start page to every page that it leads to, and what they load."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

from checkup.answers import Answer
from checkup.client import Site
from checkup.kinds import kind_of
from checkup.pages import Loads, loads_of

# Pages that hang together by links or by script. The staff's page of signing in is shown to anybody, too.
BEGINNINGS = ("/", "/withdraw", "/tablet", "/support", "/away", "/visit/done", "/visit/agreed", "/office/sign-in")
MOST_PAGES = 1000  # more than any study has groups times languages times pages of a group

Visited = Mapping[str, Answer]


def walk(site: Site) -> Visited:
    """Every page of the public way, by its address below the site."""
    visited: dict[str, Answer] = {}
    waiting = deque(BEGINNINGS)
    while waiting and len(visited) < MOST_PAGES:
        path = waiting.popleft()
        if path not in visited:
            visited[path] = site.ask(path)
            waiting.extend(_further(site, visited[path], path))
    return visited


def loads_at(site: Site, path: str, answer: Answer) -> Loads:
    """What the page at this address loads."""
    return loads_of(answer.text, site.origin + path)


def own_path(site: Site, address: str) -> str | None:
    """The path and query of an address of this site; None for any other site's."""
    told = urlsplit(address)
    if f"{told.scheme}://{told.netloc}" != site.origin:
        return None
    return (told.path or "/") + (f"?{told.query}" if told.query else "")


def _further(site: Site, answer: Answer, path: str) -> list[str]:
    if answer.status != 200 or answer.kind != "text/html":
        return []
    own = [own_path(site, address) for address in loads_at(site, path, answer).links]
    return [one for one in own if one and kind_of(one)]
