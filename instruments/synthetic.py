"""Invented people for trials: what they would type into the plain form. Plausible, never real, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from errors import AnswersRefused
from instruments.answers import check_value, is_relevant, offered, read_value, worked_out
from instruments.consent import statements_asked
from instruments.guesses import guesses
from instruments.model import Answers, Instrument, Item, Value
from instruments.numbers import scale_of

SHARE_NOT_ELIGIBLE, SHARE_REFUSING, SHARE_OF_TEXT = 0.04, 0.03, 0.25
SHARE_TO_BE_CONTACTED = 0.2  # of each of the choices after which somebody is written to
TO_BE_CONTACTED = ("o_recontact", "o_results")
SHARE_WITHOUT_DETAILS = 0.1  # of those: they leave the boxes blank, and may
# How often a closed question is answered with each, beside its scale.
SHARE_BLANK, SHARE_DONT_KNOW, SHARE_NOT_SAID = 0.03, 0.07, 0.04
DAY = "2025-12-31"  # as good a last day as any, so that the same seed gives the same people on every day
TRIES = 12  # at an answer that keeps the item's own rule; then one is guessed from the rule
GUESSES = 60  # then it is left blank
MOST_TRIES = TRIES + GUESSES
LONG = 80  # characters of a text in which there is room for a sentence
MANY = 1000  # numbers of a scale; of a longer one a small number is said
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
# Safe ways and times, as people write them.
WAYS = (
    "Text first, evenings only",
    "Email only, please do not call",
    "Call after 6 pm and ask for me, say it is about the library",
    "A letter, in a plain envelope",
    "رسالة نصية فقط، بعد المغرب",
    "صرف ٹیکسٹ کریں، شام کو",
    "শুধু ইমেইল করুন",
)
INITIALS = ("A. K.", "W-07", "R. B.")
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
    """An invented participant: group, language, and typed fields as a form posts them.

    `unanswered`: items for which nothing was found that keeps their rule.
    """

    group: str
    language: str
    typed: Mapping[str, list[str]]
    unanswered: tuple[str, ...] = ()


def synthetic_person(instrument: Instrument, chance: random.Random) -> Person:
    """The next invented person."""
    groups = [group.name for group in instrument.groups]
    group = chance.choices(groups, [GROUP_WEIGHTS.get(name, 1) for name in groups])[0]
    typed, age = _eligibility(instrument, group, chance)
    typed |= _consent(instrument, group, age, chance)
    leaning = chance.gauss(3, 0.9)
    before: dict[str, Value] = {}
    missed: list[str] = []
    visit = ((part.name, item) for part in instrument.visit(group) for block in part.blocks for item in block.items)
    for part, item in visit:
        if _is_said(part, item) and item.name not in typed and is_relevant(item, before):
            said = _allowed(item, before, leaning, chance)
            typed |= {item.name: said} if said else {}
            missed += [item.name] if said is None else []
        value = worked_out(item, before, DAY) if item.kind == "calculate" else _read(item, typed.get(item.name, ()))
        if value is not None and is_relevant(item, before):
            before[item.name] = value
    contact = _contact(instrument, group, before, chance)
    missed += [name for name, said in contact.items() if not said]
    typed |= {name: said for name, said in contact.items() if said}
    return Person(group, instrument.languages[0], typed, tuple(missed))


def _is_said(part: str, item: Item) -> bool:
    # What is not kept may still be needed; consent and contact are answered by themselves.
    is_needed = item.is_kept or item.required or part in ("demographics", "questionnaire")
    return item.is_asked and is_needed and item.kind != "statement" and part != "contact"


def _eligibility(instrument: Instrument, group: str, chance: random.Random) -> tuple[dict[str, list[str]], int | None]:
    asked, outside = instrument.items_of(group, "eligibility"), chance.random() < SHARE_NOT_ELIGIBLE
    if not any(item.is_asked for item in asked):
        return {}, None
    about = instrument.group(group)
    age = chance.choice((15, 26)) if outside else chance.randint(about.minimum_age or 18, about.maximum_age or 80)
    return {item.name: ["1"] if item.kind == "select_one" else [str(age)] for item in asked if item.is_asked}, age


def _consent(instrument: Instrument, group: str, age: int | None, chance: random.Random) -> dict[str, list[str]]:
    asked = statements_asked(instrument, group, age)
    said = {item.name: ["yes" if item.required or _agrees(item.name, chance) else "no"] for item in asked}
    if chance.random() < SHARE_REFUSING:
        required = [item.name for item in asked if item.required]
        said |= {chance.choice(required): ["no"]} if required else {}
    return said


def _agrees(name: str, chance: random.Random) -> bool:
    share = SHARE_TO_BE_CONTACTED if name in TO_BE_CONTACTED else 2 / 3
    return chance.random() < share


def _read(item: Item, typed: Sequence[str]) -> Value | None:
    try:
        return read_value(item, typed)
    except AnswersRefused:
        return None


def _allowed(item: Item, before: Answers, leaning: float, chance: random.Random) -> list[str] | None:
    """What a person says to an item and may: invented anew while it breaks the item's rule. None: nothing was found."""
    for _ in range(TRIES):
        typed = _said(item, before, leaning, chance)
        if _may_be_said(item, typed, before):
            return typed
        if not typed and not item.required:
            return []
    return _guessed(item, before, chance)


def _guessed(item: Item, before: Answers, chance: random.Random) -> list[str] | None:
    found = islice(guesses(item, before, DAY, chance), GUESSES)
    return next((typed for typed in found if _may_be_said(item, typed, before)), None)


def _may_be_said(item: Item, typed: Sequence[str], before: Answers) -> bool:
    value = _read(item, typed)
    return value is not None and check_value(item, value, before, DAY) is None


def _said(item: Item, before: Answers, leaning: float, chance: random.Random) -> list[str]:
    if item.kind == "text":
        wanted = item.required or (item.multiline and chance.random() < SHARE_OF_TEXT)
        return [chance.choice(WORDS if item.max_length >= LONG else INITIALS)] if wanted else []
    if item.step and (numbers := scale_of(item.lowest, item.highest, item.step, MANY)):
        return [chance.choice(numbers)]
    if item.kind in ("integer", "decimal"):
        return [str(chance.randint(0, 9))]
    if item.kind == "date":
        return [f"{chance.randint(2015, 2025)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"]
    scale = [choice.code for choice in offered(item, before) if not choice.aside]
    aside = [choice.code for choice in item.choices if choice.aside]
    roll = chance.random()
    if roll < SHARE_BLANK or not scale:
        return []
    if item.kind == "rank":
        return chance.sample(scale, len(scale))
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
    if chance.random() < 0.4:
        return [none]
    return sorted(chance.sample(kinds, min(chance.choice((1, 1, 2)), len(kinds)))) or [none]


def _contact(instrument: Instrument, group: str, before: Answers, chance: random.Random) -> dict[str, list[str] | None]:
    asked = [item for item in instrument.items_of(group, "contact") if item.is_asked and is_relevant(item, before)]
    if chance.random() < SHARE_WITHOUT_DETAILS and not any(item.required for item in asked):
        return {}
    number = chance.randrange(1000)
    made_up = {
        "v_phone": f"07700 900{number:03d}",
        "v_email": f"person{number}@example.org",
        "v_contact_how": chance.choice(WAYS),
    }
    said = {item.name: [made_up.get(item.name, f"Person {number}")] for item in asked}
    return {
        item.name: said[item.name] if _may_be_said(item, said[item.name], before) else _guessed(item, before, chance)
        for item in asked
    }
