"""Compare what a site serves with a signed manifest, byte by byte: its files and its worker."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from checkup.answers import Answer
from checkup.client import Site
from checkup.findings import Finding, judged, told, unseen, wrong
from checkup.manifest import WORKER, AssetManifest, sha256
from checkup.walk import Visited, loads_at, own_path
from errors import EnvelopeError
from privacy.keys import Keyring

STATIC = re.compile(r"/static/([0-9a-f]{16})/(.+)")
WORKER_ADDRESS, KEYRING_ADDRESS = "/worker.js", "/keyring.json"
HEAD = re.compile(rb"const KEPT = (\{[^\n]*\});\n")
ALARM = (
    "Stop collecting on this site. Save what you saw, check from another place too, and tell the team and the ethics "
    "board: somebody has changed what people's devices run, or an update was put in place without a manifest."
)
OTHER_VERSION = (
    "Ask the team for the manifest of the version that is served, signed with the same key. If they put no such "
    "version in place, stop collecting: somebody else has."
)
TYPES = {".js": "text/javascript", ".css": "text/css"}
Files = Mapping[str, Mapping[str, Answer]]  # by the version in their address, then by name
# What a group has pages of, as the worker's patterns name them.
OF_GROUPS = r"/\((?:visit|cards|sheet|easy-read|\|)+\)/\([^()]*\)"


def served_files(site: Site, manifest: AssetManifest, visited: Visited) -> Files:
    """Every file of the manifest as the site serves it, in each version that its pages name."""
    return {version: dict(_served(site, manifest, version)) for version in sorted(_versions(site, visited))}


def check_assets(site: Site, manifest: AssetManifest, files: Files) -> Iterator[Finding]:
    """Everything about bytes."""
    versions = set(files)
    yield judged(
        versions == {manifest.assets},
        "version of the files",
        f"The site serves assets {', '.join(sorted(versions)) or 'of no version'}; "
        f"the manifest is of {manifest.named}.",
        OTHER_VERSION,
    )
    for version, served in files.items():
        yield from _files(manifest, version, served)
    yield from _worker(manifest, site.ask(WORKER_ADDRESS))


def is_signed(own: str | None, manifest: AssetManifest) -> bool:
    """Whether this own address names a file of the manifest."""
    found = STATIC.fullmatch(own or "")
    return own == WORKER_ADDRESS or bool(found and found[2] in manifest.files)


def _versions(site: Site, visited: Visited) -> set[str]:
    pages = [loads_at(site, path, answer) for path, answer in visited.items() if answer.kind == "text/html"]
    named = [address for loads in pages for address in (*(one for _, one in loads.code), *loads.others)]
    paths = (own_path(site, address) or "" for address in named)
    return {found[1] for path in paths if (found := STATIC.fullmatch(path))}


def _served(site: Site, manifest: AssetManifest, version: str) -> Iterator[tuple[str, Answer]]:
    for name in manifest.files:
        yield name, site.ask(f"/static/{version}/{name}")


def _files(manifest: AssetManifest, version: str, served: Mapping[str, Answer]) -> Iterator[Finding]:
    problems: defaultdict[str, list[str]] = defaultdict(list)
    for name, answer in served.items():
        if answer.status != 200:
            problems[f"not served (answered with {answer.status})"].append(name)
        elif sha256(answer.body) != manifest.files[name]:
            problems["other bytes than were signed"].append(name)
        elif not _has_type(name, answer):
            problems[f"served as {answer.kind}"].append(name)
    yield from told(f"files of {version}", problems, f"All {len(served)} have exactly the signed bytes.", ALARM)


def _has_type(name: str, answer: Answer) -> bool:
    wanted = next((kind for end, kind in TYPES.items() if name.endswith(end)), answer.kind)
    return answer.kind == wanted


def _worker(manifest: AssetManifest, answer: Answer) -> Iterator[Finding]:
    head = HEAD.match(answer.body)
    fixed = answer.body[head.end() :] if head else answer.body
    signed = answer.status == 200 and head is not None and sha256(fixed) == manifest.files[WORKER]
    found = "Its script is the signed one." if signed else f"Not the signed script (answered with {answer.status})."
    yield judged(signed, "service worker", found, ALARM)
    strange = list(_strangers(manifest, head[1])) if head else []
    if signed:
        yield judged(
            not strange,
            "what the worker keeps",
            f"It is told to keep {', '.join(strange[:5])}." if strange else "Signed files and public pages only.",
            ALARM,
        )


def _strangers(manifest: AssetManifest, data: bytes) -> Iterator[str]:
    """What the worker is told to keep that is no signed file and no public page."""
    try:
        kept = json.loads(data)
        addresses, patterns = [*kept["assets"], *kept["first"]], [*kept["pages"], *kept["free"]]
    except (ValueError, KeyError, TypeError):
        yield "something that is no list"
        return
    known = {KEYRING_ADDRESS, "/manifest.webmanifest", "/away"}
    yield from (str(one) for one in addresses if one not in known and not is_signed(str(one), manifest))
    public = re.compile(rf"{OF_GROUPS}|/|/withdraw|/visit/done|/visit/agreed|/support|/away|/tablet")
    yield from (str(one) for one in patterns if not public.fullmatch(str(one)))


def check_keyring(site: Site, expected: bytes | None) -> Finding:
    """The public keys that devices seal to. Others in their place would let others read."""
    about = "keys that devices seal to"
    answer = site.ask(KEYRING_ADDRESS)
    try:
        ring = Keyring.from_json(answer.body)
    except EnvelopeError:
        return wrong(about, f"No keyring that can be read (answered with {answer.status}).", "Ask the administrator.")
    if expected is None:
        remedy = "Compare them with the words at the desk, or give the desk's file: --keyring keyring.json"
        return unseen(about, f"Not compared. Their words: {' '.join(ring.words)}", remedy)
    same = ring.to_json() == expected
    return judged(same, about, "The desk's." if same else "Other keys than the desk's.", ALARM)
