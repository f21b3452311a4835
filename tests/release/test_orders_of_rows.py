"""Whatever is ordered holds in what is written: recomputed from the files alone, by a reader that shares no code."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from dataclasses import replace
from math import exp, log
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import ReleaseError
from instruments.model import Instrument
from release.build import Release, build_release
from release.open_text import Texts, Themed
from release.person import Person
from release.specification import Specification
from tests.conftest import Keys
from tests.release.test_distrust import record, source
from tests.release.test_reading import person
from tests.releases import dataset_of, release_files

ORDER = Specification("team file", ("young_person",), 3, ("csv",), "en")
TRAITS = ("site", "sex", "ethnic_group", "main_activity", "joint_project")
Row = dict[str, str]


def crowd(instrument: Instrument, said: list[dict[str, Any]], **choices: str) -> list[Person]:
    told = dict(record(instrument)["answers"])  # type: ignore[call-overload]  # the record's answers are a mapping
    return [
        replace(
            person(instrument, number), answers=told | answers, choices={"o_archive": "yes"} | choices,
        )
        for number, answers in enumerate(said, 1)
    ]  # fmt: skip


def made(keys: Keys, instrument: Instrument, people: list[Person], texts: Any = None, **order: Any) -> Release:
    whole = replace(ORDER, **order)
    dataset = dataset_of(people, instrument)
    return build_release(source(keys, instrument), dataset, [keys.research], whole, (), texts or Texts())


def written(release: Release) -> list[Row]:
    return list(csv.DictReader(release_files(release)["data.csv"].decode().splitlines()))


def classes(rows: list[Row], checked: tuple[str, ...]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in checked)].append(row)
    return found


answers = st.fixed_dictionaries(
    {
        "site": st.sampled_from([1, 2]), "sex": st.sampled_from([1, 2, -2]), "joint_project": st.just(2),
        "ethnic_group": st.sampled_from([1, 2, 11]), "main_activity": st.sampled_from([1, 4, -9]),
        "mosque_part": st.sampled_from([1, 2, 3]),
    }
)  # fmt: skip
orders = st.fixed_dictionaries(
    {"k": st.integers(1, 6), "largest_suppression": st.sampled_from([0, 5, 60])},
    optional={
        "l": st.sampled_from([{"mosque_part": 2.0}, {"mosque_part": 1.5}]),
        "l_kind": st.sampled_from(["distinct", "entropy"]),
        "t": st.sampled_from([{"mosque_part": 0.2}, {"mosque_part": 0.5}]),
        "local_suppression": st.booleans(), "levels": st.just({"ethnic_group": 1}),
        "highest_levels": st.just({"sex": 0}), "rare": st.just({"ethnic_group": 3}),
    },
)  # fmt: skip


def holds(keys: Keys, instrument: Instrument, said: list[dict[str, Any]], order: dict[str, Any]) -> None:
    release = made(keys, instrument, crowd(instrument, said), **order)
    rows = written(release)
    assert len(rows) + release.left_out == len(said)
    whole = Counter(row["mosque_part"] for row in rows)
    for members in classes(rows, release.checked).values():
        assert len(members) >= order["k"]
        shares = {value: n / len(members) for value, n in Counter(row["mosque_part"] for row in members).items()}
        if "l" in order:
            entropy = exp(-sum(share * log(share) for share in shares.values()))
            diverse = entropy if order.get("l_kind") == "entropy" else len(shares)
            assert diverse >= order["l"]["mosque_part"] - 1e-6
        if "t" in order:
            assert sum(abs(shares.get(v, 0) - n / len(rows)) for v, n in whole.items()) / 2 <= (
                order["t"]["mosque_part"] + 1e-6
            )
    if "highest_levels" in order:
        assert release.levels.get("sex", 0) == 0
    if "levels" in order:
        assert {row["ethnic_group"] for row in rows} <= {"21", "22", "23", "-6"}


@given(st.lists(answers, min_size=1, max_size=40), orders)
@settings(max_examples=10, deadline=None)
def test_no_table_and_no_order_gives_a_release_that_does_not_hold(
    keys: Keys, instrument: Instrument, said: list[dict[str, Any]], order: dict[str, Any]
) -> None:
    holds(keys, instrument, said, order)


@pytest.mark.torture
@given(st.lists(answers, min_size=1, max_size=40), orders)
@settings(max_examples=1_000, deadline=None)
def test_none_of_a_thousand_tables_and_orders_gives_one_either(
    keys: Keys, instrument: Instrument, said: list[dict[str, Any]], order: dict[str, Any]
) -> None:
    holds(keys, instrument, said, order)


def test_a_study_that_lets_most_people_go_is_no_default(keys: Keys, instrument: Instrument) -> None:
    loose = replace(instrument, release=replace(instrument.release, largest_suppression=60))
    people = crowd(loose, [{}] * 6)
    with pytest.raises(ReleaseError, match="The study lets 60 percent of people be left out, and a release at most 30"):
        made(keys, loose, people)
    assert made(keys, loose, people, largest_suppression=30).frame.height == 6


def test_local_suppression_removes_values_and_keeps_people(keys: Keys, instrument: Instrument) -> None:
    said = [{"sex": 1, "site": 1} for _ in range(12)] + [{"sex": 2, "site": 1}] * 2 + [{"sex": -2, "site": 1}]
    fixed = {"levels": {"sex": 0, "site": 0}, "largest_suppression": 20}
    assert made(keys, instrument, crowd(instrument, said), **fixed).left_out == 3
    release = made(keys, instrument, crowd(instrument, said), local_suppression=True, **fixed)
    assert (release.left_out, release.suppressed_cells) == (0, {"sex": 3})
    assert Counter(row["sex"] for row in written(release)) == {"1": 12, "-6": 3}


def test_rare_answers_and_far_numbers_are_recoded(keys: Keys, instrument: Instrument) -> None:
    said = [{"ethnic_group": 11, "main_activity": 1 + n % 4} for n in range(12)] + [{"ethnic_group": 1}] * 2
    coded = {"rare": {"ethnic_group": 3}, "top": {"main_activity": 3}, "bottom": {"main_activity": 2}}
    rows = written(made(keys, instrument, crowd(instrument, said), k=1, **coded))
    assert Counter(row["ethnic_group"] for row in rows) == {"-6": 14}, "two alone would be named by what is removed"
    assert {row["main_activity"] for row in rows} <= {"2", "3", "-9"}
    with pytest.raises(ReleaseError, match="top names age, whose answers are not whole numbers"):
        made(keys, instrument, crowd(instrument, said), top={"age": 20})


def test_only_the_variables_and_versions_that_are_wanted_are_in_it(keys: Keys, instrument: Instrument) -> None:
    people = crowd(instrument, [{}] * 6)
    release = made(keys, instrument, people, variables=("mosque_part", "site"))
    assert release.frame.columns == ["research_id", "site", "mosque_part"]
    assert release.checked == ("site",)
    assert made(keys, instrument, people, instrument_versions=(instrument.version,)).frame.height == 6
    for order, says in (
        ({"variables": ("nothing",)}, "variables names nothing"),
        ({"instrument_versions": ("9",)}, "no version 9"),
        ({"order": ("nothing",)}, "order names nothing"),
        ({"l": {"yp_text_1": 2}}, "l names yp_text_1"),
        ({"highest_levels": {"sex": 7}}, "sex has levels 0 to 1"),
        ({"languages": ("fr",)}, "does not speak fr"),
    ):
        with pytest.raises(ReleaseError, match=says):
            made(keys, instrument, people, **order)


def test_open_text_is_released_as_it_was_reviewed_and_as_people_agreed(keys: Keys, instrument: Instrument) -> None:
    agreed = crowd(instrument, [{"yp_text_1": "marker of Amina"}] * 4, o_quote="yes")
    declined = [replace(one, participant=bytes([90 + n]) * 16, choices={"o_quote": "no"})
                for n, one in enumerate(agreed)]  # fmt: skip
    declined[0] = replace(declined[0], choices={})  # who was never asked did not agree
    people = [*agreed, *declined]
    reviewed = {one.participant: f"reviewed {one.participant[0]}" for one in people[:3] + people[4:]}
    release = made(keys, instrument, people, Texts({"yp_text_1": reviewed}), open_text="reviewed")
    assert Counter(row["yp_text_1"] for row in written(release)) == {
        "reviewed 1": 1, "reviewed 2": 1, "reviewed 3": 1, "-6": 5,
    }  # fmt: skip
    assert "yp_text_1" not in release.withheld
    assert "yp_text_2" in release.withheld
    theme = Themed("yp_text_1__fair", "yp_text_1", "Fairness", {label: True for label in reviewed})
    themes = made(keys, instrument, people, Texts(themes=(theme,)), open_text="themes")
    assert Counter(row["yp_text_1__fair"] for row in written(themes)) == {"1": 7, "-6": 1}
    assert "yp_text_1" in themes.withheld
    with pytest.raises(ReleaseError, match="has been reviewed for this study yet"):
        made(keys, instrument, people, open_text="reviewed")
    assert "yp_text_1" in made(keys, instrument, people, Texts({"yp_text_1": reviewed})).withheld


def test_an_answer_that_nobody_declared_stops_the_release(keys: Keys, instrument: Instrument) -> None:
    with pytest.raises(ReleaseError, match="No privacy class is declared for: smuggled"):
        made(keys, instrument, crowd(instrument, [{"smuggled": 3}] * 6))


def test_nothing_tells_in_which_order_people_came(keys: Keys, instrument: Instrument) -> None:
    people = crowd(instrument, [{"site": 1 + n % 2, "mosque_part": 1 + n % 3} for n in range(24)])
    shuffled = random.Random(5).sample(people, len(people))
    assert release_files(made(keys, instrument, people)) == release_files(made(keys, instrument, shuffled))
