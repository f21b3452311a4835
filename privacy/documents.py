"""Canonical JSON: one spelling for each document, so that both languages seal the same bytes. Guesses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from errors import EnvelopeError


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document with sorted ASCII keys, no spaces, UTF-8; text, whole numbers, true/false, lists and objects only.

    Raises EnvelopeError for anything else.
    """
    _check(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_canonical(data: bytes) -> dict[str, Any]:
    """The document in these bytes. Raises EnvelopeError unless writing it again gives the same bytes."""
    try:
        document = json.loads(data)
        if isinstance(document, dict) and canonical(document) == data:
            return document
    except (ValueError, RecursionError):
        pass
    raise EnvelopeError("This is not a canonical document.")


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise EnvelopeError("A document's names are ASCII text.")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif not isinstance(value, str | int):
        raise EnvelopeError("A document holds text, whole numbers, lists and objects only.")
