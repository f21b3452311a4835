"""A specification as TOML text. What is written reads back as the same specification."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from release.specification import Specification, settings_of

BARE = re.compile("[A-Za-z0-9_-]+")


def to_toml(ordered: Specification) -> str:
    """The text, its plain keys first, then a table a key that has one value a variable."""
    told = settings_of(ordered)
    plain = {name: value for name, value in told.items() if not isinstance(value, Mapping)}
    return "\n".join([*_lines(plain), *_tables(told)]) + "\n"


def _tables(told: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_lines(value))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name if BARE.fullmatch(name) else _text(name)} = {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(words: str) -> str:
    """JSON and TOML escape alike, but for the one sign that only TOML wants escaped."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
