"""Attacks on written releases of a synthetic city, by an intruder who shares no code with the desk.

The intruder knows every trait of everybody in the city and who took part, has every release so far, and reads data.csv.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest

from instruments.hierarchies import coarsen
from instruments.model import Instrument
from release.build import Release, build_release
from release.ledger import Entry
from tests.conftest import TODAY, Keys
from tests.release.test_distrust import source
from tests.release.test_orders_of_rows import ORDER, Row, crowd, made, replace, written
from tests.releases import dataset_of

K, PEOPLE = 5, 120
TRAITS = ("age", "site", "sex", "ethnic_group", "main_activity")
ATTITUDES = ("yp_fair_1", "yp_fair_2", "yp_fair_3", "yp_trust_1", "yp_trust_2", "yp_trust_3", "yp_trust_4")
City = list[dict[str, Any]]


@pytest.fixture(scope="module")
def living() -> City:
    """People of a city. One answer follows the site: a class tells something of it, where that is not forbidden."""
    rng = random.Random(7)
    return [someone(rng, rng.choice([1, 2])) for _ in range(PEOPLE)]


def someone(rng: random.Random, site: int) -> dict[str, Any]:
    ethnic = [1] * 3 + [10] * 6 + [11, 12, 13, 15, 18]
    return {
        "age": rng.randint(16, 25), "site": site, "sex": rng.choice([1, 2]), "ethnic_group": rng.choice(ethnic),
        "main_activity": rng.choice([1, 1, 2, 4, 6]), "mosque_part": rng.choice([1, 1, 1, 2] if site == 1 else [2, 3]),
        **{name: rng.randint(1, 5) for name in ATTITUDES},
    }  # fmt: skip


def traits_as_told(release: Release, instrument: Instrument, person: dict[str, Any]) -> dict[str, str]:
    """How somebody's traits would stand in a release: its codebook tells the levels."""
    names = [name for name in TRAITS if name in release.checked]
    return {
        name: str(coarsen(instrument.hierarchy(name), release.levels.get(name, 0), person[name], person))
        for name in names
    }


def can_be(row: Row, traits: dict[str, str]) -> bool:
    """Whether a row can be somebody with these traits; a value that was removed can be any."""
    return all(row[name] in (value, "-6") for name, value in traits.items())


@pytest.mark.parametrize("order", [{}, {"largest_suppression": 30}, {"local_suppression": True}])
def test_who_knows_everyones_traits_finds_nobody_more_often_than_one_in_k(
    keys: Keys, instrument: Instrument, living: City, order: dict[str, Any]
) -> None:
    release = made(keys, instrument, crowd(instrument, living), k=K, **order)
    rows = written(release)
    assert len(rows) > PEOPLE / 2
    for person in living:
        traits = traits_as_told(release, instrument, person)
        assert sum(can_be(row, traits) for row in rows) not in range(1, K)


def test_an_earlier_release_with_other_traits_helps_nobody(keys: Keys, instrument: Instrument, living: City) -> None:
    people, wanted = crowd(instrument, living), {"k": K, "largest_suppression": 30, "hold_back": True}
    first = made(keys, instrument, people, **wanted, levels={"site": 0, "age": 3, "ethnic_group": 2})
    levels = {name: first.levels.get(name, 0) for name in first.checked}
    entry = Entry("rows", "first", TODAY, frozenset(first.labels), levels)
    ordered = replace(ORDER, purpose="second", **wanted, levels={"site": 1, "age": 1, "sex": 1})
    dataset = dataset_of(people, instrument)
    for known in ((), (entry,)):
        second = build_release(source(keys, instrument), dataset, [keys.research], ordered, known)
        both = joined(written(first), written(second))
        assert len(both) > K, "answers are like a signature: rows are joined though no id is shared"
        told = [(traits_as_told(first, instrument, one), traits_as_told(second, instrument, one)) for one in living]
        found = [sum(can_be(mine, one) and can_be(theirs, two) for mine, theirs in both) for one, two in told]
        # Made as if there had been no release before, the second one would have singled people out.
        assert any(count in range(1, K) for count in found) == (not known)


