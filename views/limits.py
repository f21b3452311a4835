"""How much a request may be, in one place: the app, its servers and deploy/ keep to these."""

from __future__ import annotations

LARGEST_BODY = 1024 * 1024  # bytes; a visit in base64 is smaller (LONGEST_VISIT in instruments/sizes.py)
LARGEST_FORM = 2 * 1024 * 1024  # bytes of an uploaded questionnaire; a larger one is checked at the shell
LARGEST_HEAD = 16 * 1024  # bytes of the request line and all headers
LONGEST_ADDRESS = 2000  # characters, with the query
MOST_HEADERS = 64
MOST_FIELDS = 10_000  # of a form; a questionnaire of 500 questions with repeats stays below it
MOST_PARTS = 1000  # of an upload
MOST_CONNECTIONS = 1000
PATIENCE = 300  # seconds for a whole request to arrive: a megabyte over a bad mobile network
HEAD_PATIENCE = 15  # seconds for its headers, where a thread waits for them
