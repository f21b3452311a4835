"""What a device needs without a network: the worker that keeps pages, the list of what it may keep, the manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast
from urllib.parse import quote

from flask import Response, current_app, request, url_for

from fieldwork.plan import uses_functions
from instruments.model import Instrument
from instruments.recordings import used
from instruments.sheets_to_read import sheets_of
from views.assets import version_of
from views.field.common import cacheable, language, study, tag_of
from views.headers import MARK, WORKER

# What a participant's own phone never needs, and a tablet asks for when a shift starts.
OF_A_TABLET = (
    "/tablet.css",
    "/print.js",
    "/tablet.js",
    "/newkeys.js",
    "/lots.js",
    "/slip39.js",
    "/carry.js",
    "/shift.js",
    "/easy.js",
)
# To go on with a draft, a copy of what was agreed to, what a slip is on paper: kept once somebody takes part, or a
# shift starts.
OF_A_VISIT_BEGUN = ("/agreed.js", "/page.js", "/resume.js", "/print.css")
# Kept with the page for whoever takes answers out or changes choices, once that was opened.
OF_CHANGES = ("/changing.js", "/changes.js", "/codes.js", "/send.js")
# The staff's, and the worker itself.
OF_THE_DESK = ("awake.js", "still.js", "waits.js", "words.js")
NEVER_KEPT = ("worker.js", "staff.css", *OF_THE_DESK, "clock.js", "passkey.js", "join.js", "stays.js")
# What a page fetches only where its study needs it. There it is kept at once: a visit could not begin without it.
OF_SOME_STUDIES: Mapping[str, Callable[[Instrument], bool]] = {
    "/functions.js": lambda instrument: any(uses_functions(instrument, group.name) for group in instrument.groups),
    **dict.fromkeys(("/listen.js", "/sounds.js", "/listen.css"), lambda instrument: bool(used(instrument))),
    "/capsule.js": lambda instrument: instrument.waves > 1,
}


def worker() -> Response:
    """The service worker. Its bytes change whenever anything that it keeps does, and so it renews its cache."""
    root = Path(current_app.root_path)
    script = (root / "static" / "worker.js").read_text("utf-8")
    asked = study().instrument
    unneeded = tuple(name for name, is_needed in OF_SOME_STUDIES.items() if not is_needed(asked))
    later = OF_A_TABLET + OF_A_VISIT_BEGUN + OF_CHANGES
    # Each name costs every first visit some bytes.
    needed = [address for address in _assets(root) if not address.endswith(unneeded)]
    told = {
        "cache": f"amanah-{_content_hash(root)}",
        "assets": needed,
        "first": [address for address in needed if not address.endswith(later)],
        "pages": [*_free(), "/withdraw", "/"],
        "free": _free(),
    }
    response = Response(f"const KEPT = {json.dumps(told)};\n{script}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Content-Security-Policy"] = WORKER
    response.set_etag(tag_of(response.get_data()))
    # A browser asks for it at every visit; that nothing has changed costs it a few hundred bytes.
    return cast(Response, response.make_conditional(request))


def manifest() -> Response:
    """The web app manifest, under the study's neutral title."""
    name = study().settings.neutral_title.in_language(language())
    icons = [
        {"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": url_for("static", filename="icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": url_for("static", filename="icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": url_for("static", filename="icon-maskable.png"), "sizes": "512x512", "purpose": "maskable"},
    ]
    told = {
        "name": name, "short_name": name, "id": "/", "start_url": url_for("field.tablet"), "scope": "/",
        "display": "standalone", "background_color": "#FBF8F3", "theme_color": "#FBF8F3", "lang": language(),
        "icons": icons,
    }  # fmt: skip
    response = cacheable(json.dumps(told))
    response.mimetype = "application/manifest+json"
    return response


def pages_to_keep() -> list[str]:
    """Every page that a tablet needs for a day without a network."""
    instrument = study().instrument
    pages = [url_for("field.tablet", lang=spoken) for spoken in study().languages]
    for page in ("field.done", "field.agreed"):
        pages += [url_for(page, lang=spoken) for spoken in study().languages]
    for group in instrument.groups:
        for spoken in study().languages:
            pages.append(url_for("field.visit", group=group.name, lang=spoken))
            pages.append(url_for("field.support", group=group.name, lang=spoken))
            pages.append(url_for("field.cards", group=group.name, lang=spoken))
            if sheets_of(instrument, group.name).easy:
                pages.append(url_for("field.easy_read", group=group.name, lang=spoken))
    files = [url_for("static", filename=name.removeprefix("/")) for name in OF_A_TABLET + OF_A_VISIT_BEGUN]
    return [url_for("field.tablet"), url_for("field.away"), *pages, *files]


def _free() -> list[str]:
    """Where a locked tablet may go, as patterns: pages of a visit. With two more, what may be kept at all; never a page
    of the staff's."""
    groups = "|".join(re.escape(quote(group.name)) for group in study().instrument.groups)
    of_groups = ["visit", "cards", "sheet", *(["easy-read"] if study().instrument.easy_read_version else [])]
    pages = [rf"/({'|'.join(of_groups)})/({groups})", "/visit/done", "/visit/agreed"]
    return [*pages, "/support", "/away", "/tablet"]


def _assets(root: Path) -> list[str]:
    static = root / "static"
    wanted = sorted(path for path in static.rglob("*") if path.suffix in (".js", ".css", ".svg"))
    names = [path.relative_to(static).as_posix() for path in wanted if path.name not in NEVER_KEPT]
    files = [url_for("static", filename=name) for name in names]
    return [*files, url_for("field.keyring"), url_for("field.manifest"), url_for("field.away")]


def _content_hash(root: Path) -> str:
    ring = study().keyring
    parts = (
        MARK,
        version_of(root / "static"),
        version_of(root / "templates"),
        version_of(root / "translations"),
        study().instrument.digest,
        ring.fingerprint if ring else "",
        repr(study().settings),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
