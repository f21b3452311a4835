"""What differs between two versions of a study beside its items: settings, groups, parts, scales, hierarchies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from instruments.comparing.item_differences import Difference, Matter, in_words, worded
from instruments.model import Block, Hierarchy, Instrument, Level, Part, Scale

SETTINGS: Mapping[str, Matter] = {
    "format": "settings", "study": "settings", "version": "settings", "languages": "languages",
    "consent_route": "settings", "minor_consent": "settings", "cut_off_days": "settings", "sheet_version": "settings",
    "waves": "settings", "wave": "settings", "easy_read_version": "settings",
}  # fmt: skip
Named = Mapping[str, Any]


def study_differences(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    """What differs beside the items. Words in the languages `passed_over` are not compared."""
    for name, kind in SETTINGS.items():
        yield from _plain("study", kind, name, getattr(old, name), getattr(new, name))
    yield from worded("study", "title", old.title, new.title, passed_over)
    yield from worded("study", "sheet_version", old.sheets, new.sheets, {*passed_over, new.languages[0]})
    for one in fields(old.release):
        yield from _plain(
            "study", "settings", f"release.{one.name}", getattr(old.release, one.name), getattr(new.release, one.name)
        )
    yield from _groups(old, new, passed_over)
    yield from _parts(old, new, passed_over)
    yield from _scales(old, new, passed_over)
    yield from _hierarchies(old, new, passed_over)


def _plain(about: str, kind: Matter, what: str, old: Any, new: Any, breaks: str = "") -> Iterator[Difference]:
    if old != new:
        yield Difference(about, kind, what, in_words(old), in_words(new), "", breaks)


def _come_and_gone(about: str, kind: Matter, old: Named, new: Named) -> Iterator[Difference]:
    """What is there in one version only, and whether what is there in both stands in another order."""
    yield from (Difference(f"{about} {name}", "removed", "", name, "") for name in old if name not in new)
    yield from (Difference(f"{about} {name}", "added", "", "", name) for name in new if name not in old)
    before, after = ([name for name in one if name in other] for one, other in ((old, new), (new, old)))
    yield from _plain("study", kind, f"order: {about}", tuple(before), tuple(after))


def _groups(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = ({group.name: group for group in one.groups} for one in (old, new))
    yield from _come_and_gone("group", "groups", before, after)
    for name in [name for name in after if name in before]:
        one, other = before[name], after[name]
        yield from worded(f"group {name}", "title", one.title, other.title, passed_over)
        for what in ("minimum_age", "maximum_age"):
            yield from _plain(f"group {name}", "groups", what, getattr(one, what), getattr(other, what))


def _parts(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = ({_key(one.parts, place): part for place, part in enumerate(one.parts)} for one in (old, new))
    yield from _come_and_gone("part", "settings", before, after)
    for name in [name for name in after if name in before]:
        one, other = before[name], after[name]
        yield from worded(f"part {name}", "title", one.title, other.title, passed_over)
        yield from _plain(f"part {name}", "groups", "groups", one.groups, other.groups)
        yield from _blocks(one.blocks, other.blocks, passed_over)


def _key(parts: Sequence[Part], place: int) -> str:
    """A part's name; with a number from its second on, as several may have one name."""
    name = parts[place].name
    number = 1 + sum(part.name == name for part in parts[:place])
    return name if number == 1 else f"{name} {number}"


def _blocks(old: tuple[Block, ...], new: tuple[Block, ...], passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = ({block.name: block for block in blocks} for blocks in (old, new))
    yield from _come_and_gone("block", "settings", before, after)
    for name in [name for name in after if name in before]:
        one, other = before[name], after[name]
        yield from worded(f"block {name}", "title", one.title, other.title, passed_over)
        yield from _plain(f"block {name}", "settings", "on one screen", one.together, other.together)


SCALE_BREAKS = {
    "group": "it describes another group",
    "items": "its mean is taken over other items",
    "reverse": "other items count the other way in it",
    "minimum_answered": "it needs another number of answers",
    "direction": "what is high in it changed",
    "parent": "it belongs to another scale",
}


def _scales(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = ({scale.name: scale for scale in one.scales} for one in (old, new))
    yield from _come_and_gone("scale", "scale", before, after)
    for name in [name for name in after if name in before]:
        yield from _scale(before[name], after[name], passed_over)


def _scale(old: Scale, new: Scale, passed_over: Collection[str]) -> Iterator[Difference]:
    about = f"scale {new.name}"
    yield from worded(about, "title", old.title, new.title, passed_over)
    for what, reason in SCALE_BREAKS.items():
        yield from _plain(about, "scale", what, getattr(old, what), getattr(new, what), reason)


def _hierarchies(old: Instrument, new: Instrument, passed_over: Collection[str]) -> Iterator[Difference]:
    before, after = ({one.name: one for one in version.hierarchies} for version in (old, new))
    yield from _come_and_gone("hierarchy", "hierarchy", before, after)
    for name in [name for name in after if name in before]:
        yield from _hierarchy(before[name], after[name], passed_over)


def _hierarchy(old: Hierarchy, new: Hierarchy, passed_over: Collection[str]) -> Iterator[Difference]:
    about = f"hierarchy {new.name}"
    yield from _plain(about, "hierarchy", "number of levels", len(old.levels), len(new.levels))
    for number, (one, other) in enumerate(zip(old.levels, new.levels, strict=False), 1):
        reason = f"level {number} takes other answers together"
        yield from _plain(about, "hierarchy", f"level {number}", _told(one), _told(other), reason)
        labels = {category.code: category.label for category in one.categories}
        for category in other.categories:
            if category.code in labels:
                what = f"level {number}, category {category.code}"
                yield from worded(about, what, labels[category.code], category.label, passed_over)


def _told(level: Level) -> str:
    if level.rule != "categories":
        return f"{level.rule} {level.source or ''}".strip()
    return "; ".join(f"{one.code} = {' '.join(one.members)}" for one in level.categories)
