"""The quick check of many records says the same of each as the one definition of what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bench.sealed import values_of
from instruments.answers import problems_of, settle
from instruments.catalogue import load_study
from instruments.checking import check_records
from instruments.model import Answers, Instrument
from instruments.reading.starter import write_study
from instruments.synthetic import synthetic_person
from tests.forms import written
from tests.random_forms import some_form

# Codes, bands, what is missing, and what only looks like them: True is 1 to Python.
ODD: tuple[object, ...] = (
    -9, -8, -6, -2, -1, 0, 1, 2, 4, 5, 19, 10**12, True, False, "", "1", "4", "-9", "19", "18-21", "x" * 501, "=1+1",
    "B12 8", "2026-02-30", "2026-02-28", "0.5", (), (1,), (1, 3), (3, 1), (1, 1), (4,), (-2,), (1, -2), (True,), ("1",),
    ([1],), [1], {"a": 1},
)  # fmt: skip


@dataclass(frozen=True)
class Some:
    """Settled records of a form by group, as people give them."""

    instrument: Instrument = field(repr=False)
    records: dict[str, list[Answers]] = field(repr=False)


def some_records(instrument: Instrument, chance: random.Random, people: int) -> Some:
    """Records of invented people."""
    found: dict[str, list[Answers]] = {}
    for _ in range(people):
        person = synthetic_person(instrument, chance)
        settled = settle(instrument, person.group, values_of(instrument, person))
        found.setdefault(person.group, []).append(settled)
    return Some(instrument, found)


def spoilt(answers: Answers, others: Answers, chance: random.Random) -> Answers:
    """The record with an answer or two changed, taken out or put in."""
    made: dict[str, object] = dict(answers)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        name = chance.choice([*answers, "stranger"] if chance.random() < 0.05 else [*answers])
        made[name] = others.get(name, 1) if chance.random() < 0.3 else chance.choice(ODD)
        if chance.random() < 0.05:
            del made[name]
    return made  # type: ignore[return-value]


def defined(instrument: Instrument, group: str, answers: Answers) -> tuple[str, ...] | None:
    """What the definition says; None where these are no answers at all."""
    try:
        return problems_of(instrument, group, answers)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def agrees(some: Some, chance: random.Random) -> bool:
    """Whether both say the same of these records with some spoilt; returns whether anything was wrong at all."""
    is_any_wrong, instrument = False, some.instrument
    for group, ours in some.records.items():
        mixed = [spoilt(one, chance.choice(ours), chance) for one in ours]
        told = [defined(instrument, group, one) for one in mixed]
        assert check_records(instrument, group, mixed) == told
        assert [check_records(instrument, group, [one])[0] for one in mixed[:3]] == told[:3]
        is_any_wrong = is_any_wrong or any(told)
    return is_any_wrong


@pytest.fixture(scope="module")
def people(instrument: Instrument) -> Some:
    return some_records(instrument, random.Random(7), 30)


def test_people_who_took_part_need_no_second_look(
    instrument: Instrument, people: Some, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = people.records.items()
    kept = {group: [one for one in ours if not problems_of(instrument, group, one)] for group, ours in records}
    monkeypatch.setattr("instruments.checking.problems_of", lambda *_: ("looked at one by one",))
    for group, ours in kept.items():
        assert ours
        assert not any(check_records(instrument, group, ours))


@how(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_quick_check_says_what_the_definition_says(people: Some, seed: int) -> None:
    agrees(people, random.Random(seed))


def form_agrees(folder: Path, seed: int) -> bool:
    """Whether both say the same of a random form: filters, rules, calculations, repeats."""
    chance = random.Random(seed)
    form = some_form(chance)
    write_study(written(folder / "form", form.pop("survey"), **form), folder / "study")
    instrument = load_study(folder / "study").instrument
    records = some_records(instrument, chance, 12)
    return any([agrees(records, chance) for _ in range(10)])


@pytest.fixture
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("form")


def test_random_forms_are_checked_the_same(new_folder: Callable[[], Path]) -> None:
    assert sum(form_agrees(new_folder(), seed) for seed in range(4)) > 2


@pytest.mark.torture
def test_hundreds_of_random_forms_are_checked_the_same(new_folder: Callable[[], Path]) -> None:
    assert sum(form_agrees(new_folder(), seed) for seed in range(1_000, 1_400)) > 200
