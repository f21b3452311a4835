"""The headers of every answer, error pages too: a strict content policy, nothing cached that could be personal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Flask, Response, current_app, request

# What a page's script may hand to the places where text becomes code goes through one of these policies:
# static/field.js makes the worker's address, static/page.js reads a page of ours.
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types worker answer"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "manifest-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        TRUSTED_TYPES,
    )
)
# A preview is shown inside a page of the staff's, and sends nothing anywhere.
SHOWS_PREVIEW = POLICY + "; frame-src 'self'"
PREVIEW = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'").replace(
    "form-action 'self'", "form-action 'none'"
)
# Everything that a browser lets a site deny. Client hints (ch-...) are not among it: no answer asks for them.
DENIED = (
    "accelerometer", "aria-notify", "autoplay", "browsing-topics", "camera", "captured-surface-control",
    "clipboard-read", "compute-pressure", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal",
    "digital-credentials-create", "digital-credentials-get", "display-capture", "encrypted-media", "fullscreen",
    "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "keyboard-map",
    "language-detector", "language-model", "local-fonts", "local-network", "local-network-access", "loopback-network",
    "magnetometer", "media-playback-while-not-visible", "microphone", "midi", "on-device-speech-recognition",
    "otp-credentials", "payment", "picture-in-picture", "private-state-token-issuance",
    "private-state-token-redemption", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "speaker-selection", "storage-access", "summarizer", "sync-xhr", "translator",
    "unload", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")
# A receipt is copied to the clipboard when its button is pressed.
ALLOWED = "clipboard-write=(self)"
EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
ALONE = {"Cross-Origin-Resource-Policy": "same-origin"}
# A page stands alone: no other site's window can hold it, and it takes in nothing of another site.
PAGE = EVERYWHERE | ALONE | {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join([*(f"{name}=()" for name in DENIED), ALLOWED]),
}  # fmt: skip
STAFF_MAY = PAGE["Permissions-Policy"]
for _name in PASSKEYS:
    STAFF_MAY = STAFF_MAY.replace(f"{_name}=()", f"{_name}=(self)")
# A page that can be listened to plays what it has fetched, and nothing from any address.
PLAYS = "; media-src blob:"
# Chromium stops every sound that stands in no visible element of the page, unless the page may play so.
_UNSEEN = "media-playback-while-not-visible=({})"
MAY_PLAY = PAGE["Permissions-Policy"].replace(_UNSEEN.format(""), _UNSEEN.format("self"))
# What is no page shows nothing and asks for nothing, wherever it is put.
NO_PAGE = EVERYWHERE | ALONE | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
# What a server itself refuses, before the app is asked.
REFUSAL = NO_PAGE | {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
# A static file is fetched often over bad networks, so it carries no more than has an effect on it. It links to nothing,
# and what it asks for (a module another) is asked for under the page's own policy.
STATIC = ALONE | {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
# The worker fetches what it keeps, and may do nothing else.
WORKER = "default-src 'none'; connect-src 'self'"
# Two years, and not for names below this one: they may belong to others. A browser that is shown an IP address, or
# that comes without TLS, ignores it (RFC 6797, sections 8.1 and 8.1.1).
STRICT_TRANSPORT = "max-age=63072000"
# Changes with any of these. What a browser kept of a page holds its headers too, so it has to be told when they change.
MARK = hashlib.sha256(repr((PAGE, NO_PAGE, WORKER)).encode()).hexdigest()[:16]
# Who signs out leaves no page behind that the Back button could show. Storage stays: sealed visits wait there.
# Where keys are made, no page shows with Back what the one before was given: a browser may keep pages whole in memory.
KEYS = ("holder", "turn", "sheets", "prove", "finish", "done", "passphrase")
FORGETS_PAGES = ("office.sign_out", "desk.close", *(f"desk.keys_{name}" for name in KEYS), "desk.identity_locked")


def harden(app: Flask) -> None:
    """Set the headers on every answer of this app."""
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    is_file = request.endpoint == "static" and response.status_code == 200 and request.method in ("GET", "HEAD")
    if is_file:
        # Its address names its content, so nobody needs to ask again whether it has changed.
        for name in ("ETag", "Last-Modified", "Content-Disposition", "Expires", "Accept-Ranges"):
            response.headers.pop(name, None)
    for name, value in _headers_of(response, is_file):
        response.headers.setdefault(name, value)
    # What does not say that everybody may keep it is never kept: no page with Back, no download in a browser's files.
    if not response.cache_control.public:
        response.headers["Cache-Control"] = "no-store"
    return response


def _headers_of(response: Response, is_file: bool) -> Iterator[tuple[str, str]]:
    if response.status_code == 304:
        # The browser has the page and its headers: MARK is part of the tag that it asked with.
        return
    is_page = response.mimetype == "text/html"
    if is_page and request.blueprint == "office":
        yield "Permissions-Policy", STAFF_MAY
    if request.endpoint in FORGETS_PAGES:
        yield "Clear-Site-Data", '"cache"'
    if request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]:
        yield "Strict-Transport-Security", STRICT_TRANSPORT
    yield from (STATIC if is_file else PAGE if is_page else NO_PAGE).items()
