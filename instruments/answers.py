"""The one definition of what an answer may be: read what was typed, settle a record, check a settled record again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from errors import AnswersRefused
from instruments.expressions import fold_digits, holds
from instruments.hierarchies import as_value, coarsen
from instruments.model import (
    BLANK,
    NOT_APPLICABLE,
    Answers,
    Hierarchy,
    Instrument,
    Item,
    Value,
)

# What a field says when it refuses; forms/ translates these sentences.
SENTENCES = {
    "one": "Please choose one answer.",
    "offered": "Please choose one of the answers offered.",
    "number": "Please type a whole number.",
    "long": "Please make this shorter.",
    "alone": "This answer cannot be chosen with another one.",
    "rule": "Please check this answer.",
}
ALONE = {-1, -2}


def read_value(item: Item, typed: Sequence[str]) -> Value | None:
    """What was typed, as a value; None when nothing was. Raises AnswersRefused with a sentence."""
    said = [text for text in (_clean(item, one) for one in typed) if text]
    if not said:
        return None
    if item.kind == "select_multiple":
        return _several(item, [part for text in said for part in text.split()])
    # A number field and its "Prefer not to say" share one name; the choice wins over what was typed.
    aside = [text for text in said if any(choice.code == text and choice.aside for choice in item.choices)]
    if len(set(said)) > 1 and not aside:
        raise AnswersRefused(SENTENCES["one"])
    return _single(item, aside[0] if aside else said[0])


def is_relevant(item: Item, answers: Answers) -> bool:
    """Whether the item is asked, given the other answers."""
    return holds(item.relevant, answers)


def check_value(item: Item, value: Value, answers: Answers) -> str | None:
    """Why the item's constraint refuses this value, in English; None when it holds."""
    if holds(item.constraint, answers, value):
        return None
    return item.constraint_message.in_language("en") if item.constraint_message else SENTENCES["rule"]


def settle(instrument: Instrument, group: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The research record's answers: -8 where an item was routed past, -9 where it was left blank, age as its band."""
    items = instrument.research_items(group)
    kept = _without_routed_past(items, values)
    return {item.name: _settled(instrument, item, kept) for item in items}


def problems_of(instrument: Instrument, group: str, answers: Answers) -> tuple[str, ...]:
    """What is wrong with a settled record, one sentence each. Names the variable, never what was said."""
    items = {item.name: item for item in instrument.research_items(group)}
    strangers = tuple(f"{name} is not asked of this group" for name in answers if name not in items)
    missing = tuple(f"{name} is missing" for name in items if name not in answers)
    return strangers + missing + tuple(_faults(instrument, items, answers))


def _clean(item: Item, text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\t", " ")
    kept = "".join(one for one in text if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs"))
    if not item.multiline:
        kept = kept.replace("\n", " ")
    return kept.strip() if item.kind == "text" else fold_digits(kept).strip()


def _single(item: Item, text: str) -> Value:
    if item.kind == "text":
        return _checked_text(item, text)
    if item.kind == "integer" and text not in _codes(item):
        # Numbers below zero stand for what is missing, so nobody can type one.
        if not re.fullmatch("[0-9]{1,9}", text):
            raise AnswersRefused(SENTENCES["number"])
        return int(text)
    if text not in _codes(item):
        raise AnswersRefused(SENTENCES["offered"])
    return text if item.kind == "statement" else int(text)


def _checked_text(item: Item, text: str) -> Value:
    if item.uppercase:
        text = text.upper()
    if text in _codes(item):
        return int(text)
    if len(text) > item.max_length:
        raise AnswersRefused(SENTENCES["long"])
    return text


def _several(item: Item, said: Sequence[str]) -> Value:
    if not set(said) <= _codes(item):
        raise AnswersRefused(SENTENCES["offered"])
    codes = tuple(sorted({int(code) for code in said}))
    if len(codes) > 1 and ALONE & set(codes):
        raise AnswersRefused(SENTENCES["alone"])
    return codes


def _without_routed_past(items: Sequence[Item], values: Mapping[str, Value]) -> dict[str, Value]:
    # In the visit's order: an answer that is dropped here no longer leads to the questions that hang on it.
    kept = dict(values)
    for item in items:
        if item.name in kept and not is_relevant(item, kept):
            del kept[item.name]
    return kept


def _settled(instrument: Instrument, item: Item, values: Mapping[str, Value]) -> Value:
    if not is_relevant(item, values):
        return NOT_APPLICABLE
    if item.name not in values:
        return BLANK
    value = values[item.name]
    if item.hierarchy and item.stored_level:
        return coarsen(instrument.hierarchy(item.hierarchy), item.stored_level, value, values)
    return value


def _faults(instrument: Instrument, items: Mapping[str, Item], answers: Answers) -> Iterator[str]:
    # What was left blank or routed past reads as not answered in the rules of other items.
    said = {name: value for name, value in answers.items() if value not in (BLANK, NOT_APPLICABLE)}
    for name, item in items.items():
        value = answers.get(name, BLANK)
        if is_relevant(item, said) == (value == NOT_APPLICABLE):
            yield f"{name} does not follow the routing"
        elif name in said and not _is_allowed(instrument, item, value, said):
            yield f"{name} has a value that was never offered"


def _is_allowed(instrument: Instrument, item: Item, value: Value, said: Answers) -> bool:
    if isinstance(value, tuple):
        return item.kind == "select_multiple" and _are_offered(item, value) and holds(item.constraint, said, value)
    if type(value) is int and str(value) in _codes(item):
        return item.kind != "select_multiple"
    if item.kind == "integer" and item.stored_level and item.hierarchy:
        return value in _stored_codes(instrument.hierarchy(item.hierarchy), item.stored_level)
    if item.kind == "integer":
        return type(value) is int and value >= 0 and holds(item.constraint, said, value)
    fits = item.kind == "text" and isinstance(value, str) and len(value) <= item.max_length
    return fits and holds(item.constraint, said, value)


def _are_offered(item: Item, codes: tuple[int, ...]) -> bool:
    known = all(type(code) is int for code in codes) and {str(code) for code in codes} <= _codes(item)
    return bool(codes) and known and list(codes) == sorted(set(codes)) and (len(codes) == 1 or not ALONE & set(codes))


def _codes(item: Item) -> set[str]:
    return {choice.code for choice in item.choices}


def _stored_codes(hierarchy: Hierarchy, level: int) -> set[Value]:
    return {as_value(category.code) for category in hierarchy.levels[level - 1].categories}
