"""What the page of one visit tells its script: what to ask, check, settle and seal. The same for everybody; no secret.

The script's half is static/answers.js and static/documents.js.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from fieldwork.documents import CHOICES_THAT_STEER_RELEASES, standing_record
from fieldwork.keeping import length_of
from fieldwork.study import Study
from instruments.consent import attested_fields
from instruments.expressions import needs_functions
from instruments.model import Instrument, Item, Tree, as_value

PARCELS: tuple[tuple[Literal["research", "identity"], str], ...] = (
    ("research", "record"), ("identity", "consent"), ("identity", "contact"), ("identity", "link"),
)  # fmt: skip
# What a person answers on the page; the other parts are read, not answered.
ANSWERED = ("eligibility", "understanding", "consent", "demographics", "questionnaire", "contact")
# Small values that most items share are left out of the plan, and put back by the script.
DEFAULTS: dict[str, Any] = {
    "codes": [], "relevant": None, "constraint": None, "message": "", "required": False, "max_length": 0,
    "multiline": False, "uppercase": False, "stored": None, "kept": "research", "calculation": None, "filter": None,
    "columns": [], "needed": "", "lowest": "", "highest": "", "step": "",
}  # fmt: skip


def plan_of(study: Study, group: str, language: str) -> dict[str, Any]:
    """The plan of a group's visit in a language, as JSON can hold it."""
    instrument = study.instrument
    asked = instrument.group(group)
    return {
        "format": 1,
        "study": study.name,
        "instrument": instrument.digest,
        "version": instrument.version,
        "sheet": instrument.sheet_in(language),
        "group": group,
        "minimum_age": asked.minimum_age,
        "maximum_age": asked.maximum_age,
        "minor_consent": instrument.minor_consent,
        "consent_route": instrument.consent_route,
        "cut_off_days": instrument.cut_off_days,
        "lengths": {kind: length_of(instrument, purpose, kind) for purpose, kind in PARCELS},
        "steering": list(CHOICES_THAT_STEER_RELEASES),
        "record": standing_record(study, language),
        "attested": list(attested_fields(instrument)),
        "walk_in": study.settings.plain_path,
        "functions": uses_functions(instrument, group),
        **({"wave": instrument.wave} if instrument.waves > 1 else {}),
        "defaults": DEFAULTS,
        "items": list(_items(instrument, group, language)),
    }


def uses_functions(instrument: Instrument, group: str) -> bool:
    """Whether a visit of this group has an expression for which the page needs static/functions.js."""
    return any(needs_functions(tree) for tree in _trees(instrument, group))


def _items(instrument: Instrument, group: str, language: str) -> Iterator[dict[str, Any]]:
    for part in instrument.visit(group):
        if part.name in ANSWERED:
            for block in part.blocks:
                told = (item for item in block.items if _has_rules(item))
                yield from (told_of(instrument, item, part.name, block.name, language) for item in told)


def _trees(instrument: Instrument, group: str) -> Iterator[Tree]:
    for part in instrument.visit(group):
        for item in (item for block in part.blocks for item in block.items):
            yield from filter(None, (item.relevant, item.constraint, item.calculation, item.choice_filter))


def _has_rules(item: Item) -> bool:
    """Whether the script has to know of it; a note that is always shown just stands there."""
    return item.is_asked or item.kind == "calculate" or (item.kind == "note" and item.relevant is not None)


def told_of(instrument: Instrument, item: Item, part: str, block: str, language: str) -> dict[str, Any]:
    """What the script is told of one item: how an answer is read, checked and stored."""
    told = {
        "name": item.name,
        "kind": item.kind,
        "part": part,
        "block": block,
        "codes": [choice.code for choice in item.choices],
        "relevant": item.relevant,
        "constraint": item.constraint,
        "message": item.constraint_message.in_language(language) if item.constraint_message else "",
        "required": item.required,
        "max_length": item.max_length,
        "multiline": item.multiline,
        "uppercase": item.uppercase,
        "stored": _stored(instrument, item),
        "kept": item.kept,
        "calculation": item.calculation,
        "filter": item.choice_filter,
        "columns": [dict(choice.columns) for choice in item.choices] if item.choice_filter else [],
        "needed": item.required_message.in_language(language) if item.required_message else "",
        "lowest": item.lowest,
        "highest": item.highest,
        "step": item.step,
    }
    return {name: value for name, value in told.items() if name not in DEFAULTS or value != DEFAULTS[name]}


def _stored(instrument: Instrument, item: Item) -> dict[str, Any] | None:
    """The level at which an answer is stored, where that is coarser than it was given."""
    if not item.hierarchy or not item.stored_level:
        return None
    level = instrument.hierarchy(item.hierarchy).levels[item.stored_level - 1]
    categories = [{"value": as_value(one.code), "members": [*one.members, one.code]} for one in level.categories]
    return {"rule": level.rule, "source": level.source, "categories": categories}
