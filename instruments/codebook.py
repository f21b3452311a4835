"""The codebook: what every variable and code means, how private it is, and how it can be made coarser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from instruments.model import (
    BLANK,
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_IN_VERSION,
    NOT_SAID,
    REMOVED,
    Hierarchy,
    Instrument,
    Item,
    Level,
)

MISSING_LABELS = {
    DONT_KNOW: "Don't know",
    NOT_SAID: "Prefer not to say",
    REMOVED: "Removed by the team to protect someone's identity",
    NOT_IN_VERSION: "Not asked in this version of the questionnaire",
    NOT_APPLICABLE: "Not applicable (routed past)",
    BLANK: "Left blank",
}
SET_BY_SOFTWARE = (REMOVED, NOT_APPLICABLE, BLANK)


def variables(instrument: Instrument, groups: Sequence[str]) -> tuple[Item, ...]:
    """Every variable of these groups' records: what the software recorded, then what was asked, in order."""
    recorded = [
        item for part in instrument.parts if part.name == "recorded" for block in part.blocks for item in block.items
    ]
    asked = [item for group in groups for item in instrument.research_items(group)]
    return tuple({item.name: item for item in recorded + asked}.values())


def codebook_rows(instrument: Instrument, groups: Sequence[str], language: str) -> list[dict[str, str]]:
    """One row a variable: name, label, groups, type, codes, privacy class, levels, scale, reverse, referent."""
    return [codebook_row(instrument, item, groups, language) for item in variables(instrument, groups)]


def codebook_row(instrument: Instrument, item: Item, groups: Sequence[str], language: str) -> dict[str, str]:
    """The row of one variable."""
    return {
        "variable": item.name,
        "label": item.label.in_language(language),
        "groups": " ".join(group for group in groups if group in item.on_for),
        "type": item.kind,
        "codes": " | ".join(_codes(item, language)),
        "privacy": item.privacy,
        "special_category": "yes" if item.special_category else "no",
        "levels": " | ".join(_levels(instrument, item, language)),
        "scale": " ".join(item.scales),
        "reverse": "yes" if item.reverse else "no",
        "about": item.referent or "",
    }


def _codes(item: Item, language: str) -> Iterator[str]:
    yield from (f"{choice.code} = {choice.label.in_language(language)}" for choice in item.choices)
    if item.is_asked:
        own = {choice.code for choice in item.choices}
        yield from (f"{code} = {MISSING_LABELS[code]}" for code in SET_BY_SOFTWARE if str(code) not in own)


def _levels(instrument: Instrument, item: Item, language: str) -> Iterator[str]:
    hierarchy: Hierarchy | None = instrument.hierarchy(item.hierarchy) if item.hierarchy else None
    for number, level in enumerate(hierarchy.levels if hierarchy else (), 1):
        yield f"level {number}: {level_in_words(level, language)}"


def level_in_words(level: Level, language: str) -> str:
    """What a level of coarsening does."""
    if level.rule == "categories":
        return ", ".join(f"{category.code} = {category.label.in_language(language)}" for category in level.categories)
    return {
        "suppressed": f"{REMOVED} for everyone",
        "first_word": "the part before the space",
        "copy": f"taken from {level.source}",
        "year": "the year",
        "quarter": "the quarter of the year",
    }[level.rule]
