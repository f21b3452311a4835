"""Static files under an address that names their content, and compression of what anyone may see anyway."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache, lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, request

SMALL = 300  # bytes; less is not worth compressing
TYPES = {"text/html", "text/css", "text/javascript", "application/json", "application/manifest+json", "image/svg+xml"}


@cache
def version_of(folder: Path) -> str:
    """A short digest of every file in a folder, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def compress(app: Flask) -> None:
    """Compress public answers. Never others: beside a secret, the length of a compressed page can tell (BREACH)."""
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    fits = response.status_code == 200 and response.mimetype in TYPES and "Content-Encoding" not in response.headers
    if not fits or not response.cache_control.public:
        return response
    way = request.accept_encodings.best_match(["br", "gzip"])
    if way is None:
        return response
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) >= SMALL:
        response.set_data(_packed(data, way))
        response.headers["Content-Encoding"] = way
        response.headers["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=256)
def _packed(data: bytes, way: str) -> bytes:
    # Public pages and files are few and the same for everybody, so each is packed as small as it goes, once.
    return brotli.compress(data) if way == "br" else gzip.compress(data, 9, mtime=0)
