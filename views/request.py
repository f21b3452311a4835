"""Requests are read in memory and within limits: nothing that a person sends is ever spooled to a temporary file."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, abort, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from views.limits import LARGEST_BODY, LONGEST_ADDRESS, MOST_FIELDS, MOST_HEADERS, MOST_PARTS


class CountingParser(FormDataParser):
    """Reads a form of no more than so many fields. What it may weigh in all, the app's settings say."""

    def _parse_urlencoded(self, stream: IO[bytes], *told: Any) -> Any:
        data = stream.read()
        if data.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        return super()._parse_urlencoded(BytesIO(data), *told)


class MemoryRequest(Request):
    """A request whose uploads stay in memory, within the app's MAX_CONTENT_LENGTH."""

    form_data_parser_class = CountingParser

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def limit(app: Flask) -> None:
    """Read requests of this app within limits, whatever the server before it lets through."""
    app.request_class = MemoryRequest
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY, MAX_FORM_PARTS=MOST_PARTS)
    # No address is quietly turned into another: a page is where it is.
    app.url_map.merge_slashes = False
    app.before_request(_refuse_long_heads)


def _refuse_long_heads() -> None:
    if len(request.environ.get("RAW_URI") or request.full_path) > LONGEST_ADDRESS:
        abort(414)
    if len(request.headers) > MOST_HEADERS:
        abort(431)
