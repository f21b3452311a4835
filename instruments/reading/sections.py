"""The parts of `study.toml` that become part of the instrument: scales, hierarchies, release defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from instruments.model import Category, Hierarchy, Item, Level, ReleaseDefaults, Scale, Text

# Makes a text of words as settings give them.
Texts = Callable[[Any], Text]


def scales_of(told: Sequence[Mapping[str, Any]], items: Mapping[str, Item], text: Texts) -> tuple[Scale, ...]:
    """The scales, each with the items whose sheets name it."""
    return tuple(_scale(one, [item for item in items.values() if one["name"] in item.scales], text) for one in told)


def hierarchies_of(told: Mapping[str, Sequence[Mapping[str, Any]]], text: Texts) -> tuple[Hierarchy, ...]:
    """How each variable is made coarser."""
    return tuple(
        Hierarchy(name, tuple(_level(level, text) for level in levels)) for name, levels in sorted(told.items())
    )


def release_of(told: Mapping[str, Any]) -> ReleaseDefaults:
    """How releases are made by default."""
    coarsening, diversity = tuple(told["coarsening"]), tuple(told["diversity"])
    return ReleaseDefaults(told["k"], told["largest_suppression"], told["minimum_cell"], coarsening, diversity)


def _scale(told: Mapping[str, Any], items: Sequence[Item], text: Texts) -> Scale:
    return Scale(
        name=told["name"],
        group=told["group"],
        title=text(told["title"]),
        items=tuple(item.name for item in items),
        reverse=tuple(item.name for item in items if item.reverse),
        minimum_answered=told["minimum_answered"],
        direction=told["direction"],
        parent=told.get("parent"),
    )


def _level(told: Mapping[str, Any], text: Texts) -> Level:
    categories = tuple(
        Category(one["code"], text(one["label"]), tuple(one["members"].split())) for one in told.get("categories", ())
    )
    return Level(told.get("rule", "categories"), categories, told.get("source"))
