"""One answer of a site, unpacked within a bound, and why a browser might read it otherwise. Judges nothing it says."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message

import brotli

MIB = 1024 * 1024
LARGEST = 16 * MIB  # bytes of one answer, packed or not; ours are far smaller
# The whole header: what two readers could understand in two ways does not match.
TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(; ?charset=utf-8)?", re.I)
ONCE = ("Content-Type", "Content-Encoding")


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked; `own_address` is the address that the site saw, unless something stands between.

    `unread` says why the body is not what a browser would have; it is empty where it is.
    """

    status: int
    headers: Message
    body: bytes
    own_address: str
    unread: str = field(default="")

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get_content_type()

    @property
    def faults(self) -> list[str]:
        """Why a browser might see something else here. Nobody can vouch for such an answer."""
        twice = [f"{name} is said twice" for name in ONCE if len(self.headers.get_all(name, [])) > 1]
        return [*filter(None, [self.unread]), *twice, *_letters(self)]


def unpacked(data: bytes, way: str) -> tuple[bytes, str]:
    """The body, at most LARGEST of it, and what is wrong with how it was packed (else nothing)."""
    if way not in ("", "identity", *READERS):
        return data, f"packed as {way!r}, which is not looked into"
    try:
        body, ends = READERS[way](data) if data and way in READERS else (data, True)
    except (zlib.error, brotli.error):
        return data, f"said to be packed as {way}, and is not"
    if max(len(body), len(data)) > LARGEST:
        return body[:LARGEST], f"longer than {LARGEST // MIB} MiB, so its end was not looked at"
    return body, "" if ends else f"packed as {way}, and does not end where it should"


def _gunzipped(data: bytes) -> tuple[bytes, bool]:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    body = reader.decompress(data, LARGEST + 1)
    return body, reader.eof and not reader.unused_data


def _unbrotlied(data: bytes) -> tuple[bytes, bool]:
    reader = brotli.Decompressor()
    body = reader.process(data, output_buffer_limit=LARGEST + 1)
    return body, reader.is_finished()


READERS: Mapping[str, Callable[[bytes], tuple[bytes, bool]]] = {"gzip": _gunzipped, "br": _unbrotlied}


def _letters(answer: Answer) -> Iterator[str]:
    """A page in other letters than UTF-8 is another page: its tags cannot be seen in it."""
    if not answer.body:
        return
    told = answer.headers.get("Content-Type", "")
    found = TYPE.fullmatch(told)
    if not found:
        yield f"its Content-Type is {told!r}, which is not plainly utf-8"
    elif answer.kind.startswith("text/"):
        if not found[1]:
            yield f"its Content-Type is {told!r}, without charset=utf-8"
        if not _is_utf8(answer.body):
            yield "its bytes are no UTF-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
