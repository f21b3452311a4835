"""Many records at once are checked as one by one: nothing that is wrong is passed, whatever somebody sealed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bench.sealed import values_of
from instruments.answers import problems_of, settle
from instruments.checking import check_records
from instruments.model import Instrument
from instruments.synthetic import synthetic_person

GROUPS = ("young_person", "police_officer", "community_leader")
STRANGE: list[Any] = [
    0, 1, 2, 6, -1, -2, -6, -7, -8, -9, 99, True, False, "", "1", "x" * 2_000, (), (1, 2), (1, 4), (-1, 2), (True,),
    (1, 1), ("1",), [], [1], {}, {"a": 1}, 10**12, ((1,),),
]  # fmt: skip


def invented(instrument: Instrument, chance: random.Random) -> tuple[str, dict[str, Any]]:
    person = synthetic_person(instrument, chance)
    return person.group, dict(settle(instrument, person.group, values_of(instrument, person)))


def said(instrument: Instrument, group: str, answers: dict[str, Any]) -> tuple[str, ...] | None:
    try:
        return problems_of(instrument, group, answers)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


@pytest.mark.parametrize("seed", range(6))
def test_what_is_wrong_with_each_is_what_is_said_of_it_alone(instrument: Instrument, seed: int) -> None:
    chance = random.Random(seed)
    people: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for _ in range(60):
        group, answers = invented(instrument, chance)
        for _ in range(chance.choice([0, 0, 1, 2])):
            name = chance.choice(sorted(answers))
            change = chance.choice(["value", "value", "value", "gone", "more"])
            if change == "gone":
                del answers[name]
            else:
                answers[name if change == "value" else f"{name}_x"] = chance.choice(STRANGE)
        people[group].append(answers)
    for group, records in people.items():
        assert check_records(instrument, group, records) == [said(instrument, group, one) for one in records]
