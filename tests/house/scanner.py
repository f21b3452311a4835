"""Find marker strings in files, however they were encoded. Proven by a positive control before it is believed."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

DEFLATE_STARTS = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04")


def spellings(marker: str) -> set[bytes]:
    """The marker as UTF-8, UTF-16, hexadecimal, percent-encoded and base64 (at every alignment)."""
    plain = {marker.encode(), marker.encode("utf-16-le"), marker.encode("utf-16-be")}
    hexadecimal = {binascii.hexlify(one) for one in plain}
    quoted = {"".join(f"%{byte:02X}" for byte in marker.encode()).encode()}
    return plain | hexadecimal | {one.upper() for one in hexadecimal} | quoted | set(_base64(plain))


def _base64(plain: Iterable[bytes]) -> Iterator[bytes]:
    for one in plain:
        for shift in range(3):
            # The symbols at either end also depend on the neighbours, so only the middle is looked for.
            encoded = base64.b64encode(b"\0" * shift + one).rstrip(b"=")
            yield encoded[4 if shift else 0 : -1]
            yield base64.urlsafe_b64encode(b"\0" * shift + one).rstrip(b"=")[4 if shift else 0 : -1]


def found_in(data: bytes, markers: Iterable[str]) -> set[str]:
    """The markers that stand in these bytes, or in anything deflated inside them."""
    wholes = [data, *_inflated(data)]
    return {
        marker for marker in markers if any(spelling in whole for spelling in spellings(marker) for whole in wholes)
    }


def _inflated(data: bytes) -> Iterator[bytes]:
    for start in DEFLATE_STARTS.finditer(data):
        yield from _inflate(data, start.start())


def _inflate(data: bytes, offset: int) -> Iterator[bytes]:
    if data[offset : offset + 2] == b"PK":
        name, extra = (int.from_bytes(data[offset + at : offset + at + 2], "little") for at in (26, 28))
        starts = [(offset + 30 + name + extra, -zlib.MAX_WBITS)]
    else:
        starts = [(offset, zlib.MAX_WBITS | 32)]
    for start, window in starts:
        try:
            yield zlib.decompressobj(window).decompress(data[start:], 4_000_000)
        except zlib.error:
            continue


def files_with(folder: Path, markers: Iterable[str]) -> dict[str, set[str]]:
    """Every file under the folder that holds a marker, with the markers it holds. File names are searched too."""
    wanted = list(markers)
    found = {}
    for path in sorted(folder.rglob("*")):
        held = found_in(path.name.encode() + b"\n" + (path.read_bytes() if path.is_file() else b""), wanted)
        if held:
            found[str(path.relative_to(folder))] = held
    return found


def bytes_in_files(folder: Path, secrets: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Which of these secrets, by their names, stand in which files below the folder: raw, in hexadecimal or base64."""
    looked_for = {
        name: {secret, binascii.hexlify(secret), binascii.hexlify(secret).upper(), *_base64([secret])}
        for name, secret in secrets.items()
    }
    found = {
        path.name: {name for name, forms in looked_for.items() if any(form in path.read_bytes() for form in forms)}
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: names for name, names in found.items() if names}
