"""The door for whoever watches the field app: an address of its own, which nginx never leads to.

It says whether the app lives, whether it could take in a visit, and the numbers of views/metrics.py; it keeps no log. A
line in the app's log every ten seconds would put the time beside everybody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from config import Address
from views.headers import REFUSAL
from views.metrics import KIND, Wsgi

SAYS = {200: "200 OK", 404: "404 Not Found", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}


def with_a_watch(app: Wsgi, at: Address, is_ready: Callable[[], bool], numbers: Callable[[], str]) -> Wsgi:
    """What comes in at this address goes to the watch, everything else to the app. For gunicorn, which tells where."""
    watch = _watch(is_ready, numbers)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        came_in = environ["gunicorn.socket"].getsockname()
        where = came_in if isinstance(came_in, str) else came_in[:2]
        return (watch if where == at else app)(environ, start_response)

    return answer


def _watch(is_ready: Callable[[], bool], numbers: Callable[[], str]) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        code, said = _said(environ["PATH_INFO"], environ["REQUEST_METHOD"], is_ready, numbers)
        headers = REFUSAL | {"Content-Type": KIND, "Content-Length": str(len(said))}
        start_response(SAYS[code], list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else said]

    return answer


def _said(path: str, method: str, is_ready: Callable[[], bool], numbers: Callable[[], str]) -> tuple[int, bytes]:
    if path not in ("/health/live", "/health/ready", "/metrics"):
        return 404, b""
    if method not in ("GET", "HEAD"):
        return 405, b""
    if path == "/metrics":
        return 200, numbers().encode()
    return (200, b"yes\n") if path == "/health/live" or is_ready() else (503, b"no\n")
