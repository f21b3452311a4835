"""Answering any form at random, as somebody would who reads the questions: what applies, with what is offered."""

from __future__ import annotations

import random
from collections.abc import Iterable

from errors import AnswersRefused
from instruments.answers import answered, check_value, is_relevant, offered, read_value
from instruments.consent import statements_asked
from instruments.model import Answers, Instrument, Item, Value
from tests.visits import Typed

DATES = ("2019-02-28", "2024-02-29", "2026-11-01", "31/12/2025")
WORDS = ("B15", "a", "M1 2AB", "Listen first.", "مرحبا", "x y z")
TRIES = 12


def typed_at_random(instrument: Instrument, group: str, chance: random.Random, blanks: float = 0.1) -> Typed:
    """What somebody types who agrees to take part; required questions are never left blank."""
    items = [item for part in instrument.visit(group) for block in part.blocks for item in block.items]
    typed: Typed = {item.name: ["yes"] for item in statements_asked(instrument, group, None)}
    values: dict[str, Value] = dict.fromkeys(typed, "yes")
    for item in items:
        said = answered(items, values)
        if not item.is_asked or item.kind == "statement" or not is_relevant(item, said):
            continue
        if item.required or chance.random() >= blanks:
            found = _some_answer(item, said, chance)
            if found:
                typed[item.name], values[item.name] = found
    return typed


def _some_answer(item: Item, said: Answers, chance: random.Random) -> tuple[list[str], Value] | None:
    for _ in range(TRIES):
        texts = list(_texts(item, said, chance))
        try:
            value = read_value(item, texts)
        except AnswersRefused:
            continue
        if value is not None and check_value(item, value, said) is None:
            return texts, value
    return None


def _texts(item: Item, said: Answers, chance: random.Random) -> Iterable[str]:
    codes = [choice.code for choice in offered(item, said) if not choice.aside]
    match item.kind:
        case "select_one":
            return chance.sample(codes, min(1, len(codes)))
        case "select_multiple":
            return chance.sample(codes, chance.randint(0, min(3, len(codes))))
        case "rank":
            return chance.sample(codes, len(codes))
        case "date":
            return [chance.choice(DATES)]
        case "integer" | "decimal":
            return [str(chance.choice((0, 1, 2, 3, 5, 8, 17, 40)))]
    return [chance.choice(WORDS)]
