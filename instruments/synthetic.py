"""Invented people for trials: what they would type into the plain form. Plausible, never real, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from instruments.consent import statements_asked
from instruments.expressions import holds
from instruments.model import Instrument, Item, Value

SHARE_NOT_ELIGIBLE, SHARE_REFUSING, SHARE_OF_TEXT, SHARE_WITH_CONTACT = 0.04, 0.03, 0.25, 0.6
# How often a closed question is answered with each, beside its scale.
SHARE_BLANK, SHARE_DONT_KNOW, SHARE_NOT_SAID = 0.03, 0.07, 0.04
GROUP_WEIGHTS = {"young_person": 2}  # others 1
WORDS = (
    "Officers should listen before they decide.",
    "More sport and more time together, not only when something is wrong.",
    "Tell us what was done with what we said.",
    "The youth club does it well: the same two officers come every month.",
    "أن يستمع رجال الشرطة قبل أن يقرروا.",
    "نحتاج إلى لقاءات منتظمة مع الشباب.",
    "پولیس کو نوجوانوں کی بات پہلے سننی چاہیے۔",
    "مل کر کھیل اور تقریبات سے اعتماد بڑھتا ہے۔",
    "পুলিশের উচিত আগে তরুণদের কথা শোনা।",
    "একসাথে কাজ করলে বিশ্বাস বাড়ে।",
)
# Answers that are common in the places this study is about; other items are answered evenly.
WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "ethnic_group": {"10": 8, "11": 30, "12": 20, "14": 6, "15": 2, "16": 12, "18": 10, "8": 4, "19": 4, "1": 3},
    "main_activity": {"1": 30, "2": 25, "3": 6, "4": 28, "5": 7, "6": 2, "7": 2},
    "joint_project": {"1": 25, "2": 75},
    "po_role": {"1": 65, "2": 20, "3": 15},
    "religion": {"6": 80, "1": 6, "2": 10, "7": 2, "8": 2},
}


@dataclass(frozen=True)
class Person:
    """An invented participant: group, language, and typed fields as a form posts them."""

    group: str
    language: str
    typed: Mapping[str, list[str]]


def synthetic_person(instrument: Instrument, chance: random.Random) -> Person:
    """The next invented person."""
    groups = [group.name for group in instrument.groups]
    group = chance.choices(groups, [GROUP_WEIGHTS.get(name, 1) for name in groups])[0]
    typed, age = _eligibility(instrument, group, chance)
    typed |= _consent(instrument, group, age, chance)
    leaning = chance.gauss(3, 0.9)
    for item in instrument.research_items(group):
        if item.name not in typed and _is_asked(item, typed):
            said = _said(item, leaning, chance)
            typed |= {item.name: said} if said else {}
    return Person(group, instrument.languages[0], typed | _contact(instrument, group, typed, chance))


def _eligibility(instrument: Instrument, group: str, chance: random.Random) -> tuple[dict[str, list[str]], int | None]:
    asked, outside = instrument.items_of(group, "eligibility"), chance.random() < SHARE_NOT_ELIGIBLE
    if not any(item.is_asked for item in asked):
        return {}, None
    about = instrument.group(group)
    age = chance.choice((15, 26)) if outside else chance.randint(about.minimum_age or 18, about.maximum_age or 80)
    return {item.name: ["1"] if item.kind == "select_one" else [str(age)] for item in asked if item.is_asked}, age


def _consent(instrument: Instrument, group: str, age: int | None, chance: random.Random) -> dict[str, list[str]]:
    asked = statements_asked(instrument, group, age)
    said = {item.name: ["yes" if item.required else chance.choice(("yes", "yes", "no"))] for item in asked}
    if chance.random() < SHARE_REFUSING:
        said[chance.choice([item.name for item in asked if item.required])] = ["no"]
    return said


def _is_asked(item: Item, typed: Mapping[str, list[str]]) -> bool:
    return holds(item.relevant, {name: _as_value(said) for name, said in typed.items()})


def _as_value(said: Sequence[str]) -> Value:
    return said[0] if len(said) == 1 and not said[0].lstrip("-").isdigit() else tuple(int(one) for one in said)


def _said(item: Item, leaning: float, chance: random.Random) -> list[str]:
    if item.kind == "text":
        wanted = item.multiline and chance.random() < SHARE_OF_TEXT
        return [chance.choice(WORDS)] if wanted else []
    if item.kind == "integer":
        return [str(chance.randint(0, 9))]
    scale = [choice.code for choice in item.choices if not choice.aside]
    aside = [choice.code for choice in item.choices if choice.aside]
    roll = chance.random()
    if roll < SHARE_BLANK:
        return []
    if "-1" in aside and roll < SHARE_BLANK + SHARE_DONT_KNOW:
        return ["-1"]
    if "-2" in aside and roll < SHARE_BLANK + SHARE_DONT_KNOW + SHARE_NOT_SAID:
        return ["-2"]
    if item.kind == "select_multiple":
        return _several(scale, chance)
    return [_one(item, scale, leaning, chance)]


def _one(item: Item, scale: Sequence[str], leaning: float, chance: random.Random) -> str:
    if item.name in WEIGHTS:
        weights = WEIGHTS[item.name]
        return chance.choices(list(weights), list(weights.values()))[0]
    if item.scales or item.referent not in ("own background", "study"):
        centre = 6 - leaning if item.reverse else leaning
        return scale[min(max(round(chance.gauss(centre, 0.9)), 1), len(scale)) - 1]
    return chance.choice(scale)


def _several(scale: Sequence[str], chance: random.Random) -> list[str]:
    *kinds, none = scale
    return [none] if chance.random() < 0.4 else sorted(chance.sample(kinds, chance.choice((1, 1, 2))))


def _contact(
    instrument: Instrument, group: str, typed: Mapping[str, list[str]], chance: random.Random
) -> dict[str, list[str]]:
    asked = [item for item in instrument.items_of(group, "contact") if item.is_asked and _is_asked(item, typed)]
    if chance.random() > SHARE_WITH_CONTACT and not any(item.required for item in asked):
        return {}
    number = chance.randrange(1000)
    made_up = {
        "v_phone": f"07700 900{number:03d}",
        "v_email": f"person{number}@example.org",
        "v_contact_how": "Text first, evenings",
    }
    return {item.name: [made_up.get(item.name, f"Person {number}")] for item in asked}
