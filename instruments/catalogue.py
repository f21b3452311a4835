"""Load a study from its folder, check it, describe it, and read back an instrument that was stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from errors import InstrumentError, Problem
from instruments.compile import compile_study
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
from instruments.risk_words import risk_words_in
from instruments.settings import StudySettings, load_settings, read_toml
from instruments.xlsform import read_forms


@dataclass(frozen=True)
class StudyDefinition:
    """A study as its folder tells it."""

    instrument: Instrument
    settings: StudySettings
    folder: Path


def load_study(folder: Path) -> StudyDefinition:
    """The study in this folder. Raises InstrumentError with every problem found."""
    told = read_toml(folder)
    return StudyDefinition(
        compile_study(told, read_forms(folder, [part["form"] for part in told["parts"]])), load_settings(folder), folder
    )


def check_study(folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a study's folder; empty when it can be used."""
    try:
        load_study(folder)
    except InstrumentError as error:
        return error.problems
    return ()


def doubts_about(instrument: Instrument) -> tuple[str, ...]:
    """Items whose words hint at one person's own risk (rule R4): a person must look at each."""
    items = (
        item for part in instrument.parts for block in part.blocks for item in block.items if item.kept == "research"
    )
    return tuple(
        f"{item.name}: a person must review this item, because of the words {', '.join(found)} (rule R4)"
        for item in items
        if (found := risk_words_in(_words_of(item, instrument.languages[0])))
    )


def describe(instrument: Instrument) -> str:
    """The study in lines of text: groups, parts, items with their privacy class."""
    lines = [f"{instrument.study} {instrument.version}  {instrument.digest}"]
    for group in instrument.groups:
        lines.append(f"\n{group.name}: {group.title.in_language(instrument.languages[0])}")
        for part in instrument.visit(group.name):
            lines.append(f"  {part.name}")
            lines += [
                _line(item, instrument.languages[0])
                for block in part.blocks
                for item in block.items
                if item.kind != "note"
            ]
    return "\n".join(lines)


def instrument_from_canonical(data: bytes) -> Instrument:
    """The instrument in its canonical JSON, with the same digest. Raises InstrumentError."""
    try:
        instrument = _made(Instrument, json.loads(data))
        if isinstance(instrument, Instrument) and instrument.canonical == data:
            return instrument
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise InstrumentError((Problem("instrument", "this is not a stored instrument of a known version"),))


def _words_of(item: Item, language: str) -> str:
    shown = [item.label, *([item.hint] if item.hint else []), *(choice.label for choice in item.choices)]
    return "\n".join(text.in_language(language) for text in shown)


def _line(item: Item, language: str) -> str:
    kept = item.kept if item.kept == "nowhere" else f"{item.kept}, {item.privacy}"
    return f"    {item.name:<18} {item.kind:<16} {kept:<22} {item.label.in_language(language)[:70]}"


# Which class the objects of a field are, where they are not plain.
_CLASSES: dict[str, type] = {
    "title": Text, "label": Text, "hint": Text, "constraint_message": Text, "guidance": Text,
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
