"""Other versions of an instrument: one item changed, taken out or put in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from instruments.model import Instrument, Item, Text

Change = Callable[[Item], Item | None]


def english(words: str) -> Text:
    return Text((("en", words),))


def in_english(text: Text, words: str) -> Text:
    """A text that says something else in English, and the same in its other languages."""
    return Text(tuple((language, words if language == "en" else said) for language, said in text.translations))


def with_item(instrument: Instrument, name: str, change: Change) -> Instrument:
    """The instrument with one item changed, or taken out where `change` gives None."""
    return with_items(instrument, name, lambda item: [made] if (made := change(item)) else [])


def with_items(instrument: Instrument, name: str, change: Callable[[Item], list[Item]]) -> Instrument:
    """The instrument with any number of items in the place of one."""

    def changed(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(made for item in items for made in (change(item) if item.name == name else [item]))

    parts = tuple(
        replace(part, blocks=tuple(replace(block, items=changed(block.items)) for block in part.blocks))
        for part in instrument.parts
    )
    return replace(instrument, parts=parts)
