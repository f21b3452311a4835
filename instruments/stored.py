"""Read back an instrument that was stored as canonical JSON: the same one, or none. Reads no sheet and checks no study.

Apart from the catalogue, so that a process that only opens records need not load every reader of sheets.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from typing import Any

from errors import InstrumentError, Problem
from instruments.model import (
    Block,
    Category,
    Choice,
    Group,
    Hierarchy,
    Instrument,
    Item,
    Level,
    Part,
    ReleaseDefaults,
    Scale,
    Text,
)


@lru_cache(maxsize=8)
def instrument_from_canonical(data: bytes) -> Instrument:
    """The instrument in its canonical JSON, with the same digest. Raises InstrumentError."""
    try:
        with _nothing_to_collect():
            instrument = _made(Instrument, json.loads(data))
            if isinstance(instrument, Instrument) and instrument.canonical == data:
                return instrument
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise InstrumentError((Problem("instrument", "this is not a stored instrument of a known version"),))


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Tens of thousands of small objects are made, and all stay: to look for garbage among them costs as much again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


# Which class the objects of a field are, where they are not plain.
_CLASSES: dict[str, type] = {
    "title": Text, "sheets": Text, "label": Text, "hint": Text, "constraint_message": Text, "guidance": Text,
    "required_message": Text, "choices": Choice, "groups": Group,
    "parts": Part, "blocks": Block, "items": Item, "scales": Scale, "hierarchies": Hierarchy, "levels": Level,
    "categories": Category, "release": ReleaseDefaults,
}  # fmt: skip


def _made(kind: type, told: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    needed = {field.name for field in fields(kind) if "later" not in field.metadata}
    if not needed <= set(told) <= known:
        raise ValueError("other fields")
    return kind(**{name: _value(_CLASSES.get(name), value) for name, value in told.items()})


def _value(kind: type | None, value: Any) -> Any:
    if kind and isinstance(value, dict):
        return _made(kind, value)
    if isinstance(value, list):
        return tuple(_value(kind if isinstance(inner, dict) else None, inner) for inner in value)
    return value