def joined(first: list[Row], second: list[Row]) -> list[tuple[Row, Row]]:
    """Rows of two releases whose answers are the same, where those are nobody else's."""
    signed: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in first:
        signed[tuple(row[name] for name in ATTITUDES)].append(row)
    assert not {row["research_id"] for row in first} & {row["research_id"] for row in second}
    return [(mine[0], row) for row in second if len(mine := signed[tuple(row[name] for name in ATTITUDES)]) == 1]


def guessed(rows: list[Row], checked: tuple[str, ...]) -> list[Counter[str]]:
    """What each class says of the answer."""
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[tuple(row[name] for name in checked)][row["mosque_part"]] += 1
    return list(found.values())


def of_one_mind(living: City) -> City:
    """The same city, where all of a site give one answer."""
    return [person | {"mosque_part": person["site"]} for person in living]


def test_classes_of_one_answer_are_reported(keys: Keys, instrument: Instrument, living: City) -> None:
    release = made(keys, instrument, crowd(instrument, of_one_mind(living)), k=K, levels={"site": 0})
    sure = [one for one in guessed(written(release), release.checked) if len(one) == 1]
    assert len(sure) == release.uniform["mosque_part"] > 0


@pytest.mark.parametrize("order", [{"l": {"mosque_part": 2}}, {"l": {"mosque_part": 1.8}, "l_kind": "entropy"}])
def test_where_l_is_asked_no_class_gives_an_answer_away(
    keys: Keys, instrument: Instrument, living: City, order: dict[str, Any]
) -> None:
    release = made(keys, instrument, crowd(instrument, of_one_mind(living)), k=K, **order)
    said = guessed(written(release), release.checked)
    assert said
    assert all(len(one) > 1 for one in said)
    assert release.uniform["mosque_part"] == 0


def test_t_bounds_what_a_class_adds_to_what_everybody_knows(keys: Keys, instrument: Instrument, living: City) -> None:
    most = 0.2
    people = crowd(instrument, living)
    without = guessed(written(free := made(keys, instrument, people, k=K, levels={"site": 0})), free.checked)
    within = guessed(written(held := made(keys, instrument, people, k=K, t={"mosque_part": most})), held.checked)
    assert gain(without) > most, "the city's answers follow the site: without t there is something to learn"
    assert 0 <= gain(within) <= most + 1e-9


def gain(said: list[Counter[str]]) -> float:
    """How much surer of an answer a class makes, at most, than the whole table does."""
    whole = sum(said, Counter())
    return max(one[value] / one.total() - whole[value] / whole.total() for one in said for value in whole)


def test_values_are_told_at_one_level_so_that_none_can_be_made_finer(
    keys: Keys, instrument: Instrument, living: City
) -> None:
    # Downcoding (Cohen 2022) reads from a row that is coarser than another that it need not have been so.
    release = made(keys, instrument, crowd(instrument, living), k=K, largest_suppression=30)
    rows = written(release)
    for name in (one for one in TRAITS if one in release.checked):
        vocabulary = {
            str(coarsen(instrument.hierarchy(name), release.levels.get(name, 0), person[name], person))
            for person in living
        }
        assert {row[name] for row in rows} <= vocabulary
    assert release.left_out > 0
    assert "left_out" not in rows[0], "who was left out leaves no row"


def test_rows_stand_in_an_order_of_their_own(keys: Keys, instrument: Instrument, living: City) -> None:
    people = [person | {"yp_fair_1": 1 + 4 * (number >= PEOPLE // 2)} for number, person in enumerate(living)]
    orders = []
    for purpose in ("one", "two"):
        rows = written(made(keys, instrument, crowd(instrument, people), k=1, purpose=purpose))
        orders.append([row["yp_fair_1"] for row in rows])
        late = [place for place, row in enumerate(rows) if row["yp_fair_1"] == "5"]
        assert abs(sum(late) / len(late) - PEOPLE / 2) < PEOPLE / 8
    assert orders[0] != orders[1]
