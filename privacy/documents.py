"""Canonical JSON: one spelling for each document, so that both languages seal the same bytes. Guesses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from errors import EnvelopeError

WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
SIMPLE: set[type] = {str, int, bool}
SEVERAL: set[type] = {list, dict}
PLAIN = SIMPLE | SEVERAL


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document with sorted ASCII keys, no spaces, UTF-8; text, whole numbers, true/false, lists and objects only.

    Raises EnvelopeError for anything else.
    """
    _check(document)
    return WRITER.encode(document).encode()


def read_canonical(data: bytes) -> dict[str, Any]:
    """The document in these bytes. Raises EnvelopeError unless writing it again gives the same bytes."""
    if (read := _read_quickly(data)) is not None:
        return read
    try:
        document = json.loads(data.decode())
        if isinstance(document, dict) and canonical(document) == data:
            return document
    except (ValueError, RecursionError):
        pass
    raise EnvelopeError("This is not a canonical document.")


def _read_quickly(data: bytes) -> dict[str, Any] | None:
    """The document, where a quicker reader and writer come back to the same bytes. None says nothing about it."""
    try:
        document = orjson.loads(data)
        # Whatever is written as it is and holds nothing but ASCII has no other names.
        if not isinstance(document, dict) or not _is_plain(document, data.isascii()):
            return None
        return document if orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == data else None
    except (ValueError, TypeError, RecursionError):
        return None


def _is_plain(value: dict[str, Any] | list[Any], is_ascii: bool) -> bool:
    """Whether names are ASCII, and nothing but text, whole numbers, lists and objects is in what was read."""
    if not is_ascii and isinstance(value, dict) and not all(map(str.isascii, value)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    kinds = set(map(type, inside))
    if kinds <= SIMPLE:
        return True
    return kinds <= PLAIN and all([_is_plain(one, is_ascii) for one in inside if type(one) in SEVERAL])


def _check(value: object) -> None:
    if isinstance(value, dict | Mapping):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise EnvelopeError("A document's names are ASCII text.")
        for inner in value.values():
            if type(inner) is not str and type(inner) is not int:
                _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif not isinstance(value, str | int):
        raise EnvelopeError("A document holds text, whole numbers, lists and objects only.")
