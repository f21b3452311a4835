"""Change valid bytes a little, so that most of what comes out gets past a reader's first check.

Chance is handed in: the same seed makes the same bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

Change = Callable[[random.Random, bytes], bytes]
LARGEST = 100_000  # bytes of one input; a change that makes more is cut
# What has broken readers before: other encodings, ends of texts, signs of other formats, numbers at their limits.
NASTY = (
    b"", b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\r\n", b"\r", b"\n",
    b"\t", "\u202e\u2066".encode(), "\u0301".encode() * 40, "\u2028".encode(), "\U0001f600".encode(), "٣".encode(),
    b"'", b'"', b"\\", b"\\u0000", b"\\ud800", b"%00", b"%s%n", b"{{7*7}}", b"${7*7}", b"../../etc/passwd",
    b"' or 1=1 --", b"<script>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"=1+1", b"@SUM(1)", b"-1", b"0",
    b"1e999", b"NaN", b"Infinity", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"(" * 300, b"true", b"null",
    b"a" * 30_000,
)  # fmt: skip
VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 2**63, 10**400, 0.5, float("nan"), float("inf"), "", "a", "0", "\0", "\ud800", "é",
    "a" * 5000, [], {}, [[]], [None], {"": None}, ["a"] * 50,
)  # fmt: skip
SIZES = (b"\0", b"\x01", b"\x7f", b"\x80", b"\xff", b"\0\0", b"\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")


def some_bytes(chance: random.Random, data: bytes) -> bytes:
    """The data with a few of its bytes flipped, cut, doubled, moved, or with something nasty in between."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        chance.choice(DEEDS)(chance, changed)
    return bytes(changed[:LARGEST])


def _flip(chance: random.Random, data: bytearray) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _set(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    told = chance.choice(SIZES)
    data[at : at + len(told)] = told


def _cut(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 1, 2, 4, 16, 100, len(data)))]


def _double(chance: random.Random, data: bytearray) -> None:
    at, length = _place(chance, data), chance.choice((1, 2, 4, 16, 100))
    data[at:at] = data[at : at + length] * chance.choice((1, 1, 2, 20))


def _move(chance: random.Random, data: bytearray) -> None:
    at, to, length = _place(chance, data), _place(chance, data), chance.choice((1, 2, 4, 16, 100))
    data[to : to + length] = data[at : at + length]


def _insert(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    data[at:at] = chance.choice(NASTY)


def _place(chance: random.Random, data: bytearray) -> int:
    return chance.randrange(len(data) + 1)


DEEDS: tuple[Callable[[random.Random, bytearray], None], ...] = (_flip, _flip, _set, _cut, _double, _move, _insert)


def some_words(words: Sequence[bytes], apart: bytes) -> Change:
    """The data with some of its parts, which stand `apart`, exchanged, left out, doubled or written with `words`."""

    def change(chance: random.Random, data: bytes) -> bytes:
        parts = data.split(apart)
        for _ in range(chance.choice((1, 1, 2, 3))):
            at = chance.randrange(len(parts))
            other = parts[chance.randrange(len(parts))]
            new = chance.choice(([], [other], [parts[at]] * 2, [chance.choice(words)], [chance.choice(NASTY)]))
            parts[at : at + 1] = new or [b""]
        return apart.join(parts)[:LARGEST]

    return change


def some_values(chance: random.Random, data: bytes) -> bytes:
    """JSON with another value somewhere in it, or a name more or less; written as canonical JSON is."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return some_bytes(chance, data)
    for _ in range(chance.choice((1, 1, 2))):
        told = changed_value(chance, told)
    return as_json(told)


def as_json(told: object) -> bytes:
    """JSON as a document of ours is written; a lone surrogate as its escape, which JSON allows."""
    try:
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (UnicodeEncodeError, TypeError):
        return json.dumps(told, separators=(",", ":")).encode()


def changed_value(chance: random.Random, told: Any) -> Any:
    """The value with one change, at any depth."""
    if isinstance(told, dict) and told and chance.random() < 0.9:
        return _changed_object(chance, dict(told))
    if isinstance(told, list) and told and chance.random() < 0.9:
        at = chance.randrange(len(told))
        new = chance.choice(([], [told[at]] * 2, [changed_value(chance, told[at])]))
        return [*told[:at], *new, *told[at + 1 :]]
    if isinstance(told, str) and chance.random() < 0.7:
        return some_bytes(chance, told.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
    return chance.choice(VALUES)


def _changed_object(chance: random.Random, told: dict[str, Any]) -> dict[str, Any]:
    name = chance.choice(sorted(told))
    deed = chance.randrange(8)
    if deed == 0:
        del told[name]
    elif deed == 1:
        told[chance.choice(("", "a", "é", "\0", name + " ", "__class__"))] = told[name]
    else:
        told[name] = changed_value(chance, told[name])
    return told
