"""Change what stands inside a zip file and pack it again, with checksums that hold: a reader then looks inside."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from functools import lru_cache
from io import BytesIO
from typing import Any

from bench.fuzz.mutating import Change, as_json, some_bytes, some_values

Members = list[tuple[str, bytes]]
NAMES = ("../a", "/etc/passwd", "a\\b", "", "records.bin", "xl/vbaProject.bin", "instruments/../x.json", "é", "a" * 300)
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def inside(change: Change = some_bytes, compression: int = zipfile.ZIP_DEFLATED) -> Change:
    """The zip with one member changed by `change`, or renamed, doubled, left out, or packed in another way."""

    def changed(chance: random.Random, data: bytes) -> bytes:
        members = members_of(data)
        if not members:
            return some_bytes(chance, data)
        way = chance.choice(PACKED) if chance.random() < 0.05 else compression
        return packed(_changed(chance, members, change), way)

    return changed


def _changed(chance: random.Random, members: Members, change: Change) -> Members:
    at = chance.randrange(len(members))
    name, data = members[at]
    new: list[Members] = [
        [],
        [(name, data)] * 2,
        [(chance.choice(NAMES), data)],
        *[[(name, change(chance, data))]] * 12,
    ]
    return members[:at] + chance.choice(new) + members[at + 1 :]


@lru_cache(maxsize=16)  # most changes start from one of few samples
def members_of(data: bytes) -> Members:
    """What stands in the zip; nothing where these bytes are none. Not to be changed in place."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as opened:
            return [(info.filename, opened.read(info)) for info in opened.infolist() if info.file_size < 1_000_000]
    except Exception:  # zipfile and zlib have many errors
        return []


def packed(members: Members, compression: int) -> bytes:
    """These members as a zip of no time."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", compression) as made:
        for name, data in members:
            # zipfile warns of a name that stands twice, which is just what is wanted here.
            made.NameToInfo.pop(name, None)
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, compression)
    return written.getvalue()


def summed_bundle(chance: random.Random, data: bytes) -> bytes:
    """A bundle with something changed in it whose manifest names the new sums, and renames its instruments."""
    members = [member for member in members_of(data) if member[0] != "manifest.json"]
    manifest = dict(members_of(data)).get("manifest.json", b"{}")
    if not members:
        return some_bytes(chance, data)
    members = _changed(chance, members, _either)
    members = [(_rightly_named(name, data), data) for name, data in members]
    told = _object_in(manifest)
    told["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in members}
    if chance.random() < 0.5:
        told["order"] = [name[12:-5] for name, _ in members if name.startswith("instruments/")]
    written = as_json(told)
    if chance.random() < 0.4:
        written = some_values(chance, written)
    return packed([*members, ("manifest.json", written)], zipfile.ZIP_STORED)


def _object_in(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _either(chance: random.Random, data: bytes) -> bytes:
    return some_values(chance, data) if data[:1] in (b"{", b"[") else some_bytes(chance, data)


def _rightly_named(name: str, data: bytes) -> str:
    return f"instruments/{hashlib.sha256(data).hexdigest()}.json" if name.startswith("instruments/") else name
