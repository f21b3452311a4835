"""What the app says while it runs: one line of JSON for a request, of the fields in FIELDS and nothing else.

No address, agent, path, query, body or time is in them: what a line does not hold, nobody can be made to hand over.
Whatever else prints (a server, a library, a warning, a crash) is named with how grave it was and where in the code.
"""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import time
import tomllib
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TextIO

import orjson
from flask import Flask, Response, g, request

FIELDS = ("event", "route", "method", "status", "took", "id", "version", "logger", "level", "error", "places")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
# How long it took, roughly: exact times could tell what was answered.
BUCKETS = ((0.01, "under 10 ms"), (0.1, "under 100 ms"), (1, "under 1 s"), (10, "under 10 s"))
LOG = logging.getLogger("amanah")
# The development server says once where it runs. A line of its about a request begins with an address.
BANNER = ("WARNING: This is a development server", " * Running on")


def log_requests(app: Flask) -> None:
    """Log one line for every request of this app, and give it an id that people can quote."""
    app.before_request(_begin)
    app.after_request(_end)


def log_error(error: BaseException) -> None:
    """Log an error's class and places in the code. Its message and local variables may hold what somebody typed."""
    LOG.error("error", extra={"amanah": {"event": "error", "id": g.get("request_id", "")} | _told(error)})


def log_only_this(sink: TextIO | None = None) -> None:
    """From now on this process prints our own lines, and of everybody else's no more than who said something."""
    handler = logging.StreamHandler(sink or sys.stdout)
    handler.setFormatter(OnlyOurs())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in [*root.manager.loggerDict, "werkzeug", "waitress", "gunicorn.error", "gunicorn.access"]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    LOG.setLevel(logging.INFO)
    logging.getLogger("werkzeug").addFilter(_is_banner)
    # A browser opens six connections at once: that some wait for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # A line that cannot be written is not written to another place instead.
    logging.raiseExceptions = False
    # No line says where it was logged, by which thread or process: nobody needs to find that out for each.
    logging._srcfile = None  # noqa: SLF001 (the logging HOWTO's own way, under Optimization)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.captureWarnings(True)
    _catch_crashes()


class OnlyOurs(logging.Formatter):
    """Writes the fields of our own lines as JSON; of any other line who, how grave, and where it went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if record.name == "werkzeug":
            return record.getMessage()
        told = getattr(record, "amanah", None) or _of_others(record)
        return orjson.dumps({field: told[field] for field in FIELDS if field in told}).decode()


def _begin() -> None:
    g.request_id = secrets.token_hex(4)
    g.begun = time.monotonic()


def _end(response: Response) -> Response:
    took = time.monotonic() - g.get("begun", time.monotonic())
    told = {
        "event": "request",
        "route": request.endpoint or "",
        "method": request.method if request.method in METHODS else "other",
        "status": response.status_code,
        "took": next((name for most, name in BUCKETS if took < most), "10 s or more"),
        "id": g.get("request_id", ""),
        "version": _version(),
    }
    LOG.info("request", extra={"amanah": told})
    # A page that a browser keeps must not keep with it what a line of ours could be found by.
    if response.cache_control.no_store:
        response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _of_others(record: logging.LogRecord) -> Mapping[str, object]:
    error = record.exc_info[1] if record.exc_info else None
    told = {"event": "said", "logger": record.name, "level": record.levelname}
    return told | (_told(error) if error else {})


def _told(error: BaseException) -> dict[str, str]:
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = " < ".join(f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in frames)
    return {"error": type(error).__name__, "places": places}


def _is_banner(record: logging.LogRecord) -> bool:
    return record.getMessage().removeprefix("\x1b[31m\x1b[1m").startswith(BANNER)


def _catch_crashes() -> None:
    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        LOG.error("crash", extra={"amanah": {"event": "crash"} | _told(error)})

    sys.excepthook = crashed
    threading.excepthook = lambda told: crashed(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)
    sys.unraisablehook = lambda told: crashed(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)


@cache
def _version() -> str:
    told = Path(__file__).parents[1] / "pyproject.toml"
    return str(tomllib.loads(told.read_text("utf-8"))["project"]["version"])
