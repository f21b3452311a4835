"""Invented people answer every form that can be answered, and say where they could not."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest

from instruments.answers import check_value, read_value
from instruments.catalogue import load_study
from instruments.guesses import guesses
from instruments.model import Instrument, Item
from instruments.synthetic import DAY, Person, synthetic_person

RULES = {
    "age": ("integer", ". >= 16 and . <= 99"),
    "even": ("integer", ". mod 2 = 0 and . > 400"),
    "share": ("decimal", ". > 0.25 and . < 0.75"),
    "past": ("date", ". <= today() and . > today() - 30"),
    "later": ("date", ". > today()"),
    "spring": ("date", ". >= date('2021-03-01') and . <= date('2021-05-31')"),
    "phone": ("text", r"regex(., '^(\+?44|0)7[0-9]{3} ?[0-9]{6}$')"),
    "code": ("text", "regex(., '[A-Z]{2}-[0-9]{3,5}')"),
    "long": ("text", "string-length(.) >= 120"),
    "tribe": ("text", ". = 'nobody else'"),
    "three": ("select_multiple c", "count-selected(.) = 3"),
    "with_b": ("select_multiple c", "selected(., 'b') and count-selected(.) > 1"),
    "only": ("select_one c", ". = 'd'"),
    "first": ("rank c", "substr(., 0, 1) = 'c'"),
}


def form(tmp_path: Path, rules: dict[str, tuple[str, str]]) -> Instrument:
    rows = "".join(
        f"| | {kind} | {name} | About {name} | {rule.replace('|', chr(92) + '|')} | yes |\n"
        for name, (kind, rule) in rules.items()
    )
    choices = "".join(f"| | c | {code} | Thing {code} |\n" for code in "abcd")
    text = f"| survey |\n| | type | name | label | constraint | required |\n{rows}| choices |\n"
    path = tmp_path / "form.md"
    path.write_text(f"{text}| | list_name | name | label |\n{choices}| settings |\n| | form_id |\n| | own |\n", "utf-8")
    return load_study(path).instrument


def people(instrument: Instrument, count: int = 20) -> list[Person]:
    chance = random.Random(1)
    return [synthetic_person(instrument, chance) for _ in range(count)]


def test_everything_that_can_be_answered_is_answered_within_its_rule(tmp_path: Path) -> None:
    instrument = form(tmp_path, RULES)
    for person in people(instrument):
        assert person.unanswered == ()
        for name in RULES:
            item = instrument.item(name)
            value = read_value(item, person.typed[name])
            assert value is not None, name
            assert check_value(item, value, {}, DAY) is None, name


def test_what_nobody_can_answer_is_named(tmp_path: Path) -> None:
    instrument = form(tmp_path, {"age": RULES["age"], "never": ("integer", ". > 5 and . < 5")})
    for person in people(instrument):
        assert person.unanswered == ("never",)
        assert "never" not in person.typed


@pytest.mark.parametrize("kind", ["note", "statement", "hidden"])
def test_there_is_nothing_to_guess_where_nobody_answers(instrument: Instrument, kind: str) -> None:
    item = Item("x", kind, instrument.items_of("young_person", "consent")[0].label)  # type: ignore[arg-type]
    assert list(islice(guesses(item, {}, DAY, random.Random(1)), 3)) == []
