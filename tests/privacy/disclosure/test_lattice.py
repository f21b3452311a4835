"""The levels that are chosen lose least of all that hold: compared with every node, by an oracle written apart."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from privacy.disclosure.criteria import Criteria
from privacy.disclosure.ladder import Ladder, ladder
from privacy.disclosure.lattice import search
from tests.privacy.disclosure import oracle

Columns = Mapping[str, Sequence[Sequence[int]]]


def table(rng: random.Random) -> tuple[Columns, list[int | None]]:
    """A few variables at a few levels, nested or not, missing codes among them, and an answer of each row."""
    people = rng.randint(1, 40)
    columns: dict[str, list[list[int]]] = {}
    for name in "abc"[: rng.randint(1, 3)]:
        made = [[rng.choice([-9, -2, 1, 2, 3, 4, 5]) for _ in range(people)]]
        for _ in range(rng.randint(0, 3)):
            grouped = {value: rng.choice([1, 2, -6]) for value in set(made[-1])}
            made.append([grouped[value] for value in made[-1]])
        columns[name] = made
    # Some tables hold people to whom the question was never put.
    answers = [-1, 1, 2, 3] + [None] * rng.choice([0, 0, 2])
    return columns, [rng.choice(answers) for _ in range(people)]


def ladders(columns: Columns) -> dict[str, Ladder]:
    return {name: ladder([pl.Series(one) for one in made]) for name, made in columns.items()}


def asked(rng: random.Random, kind: str) -> dict[str, object]:
    diverse, t = rng.choice([1.5, 2, 3]), rng.choice([0.2, 0.4, 0.7])
    return {
        "k": rng.randint(1, 6),
        "diverse": diverse if kind in ("distinct", "entropy") else None,
        "kind": "entropy" if kind == "entropy" else "distinct",
        "t": t if kind in ("t", "ordered") else None,
        "ordered": kind == "ordered",
    }


def criteria(told: Mapping[str, object]) -> Criteria:
    return Criteria(
        told["k"],
        {"said": told["diverse"]} if told["diverse"] else {},
        told["kind"],
        {"said": told["t"]} if told["t"] else {},
        frozenset({"said"} if told["ordered"] else ()),
    )


def compare(seed: int, kind: str) -> None:
    rng = random.Random(seed)
    columns, answers = table(rng)
    told, people = asked(rng, kind), len(answers)
    most = rng.choice([0, 0, people // 10, people // 3])
    node = search(
        ladders(columns),
        criteria(told),
        people=people,
        sensitive=pl.DataFrame({"said": answers}),
        most_suppressed=most,
        order=("b", "a", "c"),
    )
    rows = list(zip(*(columns[name][level] for name, level in node.levels.items()), strict=True))
    assert set(range(people)) - set(node.failing) == oracle.survivors(rows, answers=answers, **told)
    best = oracle.best(columns, most, answers=answers, **told)
    assert node.is_within == (best is not None), (seed, kind)
    if best is not None:
        assert len(node.failing) <= most
        assert math.isclose(node.loss, best, abs_tol=1e-6), (seed, kind)
    # Whatever is asked for: who stays is never fewer than k.
    kept = Counter(row for place, row in enumerate(rows) if place not in set(node.failing))
    assert all(size >= told["k"] for size in kept.values())


# Tables on which pruning by entropy l or t, though people may go, would miss the best node.
NOT_MONOTONE = (95, 337, 848, 3_634)
KINDS = ["k", "distinct", "entropy", "t", "ordered"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_chosen_levels_are_the_best_of_all(kind: str) -> None:
    for seed in (*range(30), *NOT_MONOTONE):
        compare(seed, kind)


@pytest.mark.torture
@pytest.mark.parametrize("kind", KINDS)
def test_the_chosen_levels_are_the_best_of_all_in_thousands_of_tables(kind: str) -> None:
    for seed in range(30, 5_000):
        compare(seed, kind)


def test_of_two_equal_choices_the_one_coarser_in_the_studys_order_is_taken() -> None:
    columns = {"a": [[1, 2, 1, 2], [0] * 4], "b": [[1, 1, 2, 2], [0] * 4]}
    for order, coarse in ((("a", "b"), "a"), (("b", "a"), "b")):
        node = search(
            ladders(columns),
            Criteria(2),
            people=4,
            order=order,
        )
        assert [name for name, level in node.levels.items() if level] == [coarse]


def test_fixed_levels_stand() -> None:
    columns = {"a": [[1, 2, 3, 4], [0] * 4], "b": [[1, 1, 2, 2], [0] * 4]}
    node = search(
        ladders(columns),
        Criteria(2),
        people=4,
        fixed={"b": 1},
    )
    assert node.levels == {"a": 1, "b": 1}


def test_a_search_that_would_take_too_long_is_given_up_and_says_so() -> None:
    columns = {"a": [[1, 2, 1, 2], [0] * 4], "b": [[1, 1, 2, 2], [0] * 4]}
    node = search(
        ladders(columns),
        Criteria(2),
        people=4,
        order=("a", "b"),
        most_work=0,
    )
    assert (node.is_best, node.levels, list(node.failing)) == (False, {"a": 1, "b": 0}, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_that_is_given_up_still_holds_and_no_variable_could_be_finer(kind: str) -> None:
    for seed in range(12):
        rng = random.Random(seed)
        columns, answers = table(rng)
        told, people = asked(rng, kind), len(answers)
        node = search(
            ladders(columns), criteria(told), people=people, sensitive=pl.DataFrame({"said": answers}),
            most_suppressed=people // 3, most_work=0,
        )  # fmt: skip
        best = oracle.best(columns, people // 3, answers=answers, **told)
        if best is None:
            assert not node.is_within
            continue
        assert len(node.failing) <= people // 3
        assert node.least <= best + 1e-6
        assert best <= node.loss + 1e-6
        finer = [{**node.levels, name: level - 1} for name, level in node.levels.items() if level]
        assert not any(gone(columns, levels, answers, told) <= people // 3 for levels in finer)


def gone(columns: Columns, levels: Mapping[str, int], answers: list[int | None], told: Mapping[str, object]) -> int:
    rows = list(zip(*(columns[name][level] for name, level in levels.items()), strict=True))
    return len(rows) - len(oracle.survivors(rows, answers=answers, **told))


# Who is alone goes first, and takes answers along: what is far from all answers is near to those that stay. In the
# second table whole answers go, and the order of answers has fewer steps.
ALONE = [
    ([*["x", "y"] * 6, *"zzzzzz"], [0] * 12, frozenset(), 0.2),
    (
        [1] * 35 + [5] * 5 + [9] * 10 + [1] * 5 + [5] * 35 + [9] * 10 + [2, 3],
        [0] * 50 + [1] * 50,
        frozenset(["said"]),
        0.16,
    ),
]


@pytest.mark.parametrize(("said", "classes", "ordered", "t"), ALONE)
def test_who_goes_is_reckoned_with_before_t_rules_a_node_out(
    said: list[object], classes: list[int], ordered: frozenset[str], t: float
) -> None:
    alone = len(said) - len(classes)
    fine = [*classes, *range(10, 10 + alone)]
    node = search(
        ladders({"a": [fine, [0] * len(fine)]}), Criteria(2, t={"said": t}, ordered=ordered), people=len(fine),
        sensitive=pl.DataFrame({"said": said}), most_suppressed=alone,
    )  # fmt: skip
    assert (node.levels, len(node.failing)) == ({"a": 0}, alone)


def test_what_t_forbids_though_people_may_go_leaves_most_of_a_lattice_untried() -> None:
    rng = random.Random(3)
    fine = {name: [rng.randint(1, 4) for _ in range(20_000)] for name in "abcd"}
    columns = {name: [one, [(n + 1) // 2 for n in one], [0] * len(one)] for name, one in fine.items()}
    said = pl.DataFrame({"said": [1 + (one > 2) for one in columns["a"][0]]})
    node = search(
        ladders(columns), Criteria(5, t={"said": 0.2}), people=20_000, sensitive=said, most_suppressed=1_000,
    )  # fmt: skip
    assert (node.levels["a"], node.is_best, node.nodes) == (2, True, 81)
    assert node.looked_at < 20


def test_most_of_a_large_lattice_is_never_looked_at() -> None:
    rng = random.Random(7)
    columns = {
        name: [[rng.randint(1, 6) // (level + 1) for _ in range(400)] for level in range(4)] for name in "abcdef"
    }
    asked: list[int] = []
    node = search(
        ladders(columns),
        Criteria(5),
        people=400,
        most_suppressed=20,
        ask=lambda: asked.append(1),
    )
    assert node.nodes == 4**6
    assert len(asked) >= node.looked_at
    assert node.looked_at < node.nodes / 4
