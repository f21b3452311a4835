"""The headers of every answer, error pages too: a strict content policy, nothing cached that could be personal."""

from __future__ import annotations

from flask import Flask, Response, request

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
    )
)
# A preview is shown inside a page of the staff's, and sends nothing anywhere.
SHOWS_PREVIEW = POLICY + "; frame-src 'self'"
PREVIEW = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'").replace(
    "form-action 'self'", "form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


# A static file is no page: it shows nothing, asks for nothing, and is fetched often over bad networks.
STATIC = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def harden(app: Flask) -> None:
    """Set the headers on every answer of this app."""
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    is_file = request.endpoint == "static" and response.status_code == 200
    if is_file:
        # Its address names its content, so nobody needs to ask again whether it has changed.
        for name in ("ETag", "Last-Modified", "Content-Disposition", "Expires", "Accept-Ranges"):
            response.headers.pop(name, None)
    for name, value in (STATIC if is_file else HEADERS).items():
        response.headers.setdefault(name, value)
    # What does not say that it may be kept is never kept.
    response.headers.setdefault("Cache-Control", "no-store")
    return response
