"""Requests are read in memory only: nothing that a person sends is ever spooled to a temporary file."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Request


class MemoryRequest(Request):
    """A request whose uploads stay in memory, within the app's MAX_CONTENT_LENGTH."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
