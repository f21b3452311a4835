"""How much a request may be, in one place: the app, its servers and deploy/ keep to these."""

from __future__ import annotations

from contextlib import suppress

LARGEST_BODY = 1024 * 1024  # bytes; a visit in base64 is smaller (LONGEST_VISIT in instruments/sizes.py)
LARGEST_FORM = 2 * 1024 * 1024  # bytes of an uploaded questionnaire; a larger one is checked at the shell
LARGEST_HEAD = 16 * 1024  # bytes of the request line and all headers
LONGEST_ADDRESS = 2000  # characters, with the query
MOST_HEADERS = 64
MOST_FIELDS = 10_000  # of a form; a questionnaire of 500 questions with repeats stays below it
MOST_PARTS = 1000  # of an upload
MOST_CONNECTIONS = 1000
FILES = 100  # a process's own open files: of its stores for each thread, of what it serves, and some to spare
PATIENCE = 300  # seconds for a whole request to arrive: a megabyte over a bad mobile network
HEAD_PATIENCE = 15  # seconds for its headers, where a thread waits for them


def most_connections() -> int:
    """How many connections this process may take so that it never lacks a file to open: that would end gunicorn's
    worker with all that it is doing."""
    with suppress(ImportError):  # Windows knows no such limit
        import resource

        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if files != resource.RLIM_INFINITY:
            return max(FILES // 4, min(MOST_CONNECTIONS, files - FILES))
    return MOST_CONNECTIONS
